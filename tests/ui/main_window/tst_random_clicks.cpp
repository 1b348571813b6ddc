// SPDX-License-Identifier: GPL-3.0-or-later
// The whole window under random clicks, keys and typed numbers while fake runs train.
#include <QAbstractButton>
#include <QAction>
#include <QApplication>
#include <QDesktopServices>
#include <QDialog>
#include <QLabel>
#include <QSettings>
#include <QSignalSpy>
#include <QStackedWidget>
#include <QStandardPaths>
#include <QTemporaryDir>
#include <QTest>
#include <atomic>
#include <memory>

#include "../../support/small_data.h"
#include "fake_task.h"
#include "main_window/main_window.h"
#include "main_window/pages.h"
#include "random_hand.h"
#include "session/dataset/dataset_session.h"
#include "session/training/recipe_draft.h"
#include "session/training/training_session.h"
#include "theme/theme.h"
#include "workbench/workbench.h"

using namespace dw;
using namespace dw::ui;
using messages::State;

namespace {

constexpr int kLimit = 60'000;  // ms; under a sanitizer a run takes long to begin
constexpr int kStumble = 300;   // the step that every third run cannot make
constexpr int kUsualSeed = 20261126;

int numberOf(const char* variable, int otherwise) {
  bool given = false;
  const int number = qEnvironmentVariableIntValue(variable, &given);
  return given ? number : otherwise;
}

/// Training first; the pages, and what was added lately. Demo data takes its time to be made: the small file stands for it.
test::RandomHand::Habits habits() {
  test::RandomHand::Habits h;
  h.buttons = QStringLiteral(
                  "primaryButton primaryButton primaryButton stopButton saveButton stepButton stepButton rateHalf "
                  "rateDouble liveUndo "
                  "liveRedo viewLoss viewTimesteps navTrain navTrain navData navNoise navSamples navRuns reshapeButton "
                  "formButton "
                  "shapeApply tryButton dryRun sampleGo resumeRun branchRun cardAction cardRemedy0")
                  .split(QLatin1Char(' '));
  h.fields = {QStringLiteral("rateValue"), QStringLiteral("live.total_steps"), QStringLiteral("live.clip_norm"),
              QStringLiteral("live.weight_decay")};
  h.avoided = {QStringLiteral("startDemo"), QStringLiteral("dataDemo"), QStringLiteral("noiseDemo")};
  h.avoidedKeys = {Qt::CTRL | Qt::Key_D};
  h.keys = {Qt::CTRL | Qt::Key_Return,
            Qt::CTRL | Qt::Key_Return,
            Qt::CTRL | Qt::Key_Period,
            Qt::Key_F10,
            Qt::CTRL | Qt::Key_S,
            Qt::CTRL | Qt::Key_Up,
            Qt::CTRL | Qt::Key_Down,
            Qt::CTRL | Qt::Key_Z,
            Qt::CTRL | Qt::SHIFT | Qt::Key_Z,
            Qt::CTRL | Qt::Key_2,
            Qt::CTRL | Qt::Key_3,
            Qt::CTRL | Qt::Key_4,
            Qt::CTRL | Qt::Key_5,
            Qt::CTRL | Qt::Key_6,
            Qt::CTRL | Qt::Key_Q,
            Qt::Key_Escape,
            Qt::Key_Return,
            Qt::Key_Space,
            Qt::Key_Tab};
  return h;
}

inference::Backend fakeBackend() {
  return {.open = [](const std::filesystem::path&,
                     const inference::OpenOptions&) { return std::make_shared<test::FakeModel>(); },
          .describe = [](const std::filesystem::path&) { return test::FakeModel().facts(); },
          .openDecoder = [](const std::filesystem::path& file) -> std::shared_ptr<const inference::LatentDecoder> {
            throw Error(ErrorKind::BadData, file, "this is no TAESD decoder", "choose another file");
          },
          .samplers = {{.kind = config::SamplerKind::Ddim, .eta = true},
                       {.kind = config::SamplerKind::Euler, .karras = true, .leading = false}}};
}

}  // namespace

/// DWB_CLICKS: how many, 300 if not told. DWB_CLICK_SEED: other ones; the same seed repeats them as far as the threads
/// let it. No click may hang the window, leave a button that denies what the session says, or keep the next run from training.
class TestRandomClicks : public QObject {
  Q_OBJECT

  QTemporaryDir folder_;
  QString data_;
  std::atomic<bool> stumbles_{true};
  std::atomic<int> tasks_{0};
  std::unique_ptr<theme::Theme> theme_;
  std::unique_ptr<Workbench> workbench_;
  TrainingSession* session_ = nullptr;
  RecipeDraft* draft_ = nullptr;
  DatasetSession* dataset_ = nullptr;
  std::unique_ptr<MainWindow> window_;
  std::unique_ptr<test::RandomHand> hand_;
  int urls_ = 0;

  QAbstractButton* button(const char* name) const { return window_->findChild<QAbstractButton*>(QLatin1String(name)); }
  bool isOn(const QKeySequence& keys) const {
    for (const auto* action : window_->findChildren<QAction*>()) {
      if (action->shortcut() == keys) return action->isEnabled();
    }
    return false;
  }

  /// What a button or a menu entry says and the session does not; empty if they agree.
  QString disagreement() const {
    const auto& s = *session_;
    const bool primary = s.canTrain() ? draft_->isReady() : s.canPause() || s.canResume();
    const bool live = s.state() == State::Running || s.state() == State::Paused;
    const QKeySequence save(QKeySequence::Save), undo(QKeySequence::Undo), redo(Qt::CTRL | Qt::SHIFT | Qt::Key_Z);
    QStringList wrong;
    const auto expect = [&wrong](const char* what, bool is, bool should) {
      if (is != should) wrong.append(QLatin1String(what) + (is ? QLatin1String(" is on") : QLatin1String(" is off")));
    };
    expect("primaryButton", button("primaryButton")->isEnabled(), primary);
    expect("stopButton", button("stopButton")->isEnabled(), s.canStop());
    expect("saveButton", button("saveButton")->isEnabled(), s.canSave());
    expect("stepButton", button("stepButton")->isEnabled(), s.canStepOnce());
    expect("menu: train", isOn(Qt::CTRL | Qt::Key_Return), primary);
    expect("menu: stop", isOn(Qt::CTRL | Qt::Key_Period), s.canStop());
    expect("menu: save", isOn(save), s.canSave());
    expect("menu: step", isOn(Qt::Key_F10), s.canStepOnce());
    expect("menu: undo", live && isOn(undo), live && s.canUndo());
    expect("menu: redo", live && isOn(redo), live && s.canRedo());
    expect("liveUndo", live && button("liveUndo")->isEnabled(), live && s.canUndo());
    expect("liveRedo", live && button("liveRedo")->isEnabled(), live && s.canRedo());
    expect("text of the state", !window_->findChild<QLabel*>(QStringLiteral("stateText"))->text().isEmpty(), true);
    int page = window_->findChild<QStackedWidget*>(QStringLiteral("pages"))->currentIndex();
    for (const auto& one : allPages()) {
      const auto name = one.buttonName().toLatin1();
      expect(name.constData(), button(name.constData())->isChecked(), page-- == 0);
    }
    return wrong.join(QStringLiteral(", "));
  }

  /// Chance closes the window, the data, and spoils the recipe: most of the time it shall go on.
  void rescue() {
    if (!window_->isVisible()) window_->show();
    if (hand_->below(4) != 0) return;
    if (!dataset_->isOpen() && !dataset_->isOpening()) dataset_->open(data_, DatasetChoice{});
    if (dataset_->isOpen() && session_->canTrain() && !draft_->isReady())
      draft_->loadBuiltin(QStringLiteral("lecture"));
  }

 public:
  Q_INVOKABLE void countUrl(const QUrl&) { ++urls_; }

 private Q_SLOTS:
  void initTestCase() {
    // What is written where nobody was asked, and what a file dialog proposes, lies in the test's own folder.
    qputenv("HOME", folder_.path().toLocal8Bit());
    qputenv("DWB_RUNS", folder_.filePath(QStringLiteral("runs")).toLocal8Bit());
    qputenv("XDG_CACHE_HOME", folder_.filePath(QStringLiteral("cache")).toLocal8Bit());
    QStandardPaths::setTestModeEnabled(true);
    QCoreApplication::setOrganizationName(QStringLiteral("dwb-test-random-clicks"));
    QCoreApplication::setAttribute(Qt::AA_DontUseNativeDialogs);
    QGuiApplication::setQuitOnLastWindowClosed(false);
    QDesktopServices::setUrlHandler(QStringLiteral("file"), this, "countUrl");
    QSettings().clear();
    data_ = QString::fromStdString(test::smallData(folder_.path().toStdString()));
    theme_ = std::make_unique<theme::Theme>(theme::Mode::Light);
    const auto task = [this](trainer::TaskRequest request) {
      test::FakePlan plan;
      plan.stepTime = std::chrono::milliseconds(2);
      plan.validationLoss = 0.5;
      plan.beforeSave = [] { std::this_thread::sleep_for(std::chrono::milliseconds(3)); };
      if (++tasks_ % 3 == 0 && stumbles_) plan.notFiniteAt = kStumble;
      return std::make_unique<test::FakeTask>(std::move(request), plan);
    };
    workbench_ = std::make_unique<Workbench>(Backends{.task = task, .inference = fakeBackend()});
    session_ = workbench_->training();
    draft_ = workbench_->draft();
    dataset_ = workbench_->dataset();
    window_ = std::make_unique<MainWindow>(workbench_.get(), theme_.get());
    window_->show();
    QVERIFY(QTest::qWaitForWindowExposed(window_.get()));
    const int seed = numberOf("DWB_CLICK_SEED", kUsualSeed);
    qInfo("DWB_CLICK_SEED=%d", seed);
    hand_ = std::make_unique<test::RandomHand>(window_.get(), habits(), static_cast<unsigned>(seed));
  }

  void clicksLeaveTheWindowConsistent() {
    const int count = numberOf("DWB_CLICKS", 300);
    dataset_->open(data_);
    QTRY_VERIFY_WITH_TIMEOUT(button("primaryButton")->isEnabled(), kLimit);
    QCOMPARE(disagreement(), QString());
    QSignalSpy started(session_, &TrainingSession::runOpened), applied(session_, &TrainingSession::commandApplied);
    QSignalSpy refused(session_, &TrainingSession::commandRefused);
    for (int i = 0; i < count; ++i) {
      rescue();
      hand_->act();
      const auto wrong = disagreement();
      QVERIFY2(wrong.isEmpty(),
               qPrintable(QStringLiteral("action %1: %2; after %3").arg(i).arg(wrong, hand_->trail())));
      QTest::qWait(hand_->below(4) == 0 ? hand_->below(8) : 0);
      // Most runs get past their preparation; some are stopped in it.
      if (session_->state() == State::Preparing && hand_->below(8) != 0) {
        QTRY_VERIFY_WITH_TIMEOUT(session_->state() != State::Preparing, kLimit);
      }
    }
    qInfo("runs begun %lld, commands applied %lld, refused %lld, folders shown %d",
          static_cast<long long>(started.size()), static_cast<long long>(applied.size()),
          static_cast<long long>(refused.size()), urls_);
    QVERIFY(started.size() >= 1);
    QVERIFY(applied.size() > count / 50);
  }

  void afterThemEveryDialogClosesAndTheRunStops() {
    constexpr int kBackgroundMs =
        250;  // what was asked for in the background, such as to go on with a run, comes first
    hand_->rest();
    stumbles_ = false;
    QTest::qWait(kBackgroundMs);
    const auto settled = [this] {
      for (auto* top : QApplication::topLevelWidgets()) {
        auto* dialog = qobject_cast<QDialog*>(top);
        if (dialog && dialog->isVisible() && dialog->objectName() != QLatin1String("savingDialog")) dialog->reject();
      }
      return !QApplication::activeModalWidget() && session_->pending() == TrainingSession::Pending::None &&
             session_->state() != State::Preparing;
    };
    QTRY_VERIFY_WITH_TIMEOUT(settled(), kLimit);
    window_->show();
    if (session_->canStop()) QTest::mouseClick(button("stopButton"), Qt::LeftButton);
    QTRY_VERIFY_WITH_TIMEOUT(session_->canTrain(), kLimit);
    QCOMPARE(disagreement(), QString());
  }

  void andANewRunTrains() {
    QTRY_VERIFY_WITH_TIMEOUT(!dataset_->isOpening(), kLimit);
    QSignalSpy opened(dataset_, &DatasetSession::opened);
    dataset_->open(data_, DatasetChoice{});
    QTRY_COMPARE_WITH_TIMEOUT(opened.size(), 1, kLimit);
    draft_->loadBuiltin(QStringLiteral("lecture"));
    QTRY_VERIFY_WITH_TIMEOUT(button("primaryButton")->isEnabled(), kLimit);
    const auto press = [this](const char* name) { QTest::mouseClick(button(name), Qt::LeftButton); };
    press("primaryButton");
    QTRY_COMPARE_WITH_TIMEOUT(session_->state(), State::Running, kLimit);
    QTRY_VERIFY_WITH_TIMEOUT(session_->last().step > 3, kLimit);
    QSignalSpy saved(session_, &TrainingSession::checkpointSaved);
    press("saveButton");
    QTRY_VERIFY_WITH_TIMEOUT(saved.size() >= 1, kLimit);
    press("primaryButton");
    QTRY_COMPARE_WITH_TIMEOUT(session_->state(), State::Paused, kLimit);
    QTRY_VERIFY_WITH_TIMEOUT(session_->canStepOnce(), kLimit);
    const auto step = session_->last().step;
    press("stepButton");
    QTRY_COMPARE_WITH_TIMEOUT(session_->last().step, step + 1, kLimit);
    press("primaryButton");
    QTRY_COMPARE_WITH_TIMEOUT(session_->state(), State::Running, kLimit);
    press("stopButton");
    QTRY_COMPARE_WITH_TIMEOUT(session_->state(), State::Finished, kLimit);
    QCOMPARE(disagreement(), QString());
  }

  void cleanupTestCase() {
    QDesktopServices::unsetUrlHandler(QStringLiteral("file"));
    hand_.reset();
    window_.reset();
    workbench_.reset();
  }
};

QTEST_MAIN(TestRandomClicks)
#include "tst_random_clicks.moc"
