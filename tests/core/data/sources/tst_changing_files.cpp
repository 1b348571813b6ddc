// SPDX-License-Identifier: GPL-3.0-or-later
// Covers: latent_source
// Files that shrink, change, are replaced or vanish while they are open, for every format that is read where it lies.
// HDF5 in chunks: tst_h5_chunks.
#include <QTemporaryDir>
#include <QtTest>

#include <fstream>

#include "../../../support/h5_builder.h"
#include "../../../support/pt_builder.h"
#include "base/error.h"
#include "data/latent_source.h"
#include "data/sources/open_source.h"

using namespace dw;
using namespace dw::data;
using namespace dw::data::sources;
using namespace dw::data::sources;
namespace pickle = dw::test::pickle;

namespace {

constexpr std::int64_t kSamples = 50, kSize = 3 * 4 * 4;

std::vector<float> numbers(float first) {
  std::vector<float> values(kSamples * kSize);
  for (std::size_t i = 0; i < values.size(); ++i) values[i] = first + static_cast<float>(i % 100);
  return values;
}

std::string raw(float first) {
  const auto values = numbers(first);
  return {reinterpret_cast<const char*>(values.data()), values.size() * sizeof(float)};
}

std::string npy(float first) { return test::npyHead("<f4", "50, 3, 4, 4") + raw(first); }

void write(const std::filesystem::path& path, float first) {
  const auto ending = path.extension();
  if (ending == ".h5") return test::writeH5(path, {{.shape = {50, 3, 4, 4}}}, numbers(first));
  if (ending == ".npy") return test::writeFile(path, npy(first));
  if (ending == ".npz") return test::writeFile(path, test::zipOf({{"latents.npy", npy(first)}}));
  if (ending == ".pt") {
    const auto entry = pickle::text("latents") +
                       pickle::tensor("FloatStorage", "0", kSamples * kSize, 0, {50, 3, 4, 4}, {48, 16, 4, 1});
    return test::writeFile(
        path, test::zipOf({{"archive/data.pkl", pickle::whole("}(" + entry + "u")}, {"archive/data/0", raw(first)}}));
  }
  if (ending == ".safetensors") {
    const std::string text = R"({"latents":{"dtype":"F32","shape":[50,3,4,4],"data_offsets":[0,9600]}})";
    return test::writeFile(path, test::little(text.size(), 8) + text + raw(first));
  }
  test::writeFile(path, std::string("\0\0\x08\x03\0\0\0\x32\0\0\0\x04\0\0\0\x04", 16) +
                            std::string(kSamples * 16, static_cast<char>(first)));
}

float valueOf(const LatentSource& source, std::int64_t sample) {
  const std::int64_t crop = 0;
  std::vector<float> out(static_cast<std::size_t>(source.info().sampleSize()));
  source.read({&sample, 1}, {&crop, 1}, out);
  return out[0];
}

std::string failure(const LatentSource& source, std::int64_t sample) {
  try {
    valueOf(source, sample);
  } catch (const Error& e) {
    return e.what();
  }
  return {};
}

}  // namespace

class TestChangingFiles : public QObject {
  Q_OBJECT

  QTemporaryDir folder_;
  std::filesystem::path path() const {
    QFETCH(QString, name);
    return std::filesystem::path(folder_.path().toStdString()) / name.toStdString();
  }
  void formats() const {
    QTest::addColumn<QString>("name");
    for (const char* name : {"a.h5", "a.npy", "a.npz", "a.pt", "a.safetensors", "a-images-idx3-ubyte"})
      QTest::newRow(name) << QString::fromLatin1(name);
  }

 private Q_SLOTS:
  void shrinking_data() { formats(); }
  void shrinking() {
    write(path(), 1.0F);
    const auto source = openSource(path());
    std::filesystem::resize_file(path(), std::filesystem::file_size(path()) / 2);
    QVERIFY(!failure(*source, kSamples - 1).empty());
  }

  void changing_data() { formats(); }
  void changing() {
    write(path(), 1.0F);
    const auto source = openSource(path());
    QVERIFY(failure(*source, 0).empty());
    std::fstream(path(), std::ios::in | std::ios::out | std::ios::binary).seekp(-1, std::ios::end).put('x');
    QTRY_VERIFY_WITH_TIMEOUT(failure(*source, 1).find("written to while it was open") != std::string::npos, 20'000);
    QVERIFY(!failure(*source, 1).empty());  // and it stays so
    QVERIFY(failure(*openSource(path()), 1).empty());
  }

  void vanishingAndReplacing_data() { formats(); }
  void vanishingAndReplacing() {
    write(path(), 1.0F);
    const auto source = openSource(path());
    const auto before = valueOf(*source, 3);
    auto other = path();
    other.replace_filename("b" + path().filename().string().substr(1));
    write(other, 9.0F);
    std::filesystem::rename(other, path());
    QTest::qSleep(1100);  // over the time between two looks
    QCOMPARE(valueOf(*source, 3), before);
    std::filesystem::remove(path());
    QCOMPARE(valueOf(*source, 3), before);
  }
};

QTEST_GUILESS_MAIN(TestChangingFiles)
#include "tst_changing_files.moc"
