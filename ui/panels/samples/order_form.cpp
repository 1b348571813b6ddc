// SPDX-License-Identifier: GPL-3.0-or-later
#include "panels/samples/order_form.h"

#include <QCheckBox>
#include <QComboBox>
#include <QGridLayout>
#include <QHBoxLayout>
#include <QLabel>
#include <QLineEdit>
#include <QProgressBar>
#include <QPushButton>
#include <QSpinBox>
#include <QVBoxLayout>
#include <algorithm>
#include <limits>

#include "panels/samples/checkpoint_choice.h"
#include "theme/icons.h"

namespace dw::ui {
namespace {

QLabel* labelFor(const QString& text, QWidget* field) {
  auto* label = new QLabel(text);
  label->setBuddy(field);
  label->setProperty("muted", true);
  return label;
}

template <class Field>
Field* named(Field* field, const char* name, const QString& accessible) {
  field->setObjectName(QLatin1String(name));
  field->setAccessibleName(accessible);
  return field;
}

QString samplerName(const std::string& name) {
  if (name == "dpmpp2m") return QStringLiteral("DPM-Solver++ 2M");
  if (name == "unipc") return QStringLiteral("UniPC");
  if (name == "euler") return QStringLiteral("Euler");
  if (name == "flow" || name == "flow_euler") return QStringLiteral("flow Euler");
  return QString::fromStdString(name).toUpper();
}

}  // namespace

OrderForm::OrderForm(CheckpointChoice* checkpoints, const SamplingTools& tools, QWidget* parent)
    : QWidget(parent), checkpoints_(checkpoints), samplers_(tools.samplers) {
  setObjectName(QStringLiteral("orderForm"));
  build(tools);
  layOut();
  connectAll();
  setClasses(0, {});
  showSampler();
  setState(false, false);
}

void OrderForm::build(const SamplingTools& tools) {
  averaged_ = named(new QCheckBox(tr("average (EMA)")), "sampleEma", tr("Use the moving average of the weights"));
  averaged_->setChecked(true);
  sampler_ = named(new QComboBox, "sampler", tr("Sampler"));
  for (const auto& choice : samplers_) sampler_->addItem(samplerName(choice.name), QString::fromStdString(choice.name));
  sampler_->setCurrentIndex(std::max(0, sampler_->findData(QStringLiteral("ddim"))));
  spacing_ = named(new QComboBox, "sampleSpacing", tr("Spacing of the steps"));
  for (const auto& spacing : tools.spacings) spacing_->addItem(QString::fromStdString(spacing), QString::fromStdString(spacing));
  label_ = named(new QComboBox, "sampleLabel", tr("Class that is asked for"));
  label_->setSizeAdjustPolicy(QComboBox::AdjustToMinimumContentsLengthWithIcon);
  label_->setMinimumContentsLength(8);
  steps_ = named(new QSpinBox, "sampleSteps", tr("Steps"));
  steps_->setRange(1, 1000);
  steps_->setValue(50);
  count_ = named(new QSpinBox, "sampleCount", tr("How many pictures"));
  count_->setRange(1, 1024);
  count_->setValue(16);
  guidance_ = named(new QLineEdit(QStringLiteral("1")), "sampleGuidance", tr("Guidance"));
  seed_ = named(new QLineEdit(QStringLiteral("0")), "sampleSeed", tr("Seed"));
  for (auto* field : {guidance_, seed_}) {
    field->setAlignment(Qt::AlignRight);
    field->setFixedWidth(field->fontMetrics().horizontalAdvance(QStringLiteral("000000")) + 16);
  }
  guidance_->setToolTip(tr("1 = as trained, above 1 = the class exaggerated; needs a class"));
  seed_->setToolTip(tr("The same seed begins from the same noise, whatever else differs"));
  go_ = new QPushButton;
  go_->setObjectName(QStringLiteral("sampleGo"));
  go_->setProperty("primary", true);
  progress_ = named(new QProgressBar, "sampleProgress", tr("Progress of sampling"));
  progress_->setRange(0, 1000);
  problem_ = new QLabel;
  problem_->setObjectName(QStringLiteral("sampleProblem"));
  problem_->setProperty("problem", true);
  problem_->setWordWrap(true);
}

void OrderForm::layOut() {
  auto* first = new QHBoxLayout;
  first->setSpacing(8);
  first->addWidget(checkpoints_, 1);
  first->addWidget(averaged_);
  first->addSpacing(8);
  first->addWidget(go_);
  auto* second = new QHBoxLayout;
  second->setSpacing(8);
  const auto add = [second](const QString& text, QWidget* field) {
    second->addWidget(labelFor(text, field));
    second->addWidget(field);
  };
  add(tr("sampler"), sampler_);
  add(tr("steps"), steps_);
  add(tr("spacing"), spacing_);
  add(tr("class"), label_);
  add(tr("guidance"), guidance_);
  add(tr("seed"), seed_);
  add(tr("pictures"), count_);
  second->addWidget(progress_, 1);
  second->addStretch(0);
  auto* column = new QVBoxLayout(this);
  column->setContentsMargins(0, 0, 0, 0);
  column->setSpacing(8);
  column->addLayout(first);
  column->addLayout(second);
  column->addWidget(problem_);
  problem_->hide();
}

void OrderForm::connectAll() {
  connect(sampler_, &QComboBox::currentIndexChanged, this, &OrderForm::showSampler);
  connect(go_, &QPushButton::clicked, this, [this] {
    if (progress_->isVisible()) return Q_EMIT cancelRequested();
    Q_EMIT sampleRequested();
  });
  connect(checkpoints_, &CheckpointChoice::changed, this, [this] {
    setState(progress_->isVisible(), false);
    Q_EMIT checkpointChanged();
  });
  connect(averaged_, &QCheckBox::toggled, this, &OrderForm::checkpointChanged);
}

void OrderForm::showSampler() {
  for (const auto& choice : samplers_) {
    if (QString::fromStdString(choice.name) != sampler_->currentData().toString()) continue;
    const int leading = spacing_->findData(QStringLiteral("leading"));
    if (!choice.leading && spacing_->currentIndex() == leading) spacing_->setCurrentIndex(0);
  }
}

QString OrderForm::checkpoint() const { return checkpoints_->folder(); }
bool OrderForm::averaged() const { return averaged_->isChecked(); }

run::SampleRequest OrderForm::request() const {
  run::SampleRequest request;
  request.count = count_->value();
  request.sampler = sampler_->currentData().toString().toStdString();
  request.steps = steps_->value();
  request.spacing = spacing_->currentData().toString().toStdString();
  bool ok = false;
  request.guidance = guidance_->text().toDouble(&ok);
  if (!ok) request.guidance = std::numeric_limits<double>::quiet_NaN();  // check() says what is wrong with it
  request.seed = seed_->text().toULongLong();
  const qint64 label = label_->currentData().toLongLong();
  if (label_->isEnabled() && label >= 0) request.labels = {label};
  if (label_->isEnabled() && label == -2) {  // every class in turn
    for (int i = 0; i < count_->value(); ++i) request.labels.push_back(i % (label_->count() - 2));
  }
  return request;
}

void OrderForm::setClasses(qint64 classes, const QStringList& names) {
  const QVariant before = label_->currentData();
  label_->clear();
  label_->addItem(tr("none"), -1);
  if (classes > 0) label_->addItem(tr("all in turn"), -2);
  for (qint64 i = 0; i < classes; ++i) label_->addItem(i < names.size() ? names[i] : QString::number(i), i);
  label_->setCurrentIndex(std::max(0, label_->findData(before)));
  label_->setEnabled(classes > 0);
  label_->setToolTip(classes > 0 ? QString() : tr("This model was trained without classes"));
  guidance_->setEnabled(classes > 0);
}

void OrderForm::setState(bool busy, bool cancelling) {
  progress_->setVisible(busy);
  if (!busy) progress_->setValue(0);
  go_->setText(cancelling ? tr("Cancelling …") : busy ? tr("Cancel") : tr("Sample"));
  go_->setEnabled(!cancelling && (busy || !checkpoint().isEmpty()));
}

void OrderForm::setProgress(double fraction) { progress_->setValue(static_cast<int>(1000.0 * fraction)); }

void OrderForm::showProblem(const QString& text) {
  problem_->setText(text);
  problem_->setVisible(!text.isEmpty());
}

}  // namespace dw::ui
