// SPDX-License-Identifier: GPL-3.0-or-later
#include "cards/card_stack.h"

#include <QEvent>
#include <QFrame>
#include <QHBoxLayout>
#include <QLabel>
#include <QPushButton>
#include <QToolButton>
#include <QVBoxLayout>

#include "theme/icons.h"

namespace dw::ui {
namespace {

struct Look {
  QString card, icon;
  theme::IconTint tint;
};

Look lookOf(Severity severity) {
  switch (severity) {
    case Severity::Error: return {QStringLiteral("error"), QStringLiteral("error"), theme::IconTint::Error};
    case Severity::Warning: return {QStringLiteral("warning"), QStringLiteral("warning"), theme::IconTint::Warning};
    case Severity::Note: break;
  }
  return {QStringLiteral("info"), QStringLiteral("info"), theme::IconTint::Accent};
}

QLabel* makeText(const QString& text, bool muted) {
  auto* label = new QLabel(text);
  label->setTextFormat(Qt::PlainText);  // sentences carry file names: nothing in them is markup
  label->setWordWrap(true);
  label->setTextInteractionFlags(Qt::TextSelectableByMouse);
  label->setProperty("muted", muted);
  return label;
}

}  // namespace

CardStack::CardStack(QWidget* parent) : QWidget(parent), column_(new QVBoxLayout(this)) {
  setObjectName(QStringLiteral("cardStack"));
  setAccessibleName(tr("Messages"));
  column_->setContentsMargins(8, 8, 8, 0);
  column_->setSpacing(6);
  hide();
}

void CardStack::show(const Card& card) {
  cards_.removeIf([&card](const Card& other) { return !card.id.isEmpty() && other.id == card.id; });
  cards_.prepend(card);
  if (card.id.isEmpty()) cards_.front().id = QStringLiteral("message-%1").arg(++unnamed_);
  rebuild();
}

void CardStack::dismiss(const QString& id) {
  if (cards_.removeIf([&id](const Card& card) { return card.id == id; }) > 0) rebuild();
}

void CardStack::changeEvent(QEvent* event) {
  QWidget::changeEvent(event);
  if (event->type() == QEvent::PaletteChange && !cards_.isEmpty()) rebuild();  // the pictures are painted once
}

void CardStack::rebuild() {
  while (auto* item = column_->takeAt(0)) {
    if (auto* widget = item->widget()) {
      widget->hide();
      widget->deleteLater();  // the click that dismissed it may still be inside
    }
    delete item;
  }
  for (const auto& card : cards_.mid(0, kShown)) column_->addWidget(makeCard(card));
  if (cards_.size() > kShown) {
    column_->addWidget(makeText(tr("Older messages that wait: %1").arg(cards_.size() - kShown), true));
  }
  setVisible(!cards_.isEmpty());
}

QWidget* CardStack::makeCard(const Card& card) {
  const Look look = lookOf(card.severity);
  auto* frame = new QFrame;
  frame->setObjectName(QStringLiteral("card_%1").arg(card.id));
  frame->setProperty("card", look.card);
  frame->setAccessibleName(card.sentence);
  auto* row = new QHBoxLayout(frame);
  row->setContentsMargins(12, 8, 8, 8);
  auto* picture = new QLabel;
  picture->setPixmap(theme::icon(look.icon, look.tint).pixmap(20, 20));
  row->addWidget(picture, 0, Qt::AlignTop);
  auto* words = new QVBoxLayout;
  words->setSpacing(2);
  words->addWidget(makeText(card.sentence, false));
  if (!card.remedy.isEmpty()) words->addWidget(makeText(card.remedy, true));
  row->addLayout(words, 1);
  const auto addButton = [&](const QString& name, const QString& text, const std::function<void()>& action,
                             QBoxLayout* to) {
    if (text.isEmpty()) return;
    auto* button = new QPushButton(text);
    button->setObjectName(name);
    connect(button, &QPushButton::clicked, this, [this, id = card.id, action] {
      dismiss(id);
      if (action) action();
    });
    to->addWidget(button, 0, Qt::AlignVCenter);
  };
  if (!card.buttons.isEmpty()) {
    auto* remedies = new QHBoxLayout;
    remedies->setContentsMargins(0, 4, 0, 0);
    for (qsizetype i = 0; i < card.buttons.size(); ++i) {
      addButton(QStringLiteral("cardRemedy%1").arg(i), card.buttons[i].text, card.buttons[i].action, remedies);
    }
    remedies->addStretch(1);
    words->addLayout(remedies);
  }
  addButton(QStringLiteral("cardAction"), card.actionText, card.action, row);
  addButton(QStringLiteral("cardOther"), card.otherText, card.other, row);
  auto* close = new QToolButton;
  close->setObjectName(QStringLiteral("cardClose"));
  close->setProperty("flat", true);
  close->setIcon(theme::icon(QStringLiteral("close")));
  close->setToolTip(tr("Dismiss"));
  close->setAccessibleName(tr("Dismiss this message"));
  connect(close, &QToolButton::clicked, this, [this, card] { dismiss(card.id); });
  row->addWidget(close, 0, Qt::AlignTop);
  return frame;
}

}  // namespace dw::ui
