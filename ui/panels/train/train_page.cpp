// SPDX-License-Identifier: GPL-3.0-or-later
#include "panels/train/train_page.h"

#include <QButtonGroup>
#include <QFileInfo>
#include <QHBoxLayout>
#include <QLabel>
#include <QLocale>
#include <QMenu>
#include <QPushButton>
#include <QResizeEvent>
#include <QSplitter>
#include <QStackedWidget>
#include <QToolButton>
#include <QVBoxLayout>

#include "forms/recipe_form.h"
#include "numbers/number_text.h"
#include "panels/train/dry_run_card.h"
#include "panels/train/live_panel.h"
#include "panels/train/reshape_bar.h"
#include "plots/loss_plot.h"
#include "plots/timestep_plot.h"
#include "session/dataset/dataset_session.h"
#include "session/training/recipe_draft.h"
#include "session/training/training_session.h"
#include "session/training/trial_session.h"
#include "workbench/page_host.h"
#include "workbench/workbench.h"

namespace dw::ui {
namespace {

constexpr int kRefreshMs = 500;
constexpr int kFormWidth = 376;
constexpr int kNarrow = 880;  // below this there is room for the plot alone (200 % scale on a small screen)

}  // namespace

TrainPage::TrainPage(TrainingSession* session, TrialSession* trials, RecipeDraft* draft, DatasetSession* dataset,
                     QWidget* parent)
    : QWidget(parent), session_(session), draft_(draft), dataset_(dataset), lab_(trials) {
  setObjectName(QStringLiteral("trainPage"));
  summary_ = new QLabel;
  summary_->setObjectName(QStringLiteral("trainSummary"));
  summary_->setAccessibleName(tr("Figures of the run"));
  summary_->setSizePolicy(QSizePolicy::Ignored, QSizePolicy::Preferred);
  buildOrigin();
  plot_ = new LossPlot;
  timesteps_ = new TimestepPlot;
  reshape_ = new ReshapeBar(session_);
  reshape_->hide();
  reshapeButton_ = new QToolButton;
  reshapeButton_->setText(tr("Plan the rate"));
  reshapeButton_->setToolTip(tr("Give the learning rate another curve from now on"));
  reshapeButton_->setObjectName(QStringLiteral("reshapeButton"));
  reshapeButton_->setAccessibleName(tr("Plan the learning rate from now on"));
  reshapeButton_->setCheckable(true);
  live_ = new LivePanel(session_);
  live_->hide();
  form_ = new RecipeForm(draft_);
  formButton_ = new QToolButton;
  formButton_->setText(tr("Recipe"));
  formButton_->setToolTip(tr("Show or hide the recipe beside the plot"));
  formButton_->setObjectName(QStringLiteral("formButton"));
  formButton_->setAccessibleName(tr("Show the recipe"));
  formButton_->setCheckable(true);
  formButton_->setChecked(true);
  layOut();
  connectAll();
  refresh_.setInterval(kRefreshMs);
  plot_->setHistory(session_->history());
  plot_->setMeasurements(session_->measurements());
  showTimesteps();
  showSummary();
  showEmptyText();
}

void TrainPage::buildOrigin() {
  origin_ = new QWidget;
  originText_ = new QLabel;
  originText_->setObjectName(QStringLiteral("originText"));
  originText_->setTextFormat(Qt::PlainText);
  originText_->setSizePolicy(QSizePolicy::Ignored, QSizePolicy::Preferred);
  auto* fresh = new QPushButton(tr("Begin with random weights"));
  fresh->setObjectName(QStringLiteral("beginFresh"));
  fresh->setAccessibleName(fresh->text());
  connect(fresh, &QPushButton::clicked, draft_, &RecipeDraft::beginFresh);
  auto* row = new QHBoxLayout(origin_);
  row->setContentsMargins(0, 0, 0, 0);
  row->setSpacing(8);
  row->addWidget(originText_, 1);
  row->addWidget(fresh);
  showOrigin();
}

void TrainPage::showOrigin() {
  origin_->setVisible(!draft_->weights().isEmpty());
  originText_->setText(tr("The next run begins with the weights in %1; its model is theirs.")
                           .arg(QFileInfo(draft_->weights()).fileName()));
  originText_->setToolTip(draft_->weights());
}

void TrainPage::layOut() {
  auto* top = new QHBoxLayout;
  top->setSpacing(8);
  top->addWidget(makeViewButtons());
  top->addWidget(summary_, 1);
  top->addWidget(makeTryButton());
  top->addWidget(reshapeButton_);
  top->addWidget(formButton_);
  splitter_ = new QSplitter(Qt::Horizontal);
  splitter_->setObjectName(QStringLiteral("trainSplitter"));
  splitter_->addWidget(views_);
  side_ = new QWidget;
  auto* side = new QVBoxLayout(side_);
  side->setContentsMargins(0, 0, 0, 0);
  side->setSpacing(8);
  side->addWidget(live_);
  side->addWidget(form_, 1);
  splitter_->addWidget(side_);
  splitter_->setStretchFactor(0, 1);
  splitter_->setStretchFactor(1, 0);
  splitter_->setChildrenCollapsible(false);
  splitter_->setHandleWidth(16);
  splitter_->setSizes({4 * kFormWidth, kFormWidth});
  side_->setMinimumWidth(kFormWidth - 32);
  setMinimumSize(320, 240);  // smaller than plot and form together: the form gives way (resizeEvent)
  auto* column = new QVBoxLayout(this);
  column->setContentsMargins(16, 8, 16, 8);
  column->setSpacing(8);
  column->addLayout(top);
  column->addWidget(new DryRunCard(lab_, session_, draft_, dataset_));
  column->addWidget(origin_);
  column->addWidget(splitter_, 1);
}

QWidget* TrainPage::makeViewButtons() {
  views_ = new QStackedWidget;
  views_->setObjectName(QStringLiteral("trainViews"));
  auto* lossView = new QWidget;
  auto* column = new QVBoxLayout(lossView);
  column->setContentsMargins(0, 0, 0, 0);
  column->setSpacing(8);
  column->addWidget(plot_, 1);
  column->addWidget(reshape_);
  views_->addWidget(lossView);
  views_->addWidget(timesteps_);
  auto* box = new QWidget;
  auto* row = new QHBoxLayout(box);
  row->setContentsMargins(0, 0, 8, 0);
  row->setSpacing(0);
  auto* group = new QButtonGroup(box);
  const auto add = [&](const char* name, const QString& text, const QString& tip) {
    auto* button = new QToolButton;
    button->setObjectName(QLatin1String(name));
    button->setText(text);
    button->setAccessibleName(text);
    button->setToolTip(tip);
    button->setCheckable(true);
    button->setProperty("flat", true);
    group->addButton(button, static_cast<int>(group->buttons().size()));
    row->addWidget(button);
  };
  add("viewLoss", tr("Loss"), tr("The loss of each step"));
  add("viewTimesteps", tr("Loss by timestep"), tr("The loss at each timestep t by itself: why the loss looks flat"));
  group->button(0)->setChecked(true);
  connect(group, &QButtonGroup::idClicked, this, [this](int view) {
    views_->setCurrentIndex(view);
    reshapeButton_->setVisible(view == 0);
  });
  return box;
}

QWidget* TrainPage::makeTryButton() {
  auto* button = new QToolButton;
  button->setText(tr("Try rates"));
  button->setObjectName(QStringLiteral("tryButton"));
  button->setAccessibleName(tr("Try learning rates on copies"));
  button->setToolTip(tr("Try learning rates on copies; the run itself is not touched"));
  button->setPopupMode(QToolButton::InstantPopup);
  auto* menu = new QMenu(button);
  const auto add = [&](const char* name, const QString& text, auto open) {
    auto* action = menu->addAction(text);
    action->setObjectName(QLatin1String(name));
    connect(action, &QAction::triggered, this, open);
  };
  add("whatIfAction", tr("What if: several rates from one state..."), &TrainPage::openWhatIf);
  add("rangeTestAction", tr("Range test: a rate that rises until it breaks..."), &TrainPage::openRangeTest);
  button->setMenu(menu);
  return button;
}

void TrainPage::showTimesteps() {
  const auto& recipe = session_->recipe();
  timesteps_->setHistory(&session_->timesteps(), recipe ? static_cast<int>(recipe->schedule.steps) : 1000);
}

void TrainPage::connectAll() {
  connect(formButton_, &QToolButton::toggled, side_, &QWidget::setVisible);
  connectLive();
  connect(session_, &TrainingSession::runOpened, this, [this] {
    plot_->clear();
    showTimesteps();
    showSummary();
  });
  connect(session_, &TrainingSession::metricsAppended, this, [this](const QList<messages::StepMetrics>& metrics) {
    plot_->append(metrics);
    plot_->appendMeasurements(session_->measurements());
    timesteps_->dataChanged();
  });
  connect(session_, &TrainingSession::historyRewritten, this, [this] {
    plot_->setHistory(session_->history());
    timesteps_->dataChanged();
  });
  connect(session_, &TrainingSession::stateChanged, this, [this] {
    form_->setRunning(session_->isBusy() ? session_->recipe() : std::nullopt);
    live_->setVisible(session_->isBusy() && session_->run().has_value());
    if (session_->isBusy()) {
      refresh_.start();
    } else {
      refresh_.stop();
    }
    showSummary();
    showEmptyText();
  });
  connect(draft_, &RecipeDraft::changed, this, &TrainPage::showOrigin);
  connect(draft_, &RecipeDraft::problemsChanged, this, &TrainPage::showEmptyText);
  connect(dataset_, &DatasetSession::opened, this, &TrainPage::showSummary);
  connect(dataset_, &DatasetSession::closed, this, &TrainPage::showSummary);
  connect(&refresh_, &QTimer::timeout, this, &TrainPage::showSummary);
}

void TrainPage::showSummary() {
  QString text;
  const auto add = [&text](const QString& what, const QString& value) {
    if (!value.isEmpty())
      text += QStringLiteral("%1&nbsp;<b>%2</b> &nbsp;&nbsp;&nbsp;").arg(what, value.toHtmlEscaped());
  };
  if (dataset_->isOpen()) add(tr("data"), dataset_->displayName());
  if (const auto& run = session_->run()) {
    add(tr("parameters"), count(run->parameters));
    if (session_->last().samplesSeen > 0) {
      add(tr("samples seen"), count(session_->last().samplesSeen));
    }
  }
  summary_->setText(text);
}

void TrainPage::showEmptyText() {
  QString text;
  if (session_->state() == messages::State::Preparing) {
    text = tr("The run is being prepared. The loss of each step appears here.");
  } else if (!draft_->isReady()) {
    text = draft_->whyNotReady();
  } else {
    text = tr("Press Train. The loss of each step appears here.");
  }
  plot_->setEmptyText(text);
  timesteps_->setEmptyText(text);
}

void TrainPage::resizeEvent(QResizeEvent* event) {
  QWidget::resizeEvent(event);
  const bool narrow = event->size().width() < kNarrow;
  if (narrow != wasNarrow_) formButton_->setChecked(!narrow);
  wasNarrow_ = narrow;
}

QWidget* makeTrainPage(Workbench& workbench, PageHost& host) {
  auto* page = new TrainPage(workbench.training(), workbench.trials(), workbench.draft(), workbench.dataset());
  for (const auto signal : {&Workbench::runBegun, &Workbench::recipeProposed}) {
    QObject::connect(&workbench, signal, page, [&host, page] { host.showPage(page); });
  }
  return page;
}

}  // namespace dw::ui
