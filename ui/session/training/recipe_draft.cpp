// SPDX-License-Identifier: GPL-3.0-or-later
#include "session/training/recipe_draft.h"

#include <algorithm>
#include <utility>

#include "base/error.h"
#include "config/recipe_fields.h"
#include "numbers/typed_number.h"

namespace dw::ui {

RecipeDraft::RecipeDraft(QObject* parent)
    : QObject(parent), recipe_(config::builtinRecipe(config::kFirstRecipe)), base_(recipe_) {
  check();
}

bool RecipeDraft::isModified() const { return !unreadable_.isEmpty() || recipe_ != base_; }

QString RecipeDraft::text(const QString& key) const {
  if (const auto typed = unreadable_.constFind(key); typed != unreadable_.cend()) return *typed;
  const auto* field = config::findField(key.toStdString());
  return field != nullptr ? QString::fromStdString(field->get(recipe_)) : QString();
}

QString RecipeDraft::baseText(const QString& key) const {
  const auto* field = config::findField(key.toStdString());
  return field != nullptr ? QString::fromStdString(field->get(base_)) : QString();
}

void RecipeDraft::setField(const QString& key, const QString& text) {
  const auto* field = config::findField(key.toStdString());
  if (field == nullptr || text == this->text(key)) return;
  config::Recipe edited = recipe_;
  const QString plain = field->kind == config::FieldKind::Number ? withDecimalPoint(text) : text;
  if (field->set(edited, plain.trimmed().toStdString())) {
    unreadable_.remove(key);
    recipe_ = std::move(edited);
  } else {
    unreadable_.insert(key, text);
  }
  check();
  Q_EMIT changed();
}

void RecipeDraft::loadBuiltin(const QString& name) {
  if (!config::builtinRecipeCalled(name.toStdString())) return;
  setRecipe(config::builtinRecipe(name.toStdString()));
}

void RecipeDraft::setRecipe(const config::Recipe& recipe) {
  recipe_ = recipe;
  base_ = recipe;
  weights_.clear();
  unreadable_.clear();
  check();
  Q_EMIT changed();
}

void RecipeDraft::becameSaved(const QString& name) {
  recipe_.name = name.toStdString();
  base_ = recipe_;
  Q_EMIT changed();
}

void RecipeDraft::beginWith(const QString& weights, const config::ModelSettings& model) {
  weights_ = weights;
  ignoresExtras_ = false;
  recipe_.model = model;
  unreadable_.removeIf([](const auto& entry) { return entry.key().startsWith(QLatin1String("model.")); });
  check();
  Q_EMIT changed();
}

void RecipeDraft::beginFresh() {
  if (weights_.isEmpty()) return;
  weights_.clear();
  Q_EMIT changed();
}

void RecipeDraft::setDatasetShape(const std::optional<config::DatasetShape>& shape) {
  shape_ = shape;
  check();
}

Problems RecipeDraft::problemsOf(const QString& key) const {
  const std::string field = key.toStdString();
  Problems mine;
  std::copy_if(problems_.begin(), problems_.end(), std::back_inserter(mine),
               [&](const Problem& p) { return p.field == field; });
  std::stable_sort(mine.begin(), mine.end(),
                   [](const Problem& a, const Problem& b) { return a.severity > b.severity; });
  return mine;
}

QString RecipeDraft::whyNotReady() const {
  if (!shape_) return tr("Open a dataset first, or try the demo data.");
  for (const auto& problem : problems_) {
    if (problem.severity == Severity::Error) return QString::fromStdString(problem.sentence);
  }
  return {};
}

void RecipeDraft::check() {
  problems_.clear();
  for (auto typed = unreadable_.cbegin(); typed != unreadable_.cend(); ++typed) {
    // setField of core says in words which kind and range the field expects.
    config::Recipe scratch = recipe_;
    auto found = config::setField(scratch, typed.key().toStdString(), typed.value().toStdString());
    for (auto& problem : found) {
      problem.field = typed.key().toStdString();
      if (problem.fix.empty()) problem.fix = config::findField(problem.field)->get(recipe_);
      problems_.push_back(std::move(problem));
    }
  }
  for (auto& problem : config::validate(recipe_)) problems_.push_back(std::move(problem));
  if (shape_) {
    for (auto& problem : config::validateAgainst(recipe_, *shape_)) problems_.push_back(std::move(problem));
  }
  Q_EMIT problemsChanged();
}

}  // namespace dw::ui
