// SPDX-License-Identifier: GPL-3.0-or-later
#include "main_window/main_window.h"

#include <QCloseEvent>
#include <QDesktopServices>
#include <QDir>
#include <QDragEnterEvent>
#include <QFileDialog>
#include <QFileInfo>
#include <QHBoxLayout>
#include <QMimeData>
#include <QSettings>
#include <QStackedWidget>
#include <QStatusBar>
#include <QUrl>
#include <QVBoxLayout>

#include "main_window/closing_guard.h"
#include "main_window/desktop_link.h"
#include "main_window/nav_column.h"
#include "main_window/recipe_memory.h"
#include "main_window/status_line.h"
#include "main_window/trouble_card.h"
#include "panels/data/data_page.h"
#include "panels/noise/noise_page.h"
#include "panels/runs/runs_page.h"
#include "panels/samples/samples_page.h"
#include "panels/start/start_page.h"
#include "panels/train/train_page.h"
#include "run/run_folder.h"
#include "run_bar/run_bar.h"
#include "run_bar/run_words.h"
#include "session/dataset_session.h"
#include "session/recent_list.h"
#include "session/recipe_draft.h"
#include "session/run_transfer.h"
#include "session/runs_session.h"
#include "session/training_session.h"
#include "theme/icons.h"

namespace dw::ui {
namespace {
const QString kDemo = QStringLiteral("demo");
const QString kGeometry = QStringLiteral("window/geometry");
}  // namespace

MainWindow::MainWindow(TrainingSession* session, RecipeDraft* draft, DatasetSession* dataset, theme::Theme* theme, inference::Backend backend)
    : session_(session), draft_(draft), dataset_(dataset), theme_(theme), backend_(std::move(backend)), guard_(new ClosingGuard(session, this)) {
  setObjectName(QStringLiteral("mainWindow"));
  setWindowTitle(tr("Diffusion Workbench"));
  setWindowIcon(theme::appIcon());
  setAcceptDrops(true);
  buildPages();
  buildMenus();
  connectDataset();
  connectTraining();
  new DesktopLink(session_, this);  // its parent owns it
  connect(guard_, &ClosingGuard::mayClose, this, &QWidget::close);
  restore();
  showActions();
  showPage(Start);
}

void MainWindow::buildPages() {
  runBar_ = new RunBar(session_, draft_, dataset_);
  nav_ = new NavColumn;
  nav_->addPage(QStringLiteral("navStart"), QStringLiteral("start"), tr("Start"), QStringLiteral("Ctrl+1"));
  nav_->addPage(QStringLiteral("navData"), QStringLiteral("data"), tr("Data"), QStringLiteral("Ctrl+2"));
  nav_->addPage(QStringLiteral("navNoise"), QStringLiteral("noise"), tr("Noise"), QStringLiteral("Ctrl+3"));
  nav_->addPage(QStringLiteral("navTrain"), QStringLiteral("train"), tr("Train"), QStringLiteral("Ctrl+4"));
  nav_->addPage(QStringLiteral("navSamples"), QStringLiteral("samples"), tr("Samples"), QStringLiteral("Ctrl+5"));
  nav_->addPage(QStringLiteral("navRuns"), QStringLiteral("runs"), tr("Runs"), QStringLiteral("Ctrl+6"));
  start_ = new StartPage(dataset_);
  auto* dataPage = new DataPage(dataset_);
  pages_ = new QStackedWidget;
  pages_->setObjectName(QStringLiteral("pages"));
  pages_->addWidget(start_);
  pages_->addWidget(dataPage);
  cards_ = new CardStack;
  pages_->addWidget(makeNoisePage());
  pages_->addWidget(new TrainPage(session_, draft_, dataset_));
  auto* runs = new RunsSession(run::defaultRunsFolder(), this);
  pages_->addWidget(makeSamplesPage(runs));
  pages_->addWidget(makeRunsPage(runs));
  auto* main = new QVBoxLayout;
  main->setSpacing(0);
  main->addWidget(pages_, 1);
  main->addWidget(cards_);
  auto* row = new QHBoxLayout;
  row->setSpacing(0);
  row->addWidget(nav_);
  row->addLayout(main, 1);
  auto* central = new QWidget;
  auto* column = new QVBoxLayout(central);
  column->setContentsMargins(0, 0, 0, 0);
  column->setSpacing(0);
  column->addWidget(runBar_);
  column->addLayout(row, 1);
  setCentralWidget(central);
  statusBar()->setSizeGripEnabled(false);
  statusBar()->addWidget(new StatusLine(session_), 1);
  connect(nav_, &NavColumn::chosen, this, &MainWindow::showPage);
  connect(start_, &StartPage::openRequested, this, &MainWindow::chooseFile);
  connect(start_, &StartPage::demoRequested, this, [this] { openAnything(kDemo); });
  connect(start_, &StartPage::datasetRequested, this, &MainWindow::openAnything);
  connect(start_, &StartPage::resumeRequested, this, [this](const QString& folder) { resumeRun(folder); });
  connect(dataPage, &DataPage::openRequested, this, &MainWindow::chooseFile);
  connect(dataPage, &DataPage::demoRequested, this, [this] { openAnything(kDemo); });
  connect(dataPage, &DataPage::scaleChosen, draft_, [this](double scale) {
    draft_->setField(QStringLiteral("data.scale"), QString::number(scale, 'g', 4));
    showPage(Train);
  });
  connect(dataPage, &DataPage::flagChosen, draft_, [this](const QString& key) {
    draft_->setField(key, QStringLiteral("true"));
    showPage(Train);
  });
}

QWidget* MainWindow::makeNoisePage() {
  auto* page = new NoisePage(session_, draft_, dataset_, backend_.open);
  connect(page, &NoisePage::openRequested, this, &MainWindow::chooseFile);
  connect(page, &NoisePage::demoRequested, this, [this] { openAnything(kDemo); });
  connect(page, &NoisePage::troubleRaised, this, [this](const QString& sentence, const QString& remedy) {
    cards_->show({QStringLiteral("noise"), Severity::Warning, sentence, remedy, {}, {}});
  });
  return page;
}

QWidget* MainWindow::makeSamplesPage(RunsSession* runs) {
  samples_ = new SamplesPage(backend_, runs, session_, dataset_);
  connect(samples_, &SamplesPage::troubleRaised, this, [this](const QString& sentence, const QString& remedy) {
    cards_->show({QStringLiteral("samples"), Severity::Warning, sentence, remedy, {}, {}});
  });
  return samples_;
}

QWidget* MainWindow::makeRunsPage(RunsSession* runs) {
  auto* page = new RunsPage(runs, new RunTransfer(this));
  connect(page, &RunsPage::resumeRequested, this, &MainWindow::resumeRun);
  connect(page, &RunsPage::branchRequested, this, &MainWindow::branchFrom);
  connect(page, &RunsPage::samplesRequested, this, &MainWindow::openSamples);
  connect(page, &RunsPage::cardRaised, cards_, qOverload<const Card&>(&CardStack::show));
  connect(page, &RunsPage::cardDropped, cards_, &CardStack::dismiss);
  return page;
}

void MainWindow::connectDataset() {
  const auto failed = [this](const QString& sentence, const QString& remedy) {
    cards_->show({QStringLiteral("data"), Severity::Error, sentence, remedy, tr("Open another file…"), [this] { chooseFile(); }});
  };
  connect(dataset_, &DatasetSession::failed, this, failed);
  connect(dataset_, &DatasetSession::readFailed, this, [this](const QString& sentence, const QString& remedy) {
    cards_->show({QStringLiteral("data"), Severity::Error, sentence, remedy, tr("Reopen"), [this] { dataset_->reopen(); }, tr("Close"),
                  [this] { dataset_->close(); }});
  });
  connect(dataset_, &DatasetSession::opening, this, [this] { cards_->dismiss(QStringLiteral("data")); });
  connect(dataset_, &DatasetSession::openingProgress, this, [this] {
    if (pages_->currentIndex() == Start) showPage(Data);  // it takes a while: there stands how long
  });
  connect(dataset_, &DatasetSession::choiceNeeded, this, [this] { showPage(Data); });
  connect(dataset_, &DatasetSession::opened, this, [this] {
    // What is trained on is what is seen: the same array, the same axes.
    draft_->setField(QStringLiteral("data.dataset"), dataset_->choice().dataset);
    draft_->setField(QStringLiteral("data.axes"), dataset_->choice().axes);
    setWindowTitle(tr("%1 - Diffusion Workbench").arg(dataset_->displayName()));
    if (pages_->currentIndex() == Start) showPage(Data);
  });
  connect(dataset_, &DatasetSession::closed, this, [this] {
    cards_->dismiss(QStringLiteral("data"));
    setWindowTitle(tr("Diffusion Workbench"));
    showPage(Start);
  });
}

void MainWindow::connectTraining() {
  connect(runBar_, &RunBar::trainStarted, this, [this] {
    goingOn_.reset();
    cards_->dismiss(QStringLiteral("run"));
    showPage(Train);
  });
  connect(runBar_, &RunBar::failed, this, [this](const QString& sentence, const QString& remedy) {
    cards_->show({QStringLiteral("recipe"), Severity::Error, sentence, remedy, {}, {}});
  });
  watchTrouble(session_, cards_);
  connect(session_, &TrainingSession::actionsChanged, this, &MainWindow::showActions);
  connect(draft_, &RecipeDraft::problemsChanged, this, &MainWindow::showActions);
  connect(session_, &TrainingSession::stateChanged, this, [this](run::State state) {
    if (state == run::State::Finished && session_->run()) showEnd();
  });
  connect(session_, &TrainingSession::runOpened, this, [](const run::RunOpened& run) {
    RecentList(QStringLiteral("recent/runs")).add(QString::fromStdString(run.folder.string()));
  });
  connect(session_, &TrainingSession::warningRaised, this, [this](const run::Warning& warning) {
    cards_->show({QString(), Severity::Warning, QString::fromStdString(warning.sentence), QString::fromStdString(warning.remedy), {}, {}});
  });
  connect(session_, &TrainingSession::failed, this, &MainWindow::showFailure);
}

void MainWindow::showEnd() {
  const auto& run = *session_->run();
  const QString folder = QString::fromStdString(run.folder.string());
  Card card{QStringLiteral("run"), Severity::Note, stateInWords(*session_) + QLatin1Char('.'),
            tr("Loss, weights and recipe are in %1").arg(folder), {}, {}};
  if (session_->last().step < run.totalSteps) {
    card.actionText = tr("Go on with this run");
    card.action = [this, folder] { resumeRun(folder); };
  } else {
    card.actionText = tr("Show the run folder");
    card.action = [folder] { QDesktopServices::openUrl(QUrl::fromLocalFile(folder)); };
  }
  cards_->show(card);
}

void MainWindow::showPage(int page) {
  pages_->setCurrentIndex(page);
  nav_->setCurrent(page);
}

void MainWindow::openSamples(const QString& checkpoint) {
  samples_->showCheckpoint(checkpoint);
  showPage(Samples);
}

void MainWindow::chooseFile() {
  const QString last = DatasetSession::lastPath();
  const QString folder = last.isEmpty() || last == kDemo ? QDir::homePath() : QFileInfo(last).absolutePath();
  const QString path = QFileDialog::getOpenFileName(this, tr("Open data"), folder);
  if (!path.isEmpty()) openAnything(path);
}

void MainWindow::openAnything(const QString& path) {
  if (QFileInfo::exists(QDir(path).filePath(QStringLiteral("recipe.json")))) return resumeRun(path);
  dataset_->open(path);
  if (pages_->currentIndex() != Start) showPage(Data);
}

void MainWindow::trainWhenOpen() {
  const auto press = [this] {
    if (session_->canTrain() && draft_->isReady()) runBar_->pressPrimary();
  };
  if (dataset_->isOpen()) return press();
  connect(dataset_, &DatasetSession::opened, this, press, Qt::SingleShotConnection);
}

void MainWindow::restore() {
  resize(1280, 720);
  restoreGeometry(QSettings().value(kGeometry).toByteArray());
  recallRecipe(draft_);
}

void MainWindow::closeCleanly() { guard_->stopAndClose(); }

void MainWindow::closeEvent(QCloseEvent* event) {
  if (!guard_->allowsClose()) return event->ignore();
  QSettings().setValue(kGeometry, saveGeometry());
  rememberRecipe(*draft_);
  event->accept();
}

void MainWindow::changeEvent(QEvent* event) {
  QMainWindow::changeEvent(event);
  if (event->type() == QEvent::WindowStateChange) session_->setVisible(!isMinimized());
}

void MainWindow::dragEnterEvent(QDragEnterEvent* event) {
  if (event->mimeData()->hasUrls() && event->mimeData()->urls().first().isLocalFile()) event->acceptProposedAction();
}

void MainWindow::dropEvent(QDropEvent* event) {
  event->acceptProposedAction();
  openAnything(event->mimeData()->urls().first().toLocalFile());
}

}  // namespace dw::ui
