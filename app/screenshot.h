// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QString>

namespace dw::ui {
class MainWindow;
}

namespace dw::app {

/// A picture of the window for the README, made by the program itself.
struct ScreenshotPlan {
  QString file;  ///< empty = none
  int afterMs = 0;
  QString page;  ///< id of one of ui::allPages(); empty = the one that is shown
};

/// Waits, saves the picture, closes the window (stopping a run). A picture that cannot be saved ends the program with
/// exit code 1.
void planScreenshot(const ScreenshotPlan& plan, ui::MainWindow* window);

}  // namespace dw::app
