// SPDX-License-Identifier: GPL-3.0-or-later
#include "screenshot.h"

#include <QCoreApplication>
#include <QPixmap>
#include <QTimer>

#include "main_window/main_window.h"

namespace dw::app {

void planScreenshot(const ScreenshotPlan& plan, ui::MainWindow* window) {
  if (plan.file.isEmpty()) return;
  constexpr int kSettleMs = 400;  // after the page was turned
  QTimer::singleShot(std::max(0, plan.afterMs - kSettleMs), window, [plan, window] {
    window->showPage(plan.page);
    QTimer::singleShot(kSettleMs, window, [plan, window] {
      if (!window->grab().save(plan.file)) return QCoreApplication::exit(1);
      window->closeCleanly();
    });
  });
}

}  // namespace dw::app
