// SPDX-License-Identifier: GPL-3.0-or-later
#include <QtTest>

#include "../../support/pt_builder.h"
#include "base/error.h"
#include "formats/pickle_reader.h"
#include "formats/pt_file.h"
#include "formats/zip_directory.h"

using namespace dw;
namespace pickle = dw::test::pickle;

namespace {

formats::Pickle read(const std::string& bytes) {
  return formats::readPickle(std::as_bytes(std::span(bytes)), "test.pt");
}

std::string refusal(const std::string& bytes) {
  try {
    read(bytes);
  } catch (const Error& error) {
    return error.what();
  }
  return {};
}

}  // namespace

class TestPickleReader : public QObject {
  Q_OBJECT

 private Q_SLOTS:
  void readsPlainContainers() {
    const auto p = read(pickle::whole("}(" + pickle::text("a") + pickle::number(-5) + pickle::text("b") +
                                      "](K\x07M\x01\x02" + "e" + pickle::text("c") + "N\x88\x86u"));
    const auto& root = p[p.root];
    QCOMPARE(root.kind, formats::PickleNode::Kind::Dict);
    QCOMPARE(p[*p.find(root, "a")].integer, std::int64_t{-5});
    QCOMPARE(p[p[*p.find(root, "b")].items[1]].integer, std::int64_t{513});
    QCOMPARE(p[*p.find(root, "c")].items.size(), std::size_t{2});
    QVERIFY(!p.find(root, "d"));
  }

  void readsNegativeLongsAndDoubles() {
    QCOMPARE(read(std::string("\x80\x02\x8a\x02\x00\xff.", 7)).nodes[0].integer, std::int64_t{-256});
    QCOMPARE(read(std::string("\x80\x02G\x3f\xf8\0\0\0\0\0\0.", 12)).nodes[0].number, 1.5);
  }

  void refusesEveryOtherGlobal_data() {
    QTest::addColumn<QString>("module");
    QTest::addColumn<QString>("name");
    for (const auto& [m, n] : {std::pair{"os", "system"},
                               {"builtins", "eval"},
                               {"torch", "load"},
                               {"numpy.core.multiarray", "_reconstruct"},
                               {"torch._utils", "_rebuild_tensor"}}) {
      QTest::newRow(n) << QString::fromLatin1(m) << QString::fromLatin1(n);
    }
  }
  void refusesEveryOtherGlobal() {
    QFETCH(QString, module);
    QFETCH(QString, name);
    const auto m = module.toStdString(), n = name.toStdString();
    QVERIFY(refusal(pickle::whole(pickle::global(m, n) + "(" + pickle::text("touch pwned") + "tR")).find(m + "." + n) !=
            std::string::npos);
    const std::string stacked =
        "\x80\x04\x8c" + test::little(m.size(), 1) + m + "\x8c" + test::little(n.size(), 1) + n + "\x93.";
    QVERIFY(refusal(stacked).find(m + "." + n) != std::string::npos);
  }

  void refusesOtherOpcodes() {
    int accepted = 0;
    for (int op = 0; op < 256; ++op) {
      const std::string known = "N\x88\x89JKM\x8aGXTU\x8c\x8d()]}\x85\x86\x87teaqrhj\x80\x95suc\x93QRb.\x94";
      if (known.find(static_cast<char>(op)) != std::string::npos) continue;
      const auto sentence = refusal(pickle::whole(std::string("N") + static_cast<char>(op)));
      if (sentence.find("instruction") == std::string::npos) ++accepted;
    }
    QCOMPARE(accepted, 0);
  }

  void everyCutIsRefused() {
    const auto good = pickle::whole("}" + pickle::text("latents") +
                                    pickle::tensor("HalfStorage", "0", 8, 0, {2, 1, 2, 2}, {4, 4, 2, 1}) + "s");
    QVERIFY(refusal(good).empty());
    for (std::size_t n = 0; n < good.size(); ++n)
      QVERIFY2(!refusal(good.substr(0, n)).empty(), qPrintable(QString::number(n)));
  }

  void everyChangedByteIsHarmless() {
    const auto good = pickle::whole("}" + pickle::text("latents") +
                                    pickle::tensor("HalfStorage", "0", 8, 0, {2, 1, 2, 2}, {4, 4, 2, 1}) + "s");
    for (std::size_t n = 0; n < good.size(); ++n) {
      for (int value = 0; value < 256; ++value) {
        auto bad = good;
        bad[n] = static_cast<char>(value);
        refusal(bad);  // anything but a crash or a foreign exception
      }
    }
  }

  void hugeCountsAllocateNothing() {
    QVERIFY(!refusal("\x80\x02X" + test::little(0xFFFFFFF0U, 4) + "ab.").empty());
    QVERIFY(!refusal(std::string("\x80\x02\x8d\xff\xff\xff\xff\xff\xff\xff\x7f.", 12)).empty());
  }

  void zipDirectoryIsChecked() {
    QTemporaryDir folder;
    const auto path = std::filesystem::path(folder.path().toStdString()) / "a.zip";
    const auto good = test::zipOf({{"a/data.pkl", "hello"}, {"a/data/0", std::string(100, 'x')}});
    test::writeFile(path, good);
    const auto entries = formats::readZipDirectory(ReadFile(path));
    QCOMPARE(entries.size(), std::size_t{2});
    QCOMPARE(formats::readZipEntry(ReadFile(path), entries[0], 100).size(), std::size_t{5});
    int opened = 0;
    for (std::size_t n = 0; n < good.size(); ++n) {
      auto bad = good.substr(0, n);
      test::writeFile(path, bad);
      QVERIFY_EXCEPTION_THROWN(formats::readZipDirectory(ReadFile(path)), Error);
      bad = good;
      bad[n] = static_cast<char>(~bad[n]);
      test::writeFile(path, bad);
      try {
        for (const auto& entry : formats::readZipDirectory(ReadFile(path)))
          formats::readZipEntry(ReadFile(path), entry, 1000);
        ++opened;  // bytes that nothing depends on: dates, attributes
      } catch (const Error&) {
      }
    }
    QVERIFY(opened < static_cast<int>(good.size()) / 2);
  }

  void arithmeticNeverOverflows() {
    const std::int64_t big = std::int64_t{1} << 62;
    formats::ArrayLayout layout{formats::NumberType::Float64, false, 0, {big, 4, 2}, {8, 2, 1}};
    QVERIFY_EXCEPTION_THROWN(formats::checkInside(layout, 0, 1000, "x", "it"), Error);
    layout.shape = {2, 2};
    layout.strides = {big, big};
    QVERIFY_EXCEPTION_THROWN(formats::checkInside(layout, 0, 1000, "x", "it"), Error);
    layout.strides = {2, 1};
    layout.byteOffset = ~std::uint64_t{0} - 8;
    QVERIFY_EXCEPTION_THROWN(formats::checkInside(layout, 0, 1000, "x", "it"), Error);
    layout.byteOffset = 968;
    formats::checkInside(layout, 0, 1000, "x", "it");
    QVERIFY_EXCEPTION_THROWN(formats::checkInside(layout, 0, 999, "x", "it"), Error);
  }
};

QTEST_APPLESS_MAIN(TestPickleReader)
#include "tst_pickle_reader.moc"
