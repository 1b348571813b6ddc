// SPDX-License-Identifier: GPL-3.0-or-later
#include "panels/train/train_page.h"

#include <QButtonGroup>
#include <QHBoxLayout>
#include <QLabel>
#include <QLocale>
#include <QResizeEvent>
#include <QSplitter>
#include <QStackedWidget>
#include <QToolButton>
#include <QVBoxLayout>

#include "forms/recipe_form.h"
#include "plots/loss_plot.h"
#include "plots/timestep_plot.h"
#include "session/dataset_session.h"
#include "session/recipe_draft.h"
#include "session/training_session.h"

namespace dw::ui {
namespace {

constexpr int kRefreshMs = 500;
constexpr int kFormWidth = 376;
constexpr int kNarrow = 880;  // below this there is room for the plot alone (200 % scale on a small screen)

}  // namespace

TrainPage::TrainPage(TrainingSession* session, RecipeDraft* draft, DatasetSession* dataset, QWidget* parent)
    : QWidget(parent), session_(session), draft_(draft), dataset_(dataset) {
  setObjectName(QStringLiteral("trainPage"));
  summary_ = new QLabel;
  summary_->setObjectName(QStringLiteral("trainSummary"));
  summary_->setAccessibleName(tr("Figures of the run"));
  summary_->setSizePolicy(QSizePolicy::Ignored, QSizePolicy::Preferred);
  plot_ = new LossPlot;
  timesteps_ = new TimestepPlot;
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
  showTimesteps();
  showSummary();
  showEmptyText();
}

void TrainPage::layOut() {
  auto* top = new QHBoxLayout;
  top->setSpacing(8);
  top->addWidget(makeViewButtons());
  top->addWidget(summary_, 1);
  top->addWidget(formButton_);
  splitter_ = new QSplitter(Qt::Horizontal);
  splitter_->setObjectName(QStringLiteral("trainSplitter"));
  splitter_->addWidget(views_);
  splitter_->addWidget(form_);
  splitter_->setStretchFactor(0, 1);
  splitter_->setStretchFactor(1, 0);
  splitter_->setChildrenCollapsible(false);
  splitter_->setHandleWidth(16);
  splitter_->setSizes({4 * kFormWidth, kFormWidth});
  form_->setMinimumWidth(kFormWidth - 32);
  setMinimumSize(320, 240);  // smaller than plot and form together: the form gives way (resizeEvent)
  auto* column = new QVBoxLayout(this);
  column->setContentsMargins(16, 8, 16, 8);
  column->setSpacing(8);
  column->addLayout(top);
  column->addWidget(splitter_, 1);
}

QWidget* TrainPage::makeViewButtons() {
  views_ = new QStackedWidget;
  views_->setObjectName(QStringLiteral("trainViews"));
  views_->addWidget(plot_);
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
  connect(group, &QButtonGroup::idClicked, views_, &QStackedWidget::setCurrentIndex);
  return box;
}

void TrainPage::showTimesteps() {
  const auto& recipe = session_->recipe();
  timesteps_->setHistory(&session_->timesteps(), recipe ? static_cast<int>(recipe->schedule.steps) : 1000);
}

void TrainPage::connectAll() {
  connect(formButton_, &QToolButton::toggled, form_, &QWidget::setVisible);
  connect(session_, &TrainingSession::runOpened, this, [this] {
    plot_->clear();
    showTimesteps();
    showSummary();
  });
  connect(session_, &TrainingSession::metricsAppended, this,
          [this](const QList<run::StepMetrics>& metrics) {
            plot_->append(metrics);
            timesteps_->dataChanged();
          });
  connect(session_, &TrainingSession::historyRewritten, this, [this] {
    plot_->setHistory(session_->history());
    timesteps_->dataChanged();
  });
  connect(session_, &TrainingSession::stateChanged, this, [this] {
    form_->setRunning(session_->isBusy() ? session_->recipe() : std::nullopt);
    if (session_->isBusy()) {
      refresh_.start();
    } else {
      refresh_.stop();
    }
    showSummary();
    showEmptyText();
  });
  connect(draft_, &RecipeDraft::problemsChanged, this, &TrainPage::showEmptyText);
  connect(dataset_, &DatasetSession::opened, this, &TrainPage::showSummary);
  connect(dataset_, &DatasetSession::closed, this, &TrainPage::showSummary);
  connect(&refresh_, &QTimer::timeout, this, &TrainPage::showSummary);
}

void TrainPage::showSummary() {
  const QLocale locale;
  QString text;
  const auto add = [&text](const QString& what, const QString& value) {
    if (!value.isEmpty()) text += QStringLiteral("%1&nbsp;<b>%2</b> &nbsp;&nbsp;&nbsp;").arg(what, value.toHtmlEscaped());
  };
  if (dataset_->isOpen()) add(tr("data"), dataset_->displayName());
  if (const auto& run = session_->run()) {
    add(tr("parameters"), locale.toString(static_cast<qlonglong>(run->parameters)));
    if (session_->last().samplesSeen > 0) {
      add(tr("samples seen"), locale.toString(static_cast<qlonglong>(session_->last().samplesSeen)));
    }
  }
  summary_->setText(text);
}

void TrainPage::showEmptyText() {
  QString text;
  if (session_->state() == run::State::Preparing) {
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

}  // namespace dw::ui
