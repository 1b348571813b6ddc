// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QList>
#include <QString>
#include <QWidget>
#include <functional>

#include "base/problem.h"

class QVBoxLayout;

namespace dw::ui {

/// One message to the user: what happened and why, what to do, and a button that does it where a program can.
struct Card {
  QString id;  ///< a card of the same id takes the place of the earlier one
  Severity severity = Severity::Error;
  QString sentence;    ///< what and why
  QString remedy;      ///< what to do; may be empty
  QString actionText;  ///< of the remedy button; empty = no button
  std::function<void()> action;
  QString otherText{};  ///< of a second button; empty = none
  std::function<void()> other{};
  struct Button {
    QString text;
    std::function<void()> action;
  };
  QList<Button> buttons{};  ///< further ones, in a row of their own under the words: remedies to choose from
};

/// Warnings and errors in the window, newest on top, until the user or the program dismisses them. The three newest are
/// shown; a line tells how many more wait below.
class CardStack : public QWidget {
  Q_OBJECT

 public:
  static constexpr qsizetype kShown = 3;

  explicit CardStack(QWidget* parent = nullptr);
  void show(const Card& card);
  using QWidget::show;
  void dismiss(const QString& id);
  const QList<Card>& cards() const { return cards_; }

 protected:
  void changeEvent(QEvent* event) override;

 private:
  void rebuild();
  QWidget* makeCard(const Card& card);

  QVBoxLayout* column_;
  QList<Card> cards_;  // newest first
  int unnamed_ = 0;    // cards without an id get one, so that they can be dismissed
};

}  // namespace dw::ui
