// SPDX-License-Identifier: GPL-3.0-or-later
#include <QFile>
#include <QJsonArray>
#include <QJsonDocument>
#include <QJsonObject>
#include <QProcess>
#include <QTemporaryDir>
#include <QTest>
#include <cmath>

#include "../support/dwb_process.h"
#include "../support/pt_builder.h"

namespace {

using Shape = std::vector<std::int64_t>;

/// A float32 array: number i of it is value(i).
std::string npyOf(const Shape& shape, const std::function<float(std::int64_t)>& value) {
  std::string text;
  std::int64_t count = 1;
  for (const auto n : shape) {
    text += std::to_string(n) + ", ";
    count *= n;
  }
  std::string npy = dw::test::npyHead("<f4", text);
  for (std::int64_t i = 0; i < count; ++i) {
    const auto number = value(i);
    npy.append(reinterpret_cast<const char*>(&number), sizeof number);
  }
  return npy;
}

float wave(std::int64_t i) { return static_cast<float>(std::sin(0.37 * static_cast<double>(i))); }

}  // namespace

/// What recipes can ask of the data, end to end through the real dwb: axes, standardised channels, context vectors, samples
/// that are left out.
class TestCliData : public QObject {
  Q_OBJECT

  using Result = dw::test::Result;

  QTemporaryDir home_;
  QString at(const char* name) const { return home_.filePath(QLatin1String(name)); }
  void write(const char* name, const std::string& bytes) const { dw::test::writeFile(at(name).toStdString(), bytes); }

  static Result dwb(const QStringList& arguments) { return dw::test::runDwb(arguments); }
  /// Three steps of a very small model.
  Result train(const char* data, const char* run, const QStringList& settings) const {
    QStringList arguments{QStringLiteral("train"),
                          QStringLiteral("--data"),
                          at(data),
                          QStringLiteral("--run"),
                          at(run),
                          QStringLiteral("--json"),
                          QStringLiteral("--threads"),
                          QStringLiteral("1"),
                          QStringLiteral("--steps"),
                          QStringLiteral("3")};
    for (const auto& one : QStringList{QStringLiteral("train.batch=4"), QStringLiteral("model.dim=16"),
                                       QStringLiteral("model.heads=2"), QStringLiteral("model.mlp_dim=32")} +
                               settings)
      arguments << QStringLiteral("--set") << one;
    return dwb(arguments);
  }
  QJsonObject json(const QString& file) const {
    QFile f(file);
    return f.open(QIODevice::ReadOnly) ? QJsonDocument::fromJson(f.readAll()).object() : QJsonObject();
  }

 private Q_SLOTS:
  void channelsLastTrainLikeChannelsFirst() {
    const auto value = [](std::int64_t b, std::int64_t c, std::int64_t y, std::int64_t x) {
      return wave(((b * 3 + c) * 8 + y) * 8 + x);
    };
    write("first.npy", npyOf({12, 3, 8, 8}, wave));
    write("last.npy",
          npyOf({12, 8, 8, 3}, [&](std::int64_t i) { return value(i / 192, i % 3, i / 24 % 8, i / 3 % 8); }));
    const auto first = train("first.npy", "axes1", {}), last = train("last.npy", "axes2", {});
    QVERIFY2(first.code == 0, first.err);
    QCOMPARE(first.losses().size(), 3);
    QCOMPARE(last.losses(), first.losses());
    QCOMPARE(json(at("axes2/recipe.json"))[QStringLiteral("data")][QStringLiteral("axes")].toString(),
             QStringLiteral("BHWC"));
    const auto turned = train("last.npy", "axes3", {QStringLiteral("data.axes=BWHC")});
    QVERIFY2(turned.code == 0, turned.err);
    QVERIFY(turned.losses() != first.losses());
    const auto wrong = train("last.npy", "axes4", {QStringLiteral("data.axes=BTCHW")});
    QCOMPARE(wrong.code, 2);
    QVERIFY(!QFile::exists(at("axes4")));
  }

  void standardizedFiguresStayWithTheRun() {
    // Data shifted and stretched channel by channel is the same data once it is standardised.
    write("plain.npy", npyOf({12, 2, 8, 8}, wave));
    write("moved.npy",
          npyOf({12, 2, 8, 8}, [](std::int64_t i) { return i / 64 % 2 == 0 ? 4 * wave(i) + 1000 : wave(i) / 8 - 3; }));
    const QStringList wish{QStringLiteral("data.standardize=true")};
    const auto plain = train("plain.npy", "std1", wish), moved = train("moved.npy", "std2", wish);
    QVERIFY2(moved.code == 0, moved.err);
    for (int i = 0; i < 3; ++i) QVERIFY(qAbs(plain.losses()[i] - moved.losses()[i]) < 1e-3);
    QVERIFY(qAbs(train("moved.npy", "std3", {}).losses().value(2) - moved.losses()[2]) >
            qAbs(plain.losses()[2] - moved.losses()[2]));
    const auto inRun = json(at("std2/recipe.json"))[QStringLiteral("data")][QStringLiteral("scale")].toObject();
    const auto inCheckpoint = json(at("std2/checkpoints/step-0000003/state.json"))[QStringLiteral("scale")].toObject();
    QCOMPARE(inRun, inCheckpoint);
    QVERIFY(qAbs(inRun[QStringLiteral("mean")][0].toDouble() - 1000) < 1);
    QVERIFY(qAbs(inRun[QStringLiteral("factor")][1].toDouble() - 8 * std::sqrt(2.0)) < 0.5);
  }

  void contextVectorsReachTheModel() {
    const auto dataset = [](float factor) {
      return dw::test::zipOf(
          {{"latents.npy", npyOf({12, 4, 8, 8}, wave)},
           {"context.npy", npyOf({12, 5, 6}, [=](std::int64_t i) { return factor * wave(7 * i); })}});
    };
    write("c1.npz", dataset(1));
    write("c2.npz", dataset(2));
    const QStringList wish{QStringLiteral("model.ctx_dim=6"), QStringLiteral("model.ctx_size=5")};
    const auto one = train("c1.npz", "ctx1", wish);
    QVERIFY2(one.code == 0, one.err);
    QVERIFY(train("c2.npz", "ctx2", wish).losses().mid(1) != one.losses().mid(1));
    QCOMPARE(train("c1.npz", "ctx3", {}).losses(), train("c2.npz", "ctx4", {}).losses());  // nobody asked for it
    const auto wrong = train("c1.npz", "ctx5", {QStringLiteral("model.ctx_dim=7")});
    QCOMPARE(wrong.code, 2);
    QVERIFY2(wrong.err.contains("model.ctx_dim"), wrong.err);
  }

  void brokenSamplesAreRefusedOrLeftOut() {
    write("nan.npy", npyOf({12, 2, 8, 8}, [](std::int64_t i) { return i == 5 * 128 + 70 ? std::nanf("") : wave(i); }));
    const auto refused = train("nan.npy", "nan1", {});
    QCOMPARE(refused.code, 3);
    QVERIFY2(refused.err.contains("sample 5, crop 0, channel 1"), refused.err);
    const auto skipped = train("nan.npy", "nan2",
                               {QStringLiteral("data.skip_not_finite=true"), QStringLiteral("train.batch=11"),
                                QStringLiteral("data.order=epoch")});
    QVERIFY2(skipped.code == 0, skipped.err);
    const auto seen = dwb({QStringLiteral("inspect"), at("nan.npy"), QStringLiteral("--json")});
    QCOMPARE(seen.code, 3);
    QVERIFY2(seen.err.contains("not finite"), seen.err);
  }
};

QTEST_GUILESS_MAIN(TestCliData)
#include "tst_cli_data.moc"
