// SPDX-License-Identifier: GPL-3.0-or-later
// Covers: atomic_file, file, file_lock, sha256
#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

#include <QTemporaryDir>
#include <QTest>
#include <array>
#include <chrono>
#include <fstream>
#include <thread>

#include "base/atomic_file.h"
#include "base/error.h"
#include "base/file.h"
#include "base/file_lock.h"
#include "base/sha256.h"

using namespace dw;
namespace fs = std::filesystem;

class TestFiles : public QObject {
  Q_OBJECT

  QTemporaryDir folder_;
  fs::path path(const char* name) const { return fs::path(folder_.path().toStdString()) / name; }

 private Q_SLOTS:
  void readsAtAnyOffset() {
    std::ofstream(path("a")) << "0123456789";
    const ReadFile file(path("a"));
    std::array<char, 4> text{};
    file.read(3, std::as_writable_bytes(std::span(text)));
    QCOMPARE(std::string(text.begin(), text.end()), std::string("3456"));
    QCOMPARE(file.readSome(8, std::as_writable_bytes(std::span(text))), std::size_t{2});
  }

  void ofAnEndlessSentenceTheMiddleIsLeftOut() {
    std::string name;
    for (int i = 0; i < 3000; ++i) name += "\xC3\xA9";  // two bytes each, of which none may stay alone
    const Error error(ErrorKind::BadData, path("d"), "begin " + name + " end");
    const std::string text = error.what();
    QVERIFY(text.size() < 2200);
    QVERIFY(text.find("begin ") != std::string::npos && text.ends_with(" end"));
    QCOMPARE(QString::fromStdString(text).count(QChar(QChar::ReplacementCharacter)), 0);
    QCOMPARE(std::string(Error(ErrorKind::BadData, "short").what()), std::string("short"));
  }

  void shrunkFileIsAnErrorWithItsByte() {
    std::ofstream(path("b")) << std::string(1000, 'x');
    const ReadFile file(path("b"));
    fs::resize_file(path("b"), 100);
    std::array<char, 200> text{};
    try {
      file.read(50, std::as_writable_bytes(std::span(text)));
      QFAIL("read past the end");
    } catch (const Error& e) {
      QCOMPARE(e.kind(), ErrorKind::BadData);
      QCOMPARE(e.byte().value_or(0), std::uint64_t{100});
    }
  }

  void foldersAndAbsentFilesAreSentences() {
    QVERIFY_THROWS_EXCEPTION(Error, ReadFile(path("absent")));
    try {
      const ReadFile file(fs::path(folder_.path().toStdString()));
      QFAIL("a folder was opened as a file");
    } catch (const Error& e) {
      QVERIFY(std::string(e.what()).find("folder") != std::string::npos);
      QVERIFY(!e.remedy().empty());
    }
  }

  void atomicWriteReplacesWhole() {
    writeFileAtomically(path("c"), std::string_view("one"));
    writeFileAtomically(path("c"), std::string_view("two"));
    QCOMPARE(readTextFile(path("c")), std::string("two"));
    QVERIFY_THROWS_EXCEPTION(Error, writeFileAtomically(path("no/such/folder/c"), std::string_view("x")));
    QVERIFY_THROWS_EXCEPTION(Error, readTextFile(path("c"), 2));
  }

  /// /dev/full answers every write with "no space left on device".
  void fullDiskIsItsOwnKind() {
    if (!fs::exists("/dev/full")) QSKIP("this system has no /dev/full");
    AppendFile full("/dev/full");
    try {
      full.append(std::string("some text"));
      QFAIL("a full disk took the text");
    } catch (const Error& e) {
      QCOMPARE(e.kind(), ErrorKind::DiskFull);
      QVERIFY(!e.remedy().empty());
    }
  }

  void lockKeepsOthersOut() {
    {
      const FileLock mine(path("lock"));
      QVERIFY(isLocked(path("lock")));
      try {
        const FileLock second(path("lock"));
        QFAIL("a second holder was let in");
      } catch (const Error& e) {
        QVERIFY(std::string(e.what()).find("in this program") != std::string::npos);
      }
    }
    QVERIFY(!isLocked(path("lock")));
    const FileLock again(path("lock"));
  }

  /// A reader that loses its core while it looks must not keep a trainer out, however long that lasts.
  void readersAreWaitedFor() {
    { const FileLock makesTheFile(path("read")); }
    const int fd = ::open(path("read").c_str(), O_RDONLY | O_CLOEXEC);
    QVERIFY(::flock(fd, LOCK_SH) == 0);
    const std::jthread reader([fd] {
      std::this_thread::sleep_for(std::chrono::milliseconds(400));
      ::close(fd);
    });
    const FileLock mine(path("read"));
    QVERIFY(isLocked(path("read")));
  }

  /// FIPS 180-4 example "abc".
  void hashKnownAnswer() {
    std::ofstream(path("abc")) << "abc";
    QCOMPARE(sha256OfFile(path("abc")),
             std::string("ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"));
  }
};

QTEST_APPLESS_MAIN(TestFiles)
#include "tst_files.moc"
