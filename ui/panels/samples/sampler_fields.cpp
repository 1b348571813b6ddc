// SPDX-License-Identifier: GPL-3.0-or-later
#include "panels/samples/sampler_fields.h"

#include <QCheckBox>
#include <QComboBox>
#include <QHBoxLayout>
#include <QLabel>
#include <QLineEdit>
#include <QSpinBox>
#include <QVBoxLayout>
#include <algorithm>
#include <limits>

#include "forms/choice_box.h"
#include "numbers/typed_number.h"
#include "panels/samples/sample_text.h"
#include "theme/colors.h"
#include "theme/widgets.h"

namespace dw::ui {
namespace {

constexpr qint64 kEachInTurn = -2;  // of the class box
constexpr int kMostPictures = 256;  // of one order; more are a dataset, which dwb sample makes

template <class Field>
Field* named(Field* field, const char* name, const QString& accessible, const QString& tip = {}) {
  field->setObjectName(QLatin1String(name));
  field->setAccessibleName(accessible);
  field->setToolTip(tip);
  return field;
}

QLineEdit* numberField(const char* name, const QString& text, const QString& accessible, const QString& tip) {
  auto* field = named(new QLineEdit(text), name, accessible, tip);
  field->setAlignment(Qt::AlignRight);
  field->setFixedWidth(field->fontMetrics().horizontalAdvance(QStringLiteral("00000000")) + 16);
  return field;
}

Problem notANumber(const char* field, const QString& text, const char* usual) {
  return {.field = field,
          .severity = Severity::Error,
          .sentence = SamplerFields::tr("“%1” is no number").arg(text).toStdString(),
          .remedy = SamplerFields::tr("use %1").arg(QLatin1String(usual)).toStdString(),
          .fix = usual};
}

}  // namespace

SamplerFields::SamplerFields(const inference::Backend& backend, QWidget* parent)
    : QWidget(parent), samplers_(backend.samplers) {
  setObjectName(QStringLiteral("samplerFields"));
  build();
  layOut();
  connect(sampler_, &QComboBox::currentIndexChanged, this, &SamplerFields::showSampler);
  setModel({}, 0);
  showSampler();
}

void SamplerFields::build() {
  sampler_ = named(new QComboBox, "sampler", tr("Sampler"));
  for (const auto& choice : samplers_) addChoice(sampler_, config::choiceOf(choice.kind));
  choose(sampler_, config::usualSampler(config::Target::Eps));
  steps_ = named(new QSpinBox, "sampleSteps", tr("Steps"), tr("How often the model is asked for each picture"));
  steps_->setRange(1, 1000);
  steps_->setValue(50);
  spacing_ = named(new QComboBox, "sampleSpacing", tr("Spacing of the steps"),
                   tr("Which of the timesteps the steps stand at"));
  addChoices<config::Spacing>(spacing_);
  eta_ = numberField("sampleEta", QStringLiteral("0"), tr("Share of fresh noise, eta"),
                     tr("0 = no noise is added on the way (DDIM), 1 = as much as DDPM adds"));
  karras_ = named(new QCheckBox(tr("Karras")), "sampleKarras", tr("Noise levels as Karras spaces them"));
  label_ = named(new QComboBox, "sampleLabel", tr("Class that is asked for"));
  label_->setSizeAdjustPolicy(QComboBox::AdjustToMinimumContentsLengthWithIcon);
  label_->setMinimumContentsLength(8);
  context_ = named(new QSpinBox, "sampleContext", tr("Sample of the open dataset whose context is told"));
  context_->setRange(-1, -1);
  context_->setSpecialValueText(tr("none"));
  guidance_ = numberField("sampleGuidance", QStringLiteral("1"), tr("Guidance"),
                          tr("1 = as trained, above 1 = the condition exaggerated; needs a class or a context"));
  seed_ = numberField("sampleSeed", QStringLiteral("0"), tr("Seed"),
                      tr("The same seed begins from the same noise, whatever else differs"));
  count_ = named(new QSpinBox, "sampleCount", tr("How many pictures"));
  count_->setRange(1, kMostPictures);
  count_->setValue(16);
}

void SamplerFields::layOut() {
  auto* how = new QHBoxLayout;
  how->setSpacing(8);
  theme::addLabelled(how, tr("sampler"), sampler_);
  theme::addLabelled(how, tr("steps"), steps_);
  theme::addLabelled(how, tr("spacing"), spacing_);
  etaRow_ = theme::addLabelled(how, tr("eta"), eta_);
  how->addWidget(karras_);
  how->addStretch(1);
  auto* what = new QHBoxLayout;
  what->setSpacing(8);
  theme::addLabelled(what, tr("pictures"), count_);
  theme::addLabelled(what, tr("seed"), seed_);
  theme::addLabelled(what, tr("class"), label_);
  contextRow_ = theme::addLabelled(what, tr("context of sample"), context_);
  theme::addLabelled(what, tr("guidance"), guidance_);
  what->addStretch(1);
  auto* column = new QVBoxLayout(this);
  column->setContentsMargins(0, 0, 0, 0);
  column->setSpacing(8);
  column->addLayout(how);
  column->addLayout(what);
}

const inference::SamplerChoice* SamplerFields::sampler() const {
  const int row = sampler_->currentIndex();
  return row < 0 ? nullptr : &samplers_[static_cast<std::size_t>(row)];
}

void SamplerFields::showSampler() {
  const auto* choice = sampler();
  for (auto* widget : etaRow_) widget->setVisible(choice && choice->eta);
  karras_->setVisible(choice && choice->karras);
  if (choice && !choice->leading && chosen<config::Spacing>(spacing_) == config::Spacing::Leading)
    spacing_->setCurrentIndex(0);
}

void SamplerFields::setModel(const inference::ModelFacts& model, qint64 contextSamples) {
  QStringList names;
  for (const auto& name : model.classNames) names << QString::fromStdString(name);
  setClasses(model.classes(), names);
  for (auto* widget : contextRow_) widget->setVisible(model.takesContext());
  context_->setMaximum(static_cast<int>(std::min<qint64>(contextSamples, std::numeric_limits<int>::max()) - 1));
  context_->setEnabled(contextSamples > 0);
  context_->setToolTip(
      contextSamples > 0
          ? tr("The model is told what stands beside this sample of the open dataset")
          : tr("Open the dataset that the run was trained on: its context vectors are told to the model"));
  guided_ = model.classes() > 0 || model.takesContext();
  guidance_->setEnabled(guided_);
  // Models of the straight path have a sampler of their own; whoever takes another one after that means it.
  const auto usual = model.defaultSampler();
  if (usual == usual_) return;
  usual_ = usual;
  choose(sampler_, usual);
}

void SamplerFields::setClasses(qint64 classes, const QStringList& names) {
  const QVariant before = label_->currentData();
  label_->clear();
  label_->addItem(tr("none"), -1);
  if (classes > 0) label_->addItem(tr("all in turn"), kEachInTurn);
  for (qint64 i = 0; i < classes; ++i)
    label_->addItem(i < names.size() && !names[i].isEmpty() ? names[i] : QString::number(i), i);
  label_->setCurrentIndex(std::max(0, label_->findData(before)));
  label_->setEnabled(classes > 0);
  label_->setToolTip(classes > 0 ? QString() : tr("This model was trained without classes"));
}

qint64 SamplerFields::contextOf() const {
  return context_->isEnabled() && context_->isVisibleTo(this) ? context_->value() : -1;
}

inference::SampleRequest SamplerFields::request() const {
  inference::SampleRequest request;
  request.count = count_->value();
  request.sampler = chosen<config::SamplerKind>(sampler_).value_or(request.sampler);
  request.steps = steps_->value();
  request.spacing = chosen<config::Spacing>(spacing_).value_or(request.spacing);
  const auto* choice = sampler();
  if (choice && choice->eta) request.eta = typedNumber(eta_->text()).value_or(0.0);
  request.karras = choice && choice->karras && karras_->isChecked();
  if (guided_) request.guidance = typedNumber(guidance_->text()).value_or(1.0);
  request.seed = seed_->text().toULongLong();
  const qint64 label = label_->currentData().toLongLong();
  if (!label_->isEnabled() || label == -1) return request;
  if (label >= 0) request.labels = {label};
  const int classes = label_->count() - 2;
  for (int i = 0; i < count_->value() && label == kEachInTurn; ++i) request.labels.push_back(i % classes);
  return request;
}

Problems SamplerFields::unreadable() const {
  Problems out;
  if (!typedNumber(eta_->text()) && sampler() && sampler()->eta) out.push_back(notANumber("eta", eta_->text(), "0"));
  if (!typedNumber(guidance_->text()) && guided_) out.push_back(notANumber("guidance", guidance_->text(), "1"));
  bool ok = false;
  seed_->text().toULongLong(&ok);
  if (!ok) {
    out.push_back({.field = "seed",
                   .severity = Severity::Error,
                   .sentence = tr("“%1” is no seed: it is a whole number from 0").arg(seed_->text()).toStdString(),
                   .remedy = tr("use 0").toStdString(),
                   .fix = "0"});
  }
  return out;
}

QWidget* SamplerFields::fieldOf(const std::string& name) const {
  const std::pair<const char*, QWidget*> all[] = {
      {"sampler", sampler_}, {"steps", steps_}, {"spacing", spacing_}, {"eta", eta_},         {"karras", karras_},
      {"count", count_},     {"seed", seed_},   {"labels", label_},    {"context", context_}, {"guidance", guidance_}};
  for (const auto& [key, field] : all) {
    if (name == key) return field;
  }
  return nullptr;
}

void SamplerFields::mark(const Problems& problems) {
  const auto colour = theme::colorsFor(palette()).error.name();
  for (const char* name :
       {"sampler", "steps", "spacing", "eta", "karras", "count", "seed", "labels", "context", "guidance"}) {
    const bool wrong = std::ranges::any_of(problems, [name](const Problem& p) { return p.field == name; });
    fieldOf(name)->setStyleSheet(
        wrong ? QStringLiteral("border: 1px solid %1; border-radius: 3px; padding: 2px;").arg(colour) : QString());
  }
}

void SamplerFields::mend(const Problem& problem) {
  auto* field = fieldOf(problem.field);
  const auto fix = QString::fromStdString(problem.fix);
  if (auto* line = qobject_cast<QLineEdit*>(field))
    line->setText(fix);
  else if (auto* number = qobject_cast<QSpinBox*>(field))
    number->setValue(fix.toInt());
  else if (auto* check = qobject_cast<QCheckBox*>(field))
    check->setChecked(fix == QLatin1String("true"));
  else if (auto* box = qobject_cast<QComboBox*>(field))
    box->setCurrentIndex(std::max(0, box->findData(box == label_ ? QVariant(fix.toLongLong()) : QVariant(fix))));
}

}  // namespace dw::ui
