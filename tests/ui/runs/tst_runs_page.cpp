// SPDX-License-Identifier: GPL-3.0-or-later
// The Runs page on folders as a trainer leaves them, and on a run that another process trains and is killed in.
// DWB_SHOTS=folder keeps pictures of it.
#include <sys/wait.h>
#include <unistd.h>

#include <QAction>
#include <QCheckBox>
#include <QComboBox>
#include <QDir>
#include <QInputDialog>
#include <QLabel>
#include <QLineEdit>
#include <QMessageBox>
#include <QPlainTextEdit>
#include <QPushButton>
#include <QSignalSpy>
#include <QStackedWidget>
#include <QTableView>
#include <QTableWidget>
#include <QTemporaryDir>
#include <QTest>
#include <csignal>
#include <fstream>

#include "../../core/run_library/run_builder.h"
#include "../../core/trainer/fake_task.h"
#include "formats/safetensors.h"
#include "panels/runs/checkpoint_model.h"
#include "panels/runs/run_detail.h"
#include "panels/runs/runs_model.h"
#include "panels/runs/runs_page.h"
#include "panels/runs/trash_dialog.h"
#include "panels/runs/weight_export_dialog.h"
#include "plots/overlay_plot.h"
#include "run_folder/run_notes.h"
#include "session/runs/run_transfer.h"
#include "session/runs/runs_session.h"
#include "theme/theme.h"
#include "trainer/training_runner.h"

using namespace dw;
namespace fs = std::filesystem;

class TestRunsPage : public QObject {
  Q_OBJECT

  QTemporaryDir home_;
  int count_ = 0;
  fs::path runs_;
  std::unique_ptr<theme::Theme> theme_;
  std::unique_ptr<ui::RunsSession> session_;
  std::unique_ptr<ui::RunTransfer> transfer_;
  std::unique_ptr<ui::RunsPage> page_;
  QList<ui::Card> cards_;

  template <typename T>
  T* child(const char* name) const {
    return page_->findChild<T*>(QLatin1String(name));
  }
  QTableView* table() const { return child<QTableView>("runsTable"); }
  int rows() const { return table()->model()->rowCount(); }
  QString text(int row, int column) const { return table()->model()->index(row, column).data().toString(); }
  int rowOf(const char* name) const {
    for (int row = 0; row < rows(); ++row) {
      if (text(row, ui::RunsModel::Name) == QLatin1String(name)) return row;
    }
    return -1;
  }
  QString folderOf(const char* name) const { return QString::fromStdString((runs_ / name).string()); }
  void open(int expected) {
    session_ = std::make_unique<ui::RunsSession>(runs_);
    transfer_ = std::make_unique<ui::RunTransfer>();
    page_ = std::make_unique<ui::RunsPage>(session_.get(), transfer_.get());
    connect(page_.get(), &ui::RunsPage::cardRaised, this, [this](const ui::Card& card) { cards_.append(card); });
    page_->resize(1208, 560);
    page_->show();
    QVERIFY(QTest::qWaitForWindowExposed(page_.get()));
    QTRY_COMPARE(rows(), expected);
  }
  void shot(const char* name) const {
    const auto folder = qEnvironmentVariable("DWB_SHOTS");
    if (folder.isEmpty()) return;
    QTest::qWait(300);
    QWidget* seen = page_.get();
    for (auto* dialog : page_->findChildren<QDialog*>()) seen = dialog->isVisible() ? dialog : seen;
    QVERIFY(seen->grab().save(QDir(folder).filePath(QLatin1String(name) + QStringLiteral(".png"))));
  }

 private Q_SLOTS:
  void initTestCase() {
    theme_ =
        std::make_unique<theme::Theme>(theme::modeFromName(qEnvironmentVariable("DWB_THEME", QStringLiteral("light"))));
  }
  void init() {
    runs_ = fs::path(home_.path().toStdString()) / ("runs" + std::to_string(++count_));
    cards_.clear();
  }
  void cleanup() {
    page_.reset();
    transfer_.reset();
    session_.reset();
  }

  void anEmptyListSaysWhatToDo() {
    open(0);
    auto* empty = child<QLabel>("runsEmpty");
    QTRY_VERIFY(empty->text().contains(QStringLiteral("press Train")));
    QVERIFY(empty->isVisible());
    shot("empty");
  }

  void listsRunsInEveryState() {
    test::makeRun(runs_ / "done", {.steps = 200, .planned = 200, .created = 1'700'000'300});
    test::makeRun(runs_ / "stopped", {.steps = 50, .planned = 200, .stopAsked = true, .created = 1'700'000'200});
    test::makeRun(runs_ / "cut-off", {.steps = 30, .planned = 200, .end = "none", .created = 1'700'000'100});
    test::makeRun(runs_ / "broke", {.steps = 100, .planned = 200, .end = "failed"});
    test::makeRun(runs_ / "torn");
    std::ofstream(runs_ / "torn" / "recipe.json", std::ios::trunc) << "{\"form";
    fs::remove(test::makeRun(runs_ / "half") / "recipe.json");
    open(6);
    const std::pair<const char*, const char*> expected[] = {{"done", "Finished"},       {"stopped", "Stopped"},
                                                            {"cut-off", "Interrupted"}, {"broke", "Failed"},
                                                            {"torn", "Damaged"},        {"half", "Incomplete"}};
    for (const auto& [name, state] : expected) QCOMPARE(text(rowOf(name), ui::RunsModel::State), QLatin1String(state));
    QCOMPARE(text(rowOf("stopped"), ui::RunsModel::Steps), QStringLiteral("50 of 200"));
    QCOMPARE(text(rowOf("done"), ui::RunsModel::Data), QStringLiteral("latents.h5"));
    QVERIFY(text(rowOf("done"), ui::RunsModel::Best) != QStringLiteral("-"));
    QCOMPARE(rowOf("done"), 0);  // newest first
    const auto tip = table()->model()->index(rowOf("half"), 0).data(Qt::ToolTipRole).toString();
    QVERIFY2(tip.contains(QStringLiteral("recipe.json is missing")), qPrintable(tip));
    page_->select(folderOf("half"));
    QTRY_VERIFY(child<QLabel>("runFacts")->text().contains(QStringLiteral("recipe.json is missing")));
    QTRY_COMPARE(child<ui::OverlayPlot>("overlayPlot")->pointCount(folderOf("half")), std::size_t{100});
    QVERIFY(child<QLabel>("runFacts")->text().contains(QStringLiteral("Incomplete")));
    QVERIFY(!child<QPushButton>("resumeRun")->isEnabled());
    shot("states");
    table()->sortByColumn(ui::RunsModel::Steps, Qt::AscendingOrder);
    QCOMPARE(rowOf("cut-off"), 0);
    QTest::keyClicks(child<QLineEdit>("runsFilter"), QStringLiteral("Failed latents"));
    QCOMPARE(rows(), 1);
    QCOMPARE(rowOf("broke"), 0);
  }

  void aRunInDetail() {
    const auto run =
        test::makeRun(runs_ / "one", {.steps = 60, .planned = 200, .stopAsked = true, .checkpoints = {20, 40, 60}});
    open(1);
    page_->select(folderOf("one"));
    auto* list = child<QTableView>("checkpointTable");
    QTRY_COMPARE(list->model()->rowCount(), 3);
    QCOMPARE(list->model()->index(0, 0).data().toString(), QStringLiteral("60"));
    QTRY_COMPARE(child<ui::OverlayPlot>("overlayPlot")->pointCount(folderOf("one")), std::size_t{60});
    auto* resume = child<QPushButton>("resumeRun");
    QTRY_VERIFY(resume->isEnabled());
    QSignalSpy asked(page_.get(), &ui::RunsPage::resumeRequested);
    QTest::mouseClick(resume, Qt::LeftButton);
    QCOMPARE(asked.at(0).at(0).toString(), folderOf("one"));
    QVERIFY(!child<QPushButton>("branchRun")->isVisible());  // nobody takes it

    auto* note = child<QPlainTextEdit>("runNote");
    note->setPlainText(QStringLiteral("größer, <b>besser</b>"));
    page_->activateWindow();
    note->setFocus();
    child<QLineEdit>("runName")->setFocus();
    QTRY_COMPARE(run_folder::readNotes(run).note, std::string("größer, <b>besser</b>"));

    list->model()->setData(list->model()->index(2, ui::CheckpointModel::Keep), Qt::Checked, Qt::CheckStateRole);
    QTRY_VERIFY(run_folder::isPinned(run / "checkpoints" / "step-0000020"));
    std::ofstream(run / "checkpoints" / "step-0000040" / "model.safetensors", std::ios::in | std::ios::out).put('X');
    QTest::mouseClick(child<QPushButton>("verifyRun"), Qt::LeftButton);
    const auto verified = [&](int row) {
      return list->model()->index(row, ui::CheckpointModel::Checked).data().toString();
    };
    QTRY_COMPARE(verified(0), QStringLiteral("✓ good"));
    QCOMPARE(verified(1), QStringLiteral("damaged"));
    QCOMPARE(verified(2), QStringLiteral("✓ good"));
    QTRY_COMPARE(cards_.size(), 1);
    QVERIFY(cards_[0].sentence.startsWith(QStringLiteral("2 of 3")));
    shot("detail");
  }

  void aFinishedRunTrainsOn() {
    test::makeRun(runs_ / "done", {.steps = 100, .planned = 100, .checkpoints = {100}});
    open(1);
    page_->select(folderOf("done"));
    auto* resume = child<QPushButton>("resumeRun");
    QTRY_VERIFY(resume->isEnabled());
    QCOMPARE(resume->text(), QStringLiteral("Train on…"));
    QSignalSpy asked(page_.get(), &ui::RunsPage::resumeRequested);
    QTest::mouseClick(resume, Qt::LeftButton);
    auto* dialog = child<QInputDialog>("moreSteps");
    QVERIFY(dialog != nullptr);
    QVERIFY(dialog->intMinimum() > 100);
    dialog->setIntValue(250);
    dialog->accept();
    QCOMPARE(asked.size(), 1);
    QCOMPARE(asked.at(0).at(0).toString(), folderOf("done"));
    QCOMPARE(asked.at(0).at(1).toLongLong(), 250);
  }

  void exportsWeights() {
    const auto run = test::makeRun(runs_ / "w");
    const std::vector<float> numbers{1, 2, 3, 4};
    run_folder::CheckpointStore(run / "checkpoints").save(100, [&](const fs::path& folder) {
      for (const char* file : {"model.safetensors", "ema.safetensors"}) {
        formats::writeSafetensors(folder / file,
                                  {{"in_patch.proj.weight", "F32", {4, 1, 1, 1}, std::as_bytes(std::span(numbers))}});
      }
      std::ofstream(folder / "state.json") << "{}";
    });
    open(1);
    page_->select(folderOf("w"));
    auto* button = child<QPushButton>("exportWeights");
    QTRY_VERIFY(button->isEnabled());
    QTest::mouseClick(button, Qt::LeftButton);
    auto* dialog = child<ui::WeightExportDialog>("weightExportDialog");
    QVERIFY(dialog != nullptr && dialog->isVisible());
    QVERIFY(dialog->choice().averaged);
    dialog->findChild<QComboBox*>(QStringLiteral("exportType"))->setCurrentIndex(1);
    dialog->findChild<QCheckBox*>(QStringLiteral("exportPrefix"))->click();
    const auto choice = dialog->choice();
    QCOMPARE(choice.dtype, std::string("f16"));
    QCOMPARE(choice.prefix, std::string("model."));
    shot("weights");
    dialog->reject();
    const auto file = QDir(home_.path()).filePath(QStringLiteral("w.safetensors"));
    page_->exportWeightsTo(dialog->checkpoint(), choice, file);
    QTRY_VERIFY(!transfer_->isBusy() && QFile::exists(file));
    QCOMPARE(formats::SafetensorsFile(file.toStdString()).find("model.in_patch.proj.weight")->dtype,
             std::string("F16"));
    QVERIFY(cards_.back().sentence.contains(file));
  }

  void theTrashShowsSizesAndGivesBack() {
    for (const char* name : {"a", "b", "c"})
      run_library::moveToTrash(test::makeRun(runs_ / name, {.checkpoints = {100}}));
    open(0);
    QTest::mouseClick(child<QPushButton>("openTrash"), Qt::LeftButton);
    auto* dialog = child<ui::TrashDialog>("trashDialog");
    auto* trash = dialog->findChild<QTableWidget*>(QStringLiteral("trashTable"));
    const auto button = [dialog](const char* name) { return dialog->findChild<QPushButton*>(QLatin1String(name)); };
    QTRY_COMPARE(trash->rowCount(), 3);
    QVERIFY(trash->item(0, 2)->text().endsWith(QStringLiteral("kB")));
    QVERIFY(
        dialog->findChild<QLabel*>(QStringLiteral("trashTotal"))->text().contains(QStringLiteral("kB in the trash")));
    QVERIFY(!button("trashRestore")->isEnabled() && button("trashEmpty")->isEnabled());
    shot("trash");
    const auto select = [trash](const char* name) {
      for (int row = 0; row < trash->rowCount(); ++row) {
        if (trash->item(row, 0)->text() == QLatin1String(name)) trash->selectRow(row);
      }
    };
    select("b");
    QTest::mouseClick(button("trashRestore"), Qt::LeftButton);
    QTRY_COMPARE(trash->rowCount(), 2);
    QTRY_VERIFY(rowOf("b") >= 0);
    select("c");
    QTest::mouseClick(button("trashDelete"), Qt::LeftButton);
    QVERIFY(dialog->findChild<QWidget*>(QStringLiteral("trashQuestion")) != nullptr);
    dialog->findChild<QMessageBox*>(QStringLiteral("trashQuestion"))->reject();
    QCOMPARE(run_library::listTrash(runs_).size(), std::size_t{2});
    QTRY_VERIFY(dialog->findChild<QMessageBox*>(QStringLiteral("trashQuestion")) == nullptr);
    QTest::mouseClick(button("trashEmpty"), Qt::LeftButton);
    QTest::mouseClick(button("trashReally"), Qt::LeftButton);
    QTRY_COMPARE(trash->rowCount(), 0);
    QVERIFY(run_library::listTrash(runs_).empty());
    QVERIFY(fs::exists(runs_ / "b" / "recipe.json"));
    QVERIFY2(cards_.back().sentence.contains(QStringLiteral("free again")), qPrintable(cards_.back().sentence));
  }

  void branchesWhereSomebodyTakesIt() {
    test::makeRun(runs_ / "one", {.checkpoints = {50, 100}});
    open(1);
    page_->hide();
    QSignalSpy asked(page_.get(), &ui::RunsPage::branchRequested);
    page_->show();
    page_->select(folderOf("one"));
    auto* branch = child<QPushButton>("branchRun");
    QTRY_VERIFY(branch->isVisible() && branch->isEnabled());
    child<QTableView>("checkpointTable")->selectRow(1);
    QTest::mouseClick(branch, Qt::LeftButton);
    QCOMPARE(asked.at(0).at(0).toString(), folderOf("one") + QStringLiteral("/checkpoints/step-0000050"));
  }

  void renamesArchivesTrashesAndUndoes() {
    test::makeRun(runs_ / "old");
    test::makeRun(runs_ / "other");
    open(2);
    page_->select(folderOf("old"));
    auto* name = child<QLineEdit>("runName");
    QTRY_COMPARE(name->text(), QStringLiteral("old"));
    name->setText(QStringLiteral("a/b"));
    QTest::keyClick(name, Qt::Key_Return);
    QVERIFY(child<QLabel>("runNameProblem")->isVisible());
    name->setText(QStringLiteral("new"));
    QTest::keyClick(name, Qt::Key_Return);
    QTRY_VERIFY(rowOf("new") >= 0 && rowOf("old") < 0);
    QTRY_COMPARE(table()->selectionModel()->selectedRows().size(), 1);
    QTRY_VERIFY(child<QWidget>("runDetail")->isVisible());

    child<QAction>("archiveRun")->trigger();
    QTRY_COMPARE(rowOf("new"), -1);
    child<QCheckBox>("showArchived")->setChecked(true);
    QTRY_VERIFY(rowOf("new") >= 0);
    page_->select(folderOf("new"));
    QTRY_VERIFY(child<QAction>("archiveRun")->text().contains(QStringLiteral("out of")));

    QTRY_VERIFY(child<QAction>("trashRun")->text().contains(QStringLiteral("B)")));
    child<QAction>("trashRun")->trigger();
    QTRY_COMPARE(rowOf("new"), -1);
    QTRY_COMPARE(cards_.size(), 1);
    QCOMPARE(cards_[0].actionText, QStringLiteral("Undo"));
    QVERIFY(!fs::exists(runs_ / "new"));
    cards_[0].action();
    QTRY_VERIFY(rowOf("new") >= 0);
    QVERIFY(fs::exists(runs_ / "new" / "recipe.json"));
  }

  void comparesTwoRuns() {
    test::makeRun(runs_ / "a", {.steps = 300, .planned = 300, .created = 1'700'000'001});
    test::makeRun(runs_ / "b", {.steps = 150, .planned = 300, .lr = 3e-4});
    open(2);
    table()->selectAll();
    auto* sentence = child<QLabel>("comparisonSentence");
    QTRY_VERIFY2(sentence->text().startsWith(QStringLiteral("only optim.lr differs")), qPrintable(sentence->text()));
    auto* differences = child<QTableWidget>("comparisonTable");
    QCOMPARE(differences->rowCount(), 1);
    QCOMPARE(differences->item(0, 0)->text(), QStringLiteral("optim.lr"));
    QCOMPARE(differences->item(0, 1)->text().toDouble(), 1e-3);
    QCOMPARE(differences->item(0, 2)->text().toDouble(), 3e-4);
    auto* plot = child<ui::OverlayPlot>("overlayPlot");
    QTRY_COMPARE(plot->pointCount(folderOf("a")), std::size_t{300});
    QTRY_COMPARE(plot->pointCount(folderOf("b")), std::size_t{150});
    shot("overlay");
  }

  void exportsAndImports() {
    test::makeRun(runs_ / "x", {.steps = 100, .checkpoints = {100}});
    open(1);
    const auto file = QDir(home_.path()).filePath(QStringLiteral("x.zip"));
    page_->exportTo(folderOf("x"), ui::RunDetail::OneFile, file);
    QTRY_VERIFY(!transfer_->isBusy() && QFile::exists(file));
    page_->importFrom(file);
    QTRY_COMPARE(rows(), 2);
    QTRY_COMPARE(table()->selectionModel()->selectedRows().front().data().toString(), QStringLiteral("x-2"));
    const auto csv = QDir(home_.path()).filePath(QStringLiteral("x.csv"));
    page_->exportTo(folderOf("x"), ui::RunDetail::Csv, csv);
    QTRY_VERIFY(!transfer_->isBusy() && QFile::exists(csv));
    page_->exportTo(folderOf("x"), ui::RunDetail::TensorBoard, home_.path());
    QTRY_VERIFY(!transfer_->isBusy() && !QDir(home_.path()).entryList({QStringLiteral("*tfevents*")}).isEmpty());
    cards_.clear();
    page_->importFrom(csv);  // no run
    QTRY_COMPARE(cards_.size(), 1);
    QVERIFY(cards_[0].severity == Severity::Error);
    QCOMPARE(rows(), 2);
  }

  /// Cancelled before it began to write: no file, no card, ready again.
  void cancelLeavesNothing() {
    test::makeRun(runs_ / "x", {.steps = 20'000, .planned = 20'000});
    open(1);
    const auto file = QDir(home_.path()).filePath(QStringLiteral("no.csv"));
    page_->exportTo(folderOf("x"), ui::RunDetail::Csv, file);
    QVERIFY(child<QWidget>("transferBar")->isVisible());
    QTest::mouseClick(child<QPushButton>("transferCancel"), Qt::LeftButton);
    QTRY_VERIFY(!transfer_->isBusy());
    QVERIFY(!child<QWidget>("transferBar")->isVisible());
    QVERIFY(!QFile::exists(file));
    QVERIFY(cards_.isEmpty());
  }

  void followsAnotherProcessUntilItIsKilled() {
    const auto run = runs_ / "far";
    fs::create_directories(runs_);
    const auto child_ = ::fork();
    if (child_ == 0) {
      auto recipe = config::builtinRecipe("lecture");
      recipe.train.steps = 1'000'000;
      recipe.checkpoint.every = 50;
      test::FakePlan plan;
      plan.stepTime = std::chrono::milliseconds(1);
      trainer::TrainingRunner runner(test::fakeTasks(plan));
      runner.start(trainer::FreshRun{.recipe = recipe, .data = "demo", .folder = run});
      runner.waitFinished(std::chrono::milliseconds(120'000));
      ::_exit(1);
    }
    open(1);
    page_->select(folderOf("far"));
    auto* plot = child<ui::OverlayPlot>("overlayPlot");
    auto* facts = child<QLabel>("runFacts");
    QTRY_VERIFY_WITH_TIMEOUT(facts->text().contains(QStringLiteral("Training elsewhere, process %1").arg(child_)),
                             30'000);
    const auto before = plot->pointCount(folderOf("far"));
    QTRY_VERIFY_WITH_TIMEOUT(plot->pointCount(folderOf("far")) > before + 50, 30'000);
    QTRY_COMPARE(text(0, ui::RunsModel::State), QStringLiteral("Training elsewhere"));
    QVERIFY(!child<QPushButton>("resumeRun")->isEnabled());
    QVERIFY(!child<QAction>("trashRun")->isEnabled());
    QVERIFY(child<QLineEdit>("runName")->isReadOnly());
    shot("live");
    ::kill(child_, SIGKILL);
    ::waitpid(child_, nullptr, 0);
    QTRY_VERIFY_WITH_TIMEOUT(facts->text().contains(QStringLiteral("Interrupted")), 30'000);
    QTRY_COMPARE_WITH_TIMEOUT(text(0, ui::RunsModel::State), QStringLiteral("Interrupted"), 30'000);
    QTRY_VERIFY_WITH_TIMEOUT(child<QAction>("trashRun")->isEnabled(), 30'000);
  }
};

QTEST_MAIN(TestRunsPage)
#include "tst_runs_page.moc"
