// SPDX-License-Identifier: GPL-3.0-or-later
// The whole window with a fake training task on the real demo data.
#include <QAbstractButton>
#include <QAction>
#include <QComboBox>
#include <QDialog>
#include <QDragEnterEvent>
#include <QFile>
#include <QLabel>
#include <QMenuBar>
#include <QMessageBox>
#include <QMimeData>
#include <QSettings>
#include <QSignalSpy>
#include <QStackedWidget>
#include <QStandardPaths>
#include <QTableView>
#include <QTemporaryDir>
#include <QTest>
#include <QUrl>

#include "cards/card_stack.h"
#include "fake_task.h"
#include "formats/safetensors.h"
#include "main_window/main_window.h"
#include "run_folder/run_folder.h"
#include "session/training/recipe_draft.h"
#include "session/training/training_session.h"
#include "theme/theme.h"
#include "weights/weight_file.h"
#include "workbench/workbench.h"

using namespace dw;

class TestMainWindow : public QObject {
  Q_OBJECT

  QTemporaryDir folder_;
  std::atomic<int> saveMs_{0};
  std::atomic<bool> saved_{false};
  std::unique_ptr<theme::Theme> theme_;
  std::unique_ptr<ui::Workbench> workbench_;
  ui::TrainingSession* session_ = nullptr;
  ui::RecipeDraft* draft_ = nullptr;
  std::unique_ptr<ui::MainWindow> window_;

  template <typename T>
  T* child(const char* name) const {
    return window_->findChild<T*>(QLatin1String(name));
  }
  void click(const char* name) const { QTest::mouseClick(child<QAbstractButton>(name), Qt::LeftButton); }
  QString page() const { return child<QStackedWidget>("pages")->currentWidget()->objectName(); }
  void train() {
    click("startDemo");
    QTRY_COMPARE_WITH_TIMEOUT(page(), QStringLiteral("dataPage"), 20'000);
    click("primaryButton");
    QTRY_COMPARE_WITH_TIMEOUT(session_->state(), messages::State::Running, 20'000);
    QTRY_VERIFY(session_->last().step > 3);
  }

 private Q_SLOTS:
  void initTestCase() {
    QStandardPaths::setTestModeEnabled(true);
    QCoreApplication::setOrganizationName(QStringLiteral("dwb-test-main-window"));
    qputenv("DWB_RUNS", folder_.filePath(QStringLiteral("runs")).toLocal8Bit());
    qputenv("XDG_CACHE_HOME", folder_.filePath(QStringLiteral("cache")).toLocal8Bit());
    theme_ = std::make_unique<theme::Theme>(theme::Mode::Light);
  }

  void init() {
    QSettings().clear();
    saveMs_ = 0;
    test::FakePlan plan;
    plan.stepTime = std::chrono::milliseconds(5);
    plan.beforeSave = [this] {
      std::this_thread::sleep_for(std::chrono::milliseconds(saveMs_));
      saved_ = true;
    };
    make(test::fakeTasks(plan));
  }

  void make(const trainer::TaskFactory& factory) {
    window_.reset();
    workbench_ = std::make_unique<ui::Workbench>(ui::Backends{.task = factory});
    session_ = workbench_->training();
    draft_ = workbench_->draft();
    window_ = std::make_unique<ui::MainWindow>(workbench_.get(), theme_.get());
    window_->show();
    QVERIFY(QTest::qWaitForWindowExposed(window_.get()));
  }

  void cleanup() {
    window_.reset();
    workbench_.reset();
  }

  void threeClicksAndTheLossMoves() {
    train();
    QCOMPARE(page(), QStringLiteral("trainPage"));
    click("navData");
    QCOMPARE(page(), QStringLiteral("dataPage"));
    QTest::keyClick(window_.get(), Qt::Key_4, Qt::ControlModifier);
    QCOMPARE(page(), QStringLiteral("trainPage"));
    click("stopButton");
    QTRY_COMPARE(session_->state(), messages::State::Finished);
  }

  void aStoppedRunGoesOnFromTheRunsPage() {
    train();
    click("stopButton");
    QTRY_COMPARE(session_->state(), messages::State::Finished);
    const auto folder = session_->run()->folder;
    const auto step = session_->last().step;
    QTest::keyClick(window_.get(), Qt::Key_6, Qt::ControlModifier);
    QCOMPARE(page(), QStringLiteral("runsPage"));
    auto* table = child<QTableView>("runsTable");
    QTRY_VERIFY(table->model()->rowCount() > 0);
    for (int row = 0; row < table->model()->rowCount(); ++row) {
      if (table->model()->index(row, 0).data().toString().toStdString() == folder.filename().string())
        table->selectRow(row);
    }
    QTRY_VERIFY(child<QAbstractButton>("resumeRun")->isEnabled());
    click("resumeRun");
    QTRY_COMPARE_WITH_TIMEOUT(session_->state(), messages::State::Running, 20'000);
    QCOMPARE(session_->run()->folder, folder);
    QCOMPARE(session_->run()->firstStep, step);
    click("stopButton");
    QTRY_COMPARE(session_->state(), messages::State::Finished);
  }

  void aNewRunBranchesFromACheckpoint() {
    train();
    click("stopButton");
    QTRY_COMPARE(session_->state(), messages::State::Finished);
    const auto folder = session_->run()->folder;
    const auto step = session_->last().step;
    QTest::keyClick(window_.get(), Qt::Key_6, Qt::ControlModifier);
    auto* table = child<QTableView>("runsTable");
    QTRY_VERIFY(table->model()->rowCount() > 0);
    for (int row = 0; row < table->model()->rowCount(); ++row) {
      if (table->model()->index(row, 0).data().toString().toStdString() == folder.filename().string())
        table->selectRow(row);
    }
    auto* checkpoints = child<QTableView>("checkpointTable");
    QTRY_VERIFY(checkpoints->model()->rowCount() > 0);
    checkpoints->selectRow(0);
    QTRY_VERIFY(child<QAbstractButton>("branchRun")->isEnabled());
    click("branchRun");
    QTRY_COMPARE_WITH_TIMEOUT(session_->state(), messages::State::Running, 20'000);
    QVERIFY(session_->run()->folder != folder);
    QCOMPARE(session_->run()->firstStep, step);
    click("stopButton");
    QTRY_COMPARE(session_->state(), messages::State::Finished);
  }

  void aCheckpointIsSampledFromTheRunsPage() {
    train();
    click("stopButton");
    QTRY_COMPARE(session_->state(), messages::State::Finished);
    const auto folder = session_->run()->folder;
    QTest::keyClick(window_.get(), Qt::Key_6, Qt::ControlModifier);
    auto* table = child<QTableView>("runsTable");
    QTRY_VERIFY(table->model()->rowCount() > 0);
    for (int row = 0; row < table->model()->rowCount(); ++row) {
      if (table->model()->index(row, 0).data().toString().toStdString() == folder.filename().string())
        table->selectRow(row);
    }
    auto* checkpoints = child<QTableView>("checkpointTable");
    QTRY_VERIFY(checkpoints->model()->rowCount() > 0);
    checkpoints->selectRow(0);
    QTRY_VERIFY(child<QAbstractButton>("drawSamples")->isEnabled());
    click("drawSamples");
    QCOMPARE(page(), QStringLiteral("samplesPage"));
    QCOMPARE(child<QComboBox>("sampleRun")->currentData().toString().toStdString(), folder.string());
    QVERIFY(child<QComboBox>("sampleCheckpoint")->currentData().toString().contains(QStringLiteral("step-")));
    QTest::keyClick(window_.get(), Qt::Key_4, Qt::ControlModifier);
    QTest::keyClick(window_.get(), Qt::Key_5, Qt::ControlModifier);
    QCOMPARE(page(), QStringLiteral("samplesPage"));
  }

  void aStoppedRunGoesOnFromItsCard() {
    train();
    click("stopButton");
    QTRY_COMPARE(session_->state(), messages::State::Finished);
    const auto folder = session_->run()->folder;
    const auto step = session_->last().step;
    auto* cards = child<ui::CardStack>("cardStack");
    QTRY_COMPARE(cards->cards().size(), 1);
    QVERIFY(cards->cards().front().remedy.contains(QString::fromStdString(folder.string())));
    click("cardAction");
    QTRY_COMPARE_WITH_TIMEOUT(session_->state(), messages::State::Running, 20'000);
    QCOMPARE(session_->run()->folder, folder);
    QCOMPARE(session_->run()->firstStep, step);
    QVERIFY(cards->cards().isEmpty());
    click("stopButton");
    QTRY_COMPARE(session_->state(), messages::State::Finished);
  }

  /// A dataset that moved: the run says so, is shown where it lies now, and goes on; another dataset is refused.
  void aRunWhoseDatasetMovedGoesOn() {
    const auto write = [this](const char* name, float first) {
      std::vector<float> numbers(64UL * 4 * 8 * 8, 0.5F);
      numbers[0] = first;
      const auto path = folder_.filePath(QLatin1String(name));
      formats::writeSafetensors(path.toStdString(),
                                {{"latents", "F32", {64, 4, 8, 8}, std::as_bytes(std::span(numbers))}});
      return path;
    };
    const auto data = write("data.safetensors", 1.0F), other = write("other.safetensors", 2.0F);
    workbench_->open(data);
    QTRY_COMPARE_WITH_TIMEOUT(page(), QStringLiteral("dataPage"), 20'000);
    click("primaryButton");
    QTRY_VERIFY_WITH_TIMEOUT(session_->last().step > 3, 20'000);
    click("stopButton");
    QTRY_COMPARE(session_->state(), messages::State::Finished);
    const auto folder = session_->run()->folder;
    const auto step = session_->last().step;
    const auto moved = folder_.filePath(QStringLiteral("moved.safetensors"));
    QVERIFY(QFile::rename(data, moved));
    click("cardAction");
    QTRY_COMPARE_WITH_TIMEOUT(session_->state(), messages::State::Failed, 20'000);
    auto* cards = child<ui::CardStack>("cardStack");
    const auto offered = [cards](const char* action) {
      return std::any_of(cards->cards().begin(), cards->cards().end(),
                         [&](const auto& card) { return card.actionText == QString::fromUtf8(action); });
    };
    QTRY_VERIFY(offered("Choose where it lies now…"));
    workbench_->goOnWithData(other);
    QTRY_VERIFY_WITH_TIMEOUT(
        session_->failure() &&
            QString::fromStdString(session_->failure()->sentence).contains(QStringLiteral("not the dataset")),
        20'000);
    QTRY_VERIFY(offered("Choose where it lies now…"));
    workbench_->goOnWithData(moved);
    QTRY_COMPARE_WITH_TIMEOUT(session_->state(), messages::State::Running, 20'000);
    QCOMPARE(session_->run()->folder, folder);
    QCOMPARE(session_->run()->firstStep, step);
    QVERIFY(!offered("Choose where it lies now…"));
    click("stopButton");
    QTRY_COMPARE(session_->state(), messages::State::Finished);
    QCOMPARE(run_folder::readDescription(folder).data, moved.toStdString());
  }

  void weightsOfAFileBeginTheNextRun() {
    const std::vector<float> numbers(16UL * 4 * 2 * 2);
    const auto bytes = std::as_bytes(std::span(numbers));
    const auto file = folder_.filePath(QStringLiteral("w.safetensors"));
    formats::writeSafetensors(file.toStdString(),
                              {{"in_patch.proj.weight", "F32", {16, 4, 2, 2}, bytes},
                               {"backbone.enc_blocks.0.0.attn.rope.freqs", "F32", {2, 1, 4}, bytes.first(32)},
                               {"backbone.enc_blocks.0.0.mlp.w3.weight", "F32", {16, 8}, bytes.first(512)},
                               {"backbone.dec_blocks.0.0.mlp.w3.weight", "F32", {16, 8}, bytes.first(512)}});
    workbench_->beginWithWeights(file);
    QTRY_COMPARE(draft_->recipe().model.dim, 16);
    QCOMPARE(draft_->recipe().model.mlpDim, 8);
    QCOMPARE(page(), QStringLiteral("trainPage"));
    auto* fresh = child<QAbstractButton>("beginFresh");
    QVERIFY(fresh->isVisible());
    QVERIFY(child<QLabel>("originText")->text().contains(QStringLiteral("w.safetensors")));
    click("beginFresh");
    QVERIFY(!fresh->isVisible());
    QVERIFY(draft_->weights().isEmpty());
    workbench_->beginWithWeights(folder_.filePath(QStringLiteral("absent.safetensors")));
    auto* cards = child<ui::CardStack>("cardStack");
    QTRY_VERIFY(cards->cards().front().severity == Severity::Error);
  }

  /// The run gets the file, says which names are too many, and begins without them when that is asked for.
  void extraWeightsAreLeftOutWhenAsked() {
    std::vector<std::pair<std::filesystem::path, bool>> seen;
    make([&seen](trainer::TaskRequest request) {
      seen.emplace_back(request.weights, request.ignoreExtras);
      if (!request.ignoreExtras) throw weights::ExtraWeights(ErrorKind::BadData, "1 unknown: surplus.weight");
      return test::fakeTasks()(std::move(request));
    });
    click("startDemo");
    QTRY_COMPARE_WITH_TIMEOUT(page(), QStringLiteral("dataPage"), 20'000);
    draft_->beginWith(QStringLiteral("/w.safetensors"), draft_->recipe().model);
    click("primaryButton");
    QTRY_COMPARE_WITH_TIMEOUT(session_->state(), messages::State::Failed, 20'000);
    QTRY_COMPARE(child<QAbstractButton>("cardAction")->text(), QStringLiteral("Train without the unknown ones"));
    click("cardAction");
    QTRY_COMPARE_WITH_TIMEOUT(session_->state(), messages::State::Running, 20'000);
    QCOMPARE(seen.size(), std::size_t{2});
    QCOMPARE(seen[0], std::make_pair(std::filesystem::path("/w.safetensors"), false));
    QCOMPARE(seen[1], std::make_pair(std::filesystem::path("/w.safetensors"), true));
    click("stopButton");
    QTRY_COMPARE(session_->state(), messages::State::Finished);
  }

  void closingAnIdleWindowAsksNothing() { QVERIFY(window_->close()); }

  void closingWhileTrainingAsksAndKeepsTraining() {
    train();
    QVERIFY(!window_->close());
    QTRY_VERIFY(child<QMessageBox>("closeQuestion"));
    QTest::mouseClick(child<QAbstractButton>("keepTraining"), Qt::LeftButton);
    QTRY_VERIFY(!child<QMessageBox>("closeQuestion"));
    QCOMPARE(session_->state(), messages::State::Running);
    const auto step = session_->last().step;
    QTRY_VERIFY(session_->last().step > step);
    QVERIFY(window_->isVisible());
  }

  void closingWhileTrainingStopsSavesAndShowsIt() {
    train();
    saveMs_ = 600;
    saved_ = false;
    QVERIFY(!window_->close());
    QTRY_VERIFY(child<QMessageBox>("closeQuestion"));
    QSignalSpy saved(session_, &ui::TrainingSession::checkpointSaved);
    QTest::mouseClick(child<QAbstractButton>("stopAndSave"), Qt::LeftButton);
    QVERIFY2(!saved_, "the click waited for the save");
    QTRY_VERIFY(child<QDialog>("savingDialog") && child<QDialog>("savingDialog")->isVisible());
    QVERIFY(window_->isVisible());
    QTRY_VERIFY(!window_->isVisible());
    QCOMPARE(session_->state(), messages::State::Finished);
    QCOMPARE(saved.count(), 1);
  }

  void aRunThatFailsShowsItsSentence() {
    test::FakePlan plan;
    plan.notFiniteAt = 5;
    make(test::fakeTasks(plan));
    click("startDemo");
    QTRY_COMPARE_WITH_TIMEOUT(page(), QStringLiteral("dataPage"), 20'000);
    click("primaryButton");
    auto* cards = child<ui::CardStack>("cardStack");
    QTRY_VERIFY_WITH_TIMEOUT(!cards->cards().isEmpty(), 20'000);
    QVERIFY(cards->isVisible());
    bool told = false;
    for (const auto& card : cards->cards()) told = told || card.sentence.contains(QStringLiteral("NaN"));
    QVERIFY(told);
  }

  void aBadFileBecomesACard() {
    const QString file = folder_.filePath(QStringLiteral("no-data.h5"));
    QFile bad(file);
    QVERIFY(bad.open(QIODevice::WriteOnly));
    bad.write("this is no dataset");
    bad.close();
    QMimeData mime;
    mime.setUrls({QUrl::fromLocalFile(file)});
    QDragEnterEvent enter(QPoint(100, 100), Qt::CopyAction, &mime, Qt::LeftButton, Qt::NoModifier);
    QCoreApplication::sendEvent(window_.get(), &enter);
    QVERIFY(enter.isAccepted());
    QDropEvent drop(QPointF(100, 100), Qt::CopyAction, &mime, Qt::LeftButton, Qt::NoModifier);
    QCoreApplication::sendEvent(window_.get(), &drop);
    auto* cards = child<ui::CardStack>("cardStack");
    QTRY_COMPARE(cards->cards().size(), 1);
    QVERIFY(cards->cards().front().sentence.contains(QStringLiteral("no-data.h5")));
    QVERIFY(!cards->cards().front().remedy.isEmpty());
    QCOMPARE(page(), QStringLiteral("startPage"));
  }

  void recipeIsRememberedOverTheEnd() {
    draft_->loadBuiltin(QStringLiteral("tiny"));
    draft_->setField(QStringLiteral("train.batch"), QStringLiteral("24"));
    QVERIFY(window_->close());
    make(test::fakeTasks());
    QCOMPARE(draft_->baseName(), QStringLiteral("tiny"));
    QCOMPARE(draft_->recipe().train.batch, 24);
  }

  void everyActionHasAKeyAndEveryControlAName() {
    for (const auto* action : window_->menuBar()->findChildren<QAction*>()) {
      if (action->menu() || action->isSeparator() || action->isCheckable()) continue;
      QVERIFY2(!action->shortcut().isEmpty(), qPrintable(action->text()));
    }
    for (const auto* button : window_->findChildren<QAbstractButton*>()) {
      if (button->objectName().startsWith(QLatin1String("qt_")) || !button->isVisible()) continue;
      QVERIFY2(!button->accessibleName().isEmpty() || !button->text().isEmpty() || !button->toolTip().isEmpty(),
               qPrintable(button->objectName() + QLatin1String(button->metaObject()->className())));
    }
  }
};

QTEST_MAIN(TestMainWindow)
#include "tst_main_window.moc"
