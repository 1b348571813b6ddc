// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

class QString;
class QWidget;

namespace dw::ui {

struct Card;

/// What a page may ask of the window that it stands in. Everything else goes through the Workbench.
class PageHost {
 public:
  virtual void showPage(const QWidget* page) = 0;
  /// The first page is shown, where one is before any data is open.
  virtual bool isAtStart() const = 0;
  virtual void showCard(const Card& card) = 0;
  virtual void dismissCard(const QString& id) = 0;
  /// Asks the user for a file and opens it.
  virtual void chooseFile() = 0;

 protected:
  ~PageHost() = default;
};

}  // namespace dw::ui
