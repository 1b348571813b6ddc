// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QAbstractButton>
#include <QAction>
#include <QApplication>
#include <QComboBox>
#include <QDialog>
#include <QFileDialog>
#include <QLineEdit>
#include <QMenu>
#include <QMenuBar>
#include <QPointer>
#include <QScrollArea>
#include <QTest>
#include <QTimer>
#include <QWindow>
#include <algorithm>
#include <iterator>
#include <random>
#include <type_traits>

namespace dw::test {

/// Clicks, presses keys and types into a window at random, as a cat on the desk would. What it draws depends on the seed
/// alone; what there is to be clicked depends on the threads of the program as well.
class RandomHand : public QObject {
 public:
  /// What is met more often than chance would have it, by objectName, and what is never gone for.
  struct Habits {
    QStringList buttons, fields, avoided;
    QList<QKeyCombination> keys, avoidedKeys;
  };

  RandomHand(QWidget* window, Habits habits, unsigned seed)
      : window_(window), habits_(std::move(habits)), random_(seed) {
    tend();
  }

  int below(qsizetype n) { return static_cast<int>(random_() % static_cast<std::mt19937::result_type>(n)); }

  void act() {
    auto* window = surface();
    const bool main = window == window_;
    const int die = below(16);
    if (die < 6 && main) return clickNamed();
    if (die < 11) return clickSomeControl(window);
    if (die == 11) return clickAnywhere(window);
    if (die < 14) return pressKey(window);
    if (die == 14 && main) return type(window->findChild<QLineEdit*>(oneOf(habits_.fields)));
    type(someChild<QLineEdit>(window, [](const QLineEdit*) { return true; }));
  }

  /// From now on menus are closed without a choice.
  void rest() { resting_ = true; }
  /// The latest actions, for the message of a failure.
  QString trail() const { return trail_.join(QStringLiteral("; ")); }

 private:
  template <typename List>
  auto oneOf(const List& list) -> std::decay_t<decltype(list[0])> {
    return list[below(static_cast<qsizetype>(std::size(list)))];
  }

  template <typename T, typename Filter>
  T* someChild(const QWidget* window, Filter fits) {
    QList<T*> found;
    for (auto* child : window->findChildren<T*>()) {
      if (child->window() == window && child->isVisible() && fits(child)) found.append(child);
    }
    return found.isEmpty() ? nullptr : oneOf(found);
  }

  void note(const QString& what) {
    constexpr qsizetype kKept = 25;
    trail_.append(what);
    if (trail_.size() > kKept) trail_.removeFirst();
  }
  static QString nameOf(const QWidget* widget) {
    return widget->objectName().isEmpty() ? QString::fromLatin1(widget->metaObject()->className())
                                          : widget->objectName();
  }

  /// What a user could mean to hit: fields, lists, sliders and dials all take the focus.
  bool isControl(const QWidget* widget) const {
    if (habits_.avoided.contains(widget->objectName())) return false;
    return widget->focusPolicy() != Qt::NoFocus || qobject_cast<const QAbstractButton*>(widget) ||
           qobject_cast<const QMenuBar*>(widget) || widget->inherits("QCustomPlot");
  }

  /// Menus and file dialogs run event loops of their own inside a click: they are answered from here.
  void tend() {
    constexpr int kEachMs = 5;
    QTimer::singleShot(kEachMs, this, &RandomHand::tend);  // first: what follows may run such a loop as well
    if (auto* popup = QApplication::activePopupWidget()) return answer(popup);
    if (auto* files = qobject_cast<QFileDialog*>(QApplication::activeModalWidget())) files->reject();
  }

  void answer(QWidget* popup) {
    QList<QAction*> offered;
    auto* menu = qobject_cast<QMenu*>(popup);
    if (menu != nullptr && !resting_ && below(4) != 0) {
      for (auto* action : menu->actions()) {
        const auto keys = action->shortcut();
        const bool avoided = !keys.isEmpty() && habits_.avoidedKeys.contains(keys[0]);
        if (action->isEnabled() && action->isVisible() && !action->isSeparator() && !action->menu() && !avoided)
          offered.append(action);
      }
    }
    if (offered.isEmpty()) {
      popup->close();
      return;
    }
    auto* chosen = oneOf(offered);
    note(QStringLiteral("menu ") + chosen->text());
    menu->setActiveAction(chosen);
    QTest::keyClick(menu, Qt::Key_Return);
  }

  /// The window that takes the next action: a modal dialog, else one of those that are open.
  QWidget* surface() {
    if (auto* modal = QApplication::activeModalWidget()) return modal;
    QWidgetList shown{window_, window_, window_};
    for (auto* top : QApplication::topLevelWidgets()) {
      if (qobject_cast<QDialog*>(top) && top->isVisible()) shown.append(top);
    }
    return oneOf(shown);
  }

  /// Through the window system, as a mouse does it: what lies above takes the click, and a modal dialog keeps it away.
  static void clickAt(QWidget* window, QPoint where) {
    if (!window->isVisible() || !window->windowHandle() || !window->rect().contains(where)) return;
    QTest::mouseClick(window->windowHandle(), Qt::LeftButton, Qt::KeyboardModifiers(), where);
  }

  QPoint somewhereIn(const QWidget* widget) {
    return {below(std::max(1, widget->width())), below(std::max(1, widget->height()))};
  }

  void clickAnywhere(QWidget* window) {
    const auto where = somewhereIn(window);
    note(QStringLiteral("click at %1, %2 of %3").arg(where.x()).arg(where.y()).arg(nameOf(window)));
    clickAt(window, where);
  }

  void click(QWidget* widget) {
    note(QStringLiteral("click ") + nameOf(widget));
    for (auto* above = widget->parentWidget(); above != nullptr; above = above->parentWidget()) {
      if (auto* scroll = qobject_cast<QScrollArea*>(above)) scroll->ensureWidgetVisible(widget);
    }
    constexpr int kCheckMark = 10;  // a check box does not take clicks right of its text
    const bool isButton = qobject_cast<QAbstractButton*>(widget) != nullptr;
    const QPoint inside =
        isButton ? QPoint(std::min(kCheckMark, widget->width() / 2), widget->height() / 2) : somewhereIn(widget);
    clickAt(widget->window(), widget->mapTo(widget->window(), inside));
  }

  void clickNamed() {
    auto* target = window_->findChild<QAbstractButton*>(oneOf(habits_.buttons));
    if (target != nullptr && target->isVisible()) click(target);
  }

  void clickSomeControl(const QWidget* window) {
    auto* widget = someChild<QWidget>(window, [this](const QWidget* child) { return isControl(child); });
    if (widget == nullptr) return;
    auto* combo = qobject_cast<QComboBox*>(widget);
    if (combo == nullptr || !combo->isEnabled() || below(3) == 0) return click(widget);
    note(QStringLiteral("choose in ") + nameOf(combo));
    QTest::keyClick(combo, below(2) == 0 ? Qt::Key_Up : Qt::Key_Down);
  }

  void pressKey(QWidget* window) {
    if (!window->isActiveWindow()) window->activateWindow();
    const auto key = oneOf(habits_.keys);
    auto* focused = window->focusWidget();
    auto* to = focused != nullptr && focused->isVisible() && below(2) == 0 ? focused : window;
    note(QStringLiteral("key %1 to %2").arg(QKeySequence(key).toString(), nameOf(to)));
    QTest::keyClick(to, key.key(), key.keyboardModifiers());
  }

  void type(QLineEdit* edit) {
    static constexpr const char* kTexts[] = {"0", "-1", "nan", "1e9", "3e-4", "0.01", "", "9,9", "400", "7"};
    if (edit == nullptr || !edit->isVisible() || !edit->isEnabled() || edit->isReadOnly()) return;
    const auto text = QString::fromLatin1(oneOf(kTexts));
    note(QStringLiteral("type %1 into %2").arg(text, nameOf(edit)));
    const QPointer<QLineEdit> still(edit);
    edit->setFocus();
    edit->selectAll();
    if (text.isEmpty()) QTest::keyClick(edit, Qt::Key_Delete);
    QTest::keyClicks(edit, text);
    if (still) QTest::keyClick(edit, Qt::Key_Return);
  }

  QWidget* window_;
  Habits habits_;
  std::mt19937 random_;
  QStringList trail_;
  bool resting_ = false;
};

}  // namespace dw::test
