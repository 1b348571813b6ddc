// SPDX-License-Identifier: GPL-3.0-or-later
// Covers: latent_source
#include <QtTest>

#include "golden/interop/interop_cases.h"

/// Every dataset file of the golden interop folder: $DWB_GOLDEN, else the part that lies in tests/golden.
class TestInterop : public QObject {
  Q_OBJECT

 private Q_SLOTS:
  void everyFile() {
    const char* asked = std::getenv("DWB_GOLDEN");
    const auto folder = std::filesystem::path(asked != nullptr ? asked : DWB_SOURCE_DIR "/tests/golden") / "interop";
    if (!std::filesystem::exists(folder / "files.json"))
      QFAIL("no interop/files.json: set DWB_GOLDEN to a golden folder");
    int passed = 0, failed = 0;
    for (const auto& outcome : dw::golden::runInterop(folder)) {
      if (!outcome.pass) qWarning("interop/%s: %s", outcome.file.c_str(), outcome.detail.c_str());
      QVERIFY2(!outcome.detail.empty(), outcome.file.c_str());
      ++(outcome.pass ? passed : failed);
    }
    qInfo("%d passed, %d failed", passed, failed);
    QCOMPARE(failed, 0);
    QVERIFY(passed > 0);
  }
};

QTEST_APPLESS_MAIN(TestInterop)
#include "tst_interop.moc"
