// SPDX-License-Identifier: GPL-3.0-or-later
#include <QtTest>

#include <QTemporaryDir>

#include "../../../support/h5_builder.h"
#include "../../../support/pt_builder.h"
#include "base/error.h"
#include "data/latent_source.h"
#include "data/sources/candidates.h"
#include "data/sources/open_source.h"

using namespace dw::data::sources;
using dw::test::writeFile;
using Shape = std::vector<std::int64_t>;

namespace {

std::string npyOf(const std::string& descr, const std::string& shape, std::size_t bytes) {
  return dw::test::npyHead(descr, shape) + std::string(bytes, '\0');
}

std::string safetensorsOf(const std::string& header, std::size_t bytes) {
  return dw::test::little(header.size(), 8) + header + std::string(bytes, '\0');
}

/// "name dtype rank fits|no; ...", by name.
QString inWords(const std::vector<Candidate>& candidates) {
  QStringList words;
  for (const auto& one : candidates) {
    words << QStringLiteral("%1 %2 %3 %4")
                 .arg(QString::fromStdString(one.name), QString::fromStdString(one.dtype))
                 .arg(one.shape.size())
                 .arg(one.fits ? QStringLiteral("fits") : QStringLiteral("no"));
  }
  words.sort();
  return words.join(QStringLiteral("; "));
}

}  // namespace

class TestCandidates : public QObject {
  Q_OBJECT

  QTemporaryDir folder_;
  std::filesystem::path file(const char* name) const {
    return std::filesystem::path(folder_.path().toStdString()) / name;
  }

 private Q_SLOTS:
  void hdf5GroupsAreListedAndEachOpens() {
    const auto path = file("several.h5");
    dw::test::writeH5(path,
                      {{.shape = {5, 2, 3, 4, 4}, .name = "train/x"}, {.shape = {5, 2, 3, 4, 4}, .name = "test/x"}},
                      std::vector<float>(5 * 2 * 3 * 4 * 4, 1.0F));
    QVERIFY_EXCEPTION_THROWN(openSource(path), dw::Error);
    QCOMPARE(inWords(candidatesIn(path)), QStringLiteral("test/x float32 5 fits; train/x float32 5 fits"));
    for (const auto& one : candidatesIn(path))
      QCOMPARE(openSource(path, {.dataset = one.name})->info().samples, std::int64_t{5});
  }

  void npzNamesWhatDoesNotFit() {
    const auto path = file("several.npz");
    writeFile(path, dw::test::zipOf({{"a.npy", npyOf("<f2", "6, 4, 2, 2", 6 * 16 * 2)},
                                     {"b.npy", npyOf("<f4", "6, 3, 2, 2", 6 * 12 * 4)},
                                     {"grey.npy", npyOf("<f4", "6, 8, 8", 6 * 64 * 4)},
                                     {"labels.npy", npyOf("<i8", "6,", 48)},
                                     {"context.npy", npyOf("<f4", "6, 7, 8", 6 * 56 * 4)},
                                     {"objects.npy", npyOf("|O", "6,", 48)}}));
    QCOMPARE(
        inWords(candidatesIn(path)),
        QStringLiteral(
            "a float16 4 fits; b float32 4 fits; context float32 3 no; grey float32 3 fits; labels int64 1 no; objects  0 no"));
    QCOMPARE(openSource(path, {.dataset = "grey", .axes = "BHW"})->info().height, std::int64_t{8});
  }

  void safetensorsToo() {
    const auto path = file("several.safetensors");
    writeFile(path, safetensorsOf(R"({"x":{"dtype":"F16","shape":[2,1,2,2],"data_offsets":[0,16]},)"
                                  R"("y":{"dtype":"I64","shape":[2],"data_offsets":[16,32]}})",
                                  32));
    QCOMPARE(inWords(candidatesIn(path)), QStringLiteral("x float16 4 fits; y int64 1 no"));
    QCOMPARE(candidatesIn(path)[0].shape, (Shape{2, 1, 2, 2}));
  }

  void formatsOfOneArrayOfferNothing() {
    writeFile(file("one.npy"), npyOf("<f4", "2, 1, 2, 2", 32));
    QVERIFY(candidatesIn(file("one.npy")).empty());
    QVERIFY(candidatesIn("demo").empty());
  }
};

QTEST_APPLESS_MAIN(TestCandidates)
#include "tst_candidates.moc"
