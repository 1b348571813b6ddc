// SPDX-License-Identifier: GPL-3.0-or-later
#include "forms/recipe_form.h"

#include <QFrame>
#include <QLabel>
#include <QLineEdit>
#include <QPushButton>
#include <QScrollArea>
#include <QVBoxLayout>
#include <algorithm>
#include <array>

#include "config/recipe_fields.h"
#include "forms/collapsible_section.h"
#include "forms/field_editor.h"
#include "forms/field_text.h"
#include "session/training/recipe_draft.h"
#include "theme/widgets.h"

namespace dw::ui {
namespace {

/// What a first run needs; everything else has a good value already.
constexpr std::array kStartFields{"data.scale", "train.batch", "train.steps", "optim.lr", "model.dim"};

bool isStartField(const std::string& key) {
  return std::find(kStartFields.begin(), kStartFields.end(), key) != kStartFields.end();
}

}  // namespace

RecipeForm::RecipeForm(RecipeDraft* draft, QWidget* parent) : QWidget(parent), draft_(draft) {
  setObjectName(QStringLiteral("recipeForm"));
  auto* column = new QVBoxLayout(this);
  column->setContentsMargins(0, 0, 0, 0);
  column->setSpacing(8);
  buildBanner(column);
  search_ = new QLineEdit;
  search_->setObjectName(QStringLiteral("fieldSearch"));
  search_->setAccessibleName(tr("Search the fields"));
  search_->setPlaceholderText(tr("Search all fields"));
  search_->setClearButtonEnabled(true);
  column->addWidget(search_);
  buildFields(column);
  connect(search_, &QLineEdit::textChanged, this, &RecipeForm::filter);
  connect(draft_, &RecipeDraft::changed, this, &RecipeForm::refresh);
  connect(draft_, &RecipeDraft::problemsChanged, this, &RecipeForm::showProblems);
  showProblems();
  showLock();
}

void RecipeForm::buildBanner(QVBoxLayout* column) {
  banner_ = new QFrame;
  banner_->setObjectName(QStringLiteral("lockBanner"));
  banner_->setFrameShape(QFrame::StyledPanel);
  banner_->setProperty("surface", true);
  bannerText_ = new QLabel;
  bannerText_->setWordWrap(true);
  unlock_ = new QPushButton(tr("Edit a draft for the next run"));
  unlock_->setObjectName(QStringLiteral("unlockForm"));
  unlock_->setAccessibleName(unlock_->text());
  auto* inside = new QVBoxLayout(banner_);
  inside->setContentsMargins(8, 8, 8, 8);
  inside->setSpacing(8);
  inside->addWidget(bannerText_);
  inside->addWidget(unlock_, 0, Qt::AlignLeft);
  column->addWidget(banner_);
  connect(unlock_, &QPushButton::clicked, this, [this] {
    unlocked_ = true;
    showLock();
  });
}

void RecipeForm::buildFields(QVBoxLayout* column) {
  auto* inside = new QWidget;
  auto* rows = new QVBoxLayout(inside);
  rows->setContentsMargins(0, 0, 8, 0);
  rows->setSpacing(8);
  for (const char* key : kStartFields) {
    if (const auto* field = config::findField(key))
      rows->addWidget(fields_.emplace_back(new FieldEditor(*field, draft_)));
  }
  QMap<QString, CollapsibleSection*> byTitle;
  for (const auto& field : config::recipeFields()) {
    if (isStartField(field.key)) continue;
    const QString title = sectionOf(QString::fromStdString(field.key));
    auto*& section = byTitle[title];
    if (section == nullptr) {
      section = new CollapsibleSection(title);
      section->setObjectName(QStringLiteral("section.") +
                             QString::fromStdString(field.key).section(QLatin1Char('.'), 0, 0));
      sections_.append(section);
      rows->addWidget(section);
    }
    section->add(fields_.emplace_back(new FieldEditor(field, draft_)));
  }
  nothingFound_ = new QLabel(tr("No field has these words in its name or its reason."));
  nothingFound_->setWordWrap(true);
  nothingFound_->hide();
  rows->addWidget(nothingFound_);
  rows->addStretch(1);
  auto* scroll = theme::scrolled(inside, "recipeScroll", tr("Fields of the recipe"));
  scroll->setHorizontalScrollBarPolicy(Qt::ScrollBarAlwaysOff);
  column->addWidget(scroll, 1);
}

void RecipeForm::filter(const QString& words) {
  const bool searching = !words.trimmed().isEmpty();
  int found = 0;
  for (auto* field : fields_) {
    const bool fits = field->matches(words);
    field->setVisible(fits);
    found += fits ? 1 : 0;
  }
  for (auto* section : sections_) {
    const auto inside = section->findChildren<FieldEditor*>();
    const bool any =
        std::any_of(inside.begin(), inside.end(), [](auto* f) { return f->isVisibleTo(f->parentWidget()); });
    section->setVisible(any);
    section->setOpen(searching && any);
  }
  nothingFound_->setVisible(found == 0);
}

void RecipeForm::refresh() {
  for (auto* field : fields_) field->refresh();
  showLock();
}

void RecipeForm::showProblems() {
  for (auto* field : fields_) field->showProblems();
  for (auto* section : sections_) {
    int count = 0;
    for (auto* field : section->findChildren<FieldEditor*>())
      count += hasErrors(draft_->problemsOf(field->key())) ? 1 : 0;
    section->setProblemCount(count);
  }
}

void RecipeForm::setRunning(const std::optional<config::Recipe>& running) {
  if (!running) unlocked_ = false;
  running_ = running;
  showLock();
}

bool RecipeForm::isLocked() const { return running_.has_value() && !unlocked_; }

void RecipeForm::showLock() {
  const bool locked = isLocked();
  banner_->setVisible(running_.has_value());
  unlock_->setVisible(locked);
  bannerText_->setText(locked ? tr("Locked while this recipe is training.")
                              : tr("Draft for the next run. The running run keeps its own recipe."));
  for (auto* field : fields_) {
    std::optional<QString> other;
    if (running_ && !locked) {
      const auto value = QString::fromStdString(config::findField(field->key().toStdString())->get(*running_));
      if (value != draft_->text(field->key())) other = value;
    }
    field->setLocked(locked, other);
  }
}

}  // namespace dw::ui
