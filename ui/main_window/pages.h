// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QString>
#include <span>

class QWidget;

namespace dw::ui {

class PageHost;
class Workbench;

/// A page of the window. Its place in the list is its place in the navigation column, the menu and the stack.
struct Page {
  const char* id;  ///< of `--page` and showPage
  const char* icon;
  const char* title;  ///< English, with the key for the menu: "&Data"
  const char* shortcut;
  QWidget* (*make)(Workbench& workbench, PageHost& host);

  /// In the user's language, with the key for the menu.
  QString menuText() const;
  /// The same without the key.
  QString text() const;
  /// objectName of its button: "navData".
  QString buttonName() const;
};

/// All pages; the first is the one to begin with.
std::span<const Page> allPages();
/// "start, data, ...", for help texts.
QString pageIds();

}  // namespace dw::ui
