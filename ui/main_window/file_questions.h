// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

class QWidget;

namespace dw::ui {

class Workbench;

// File dialogs of the window. What the user chooses goes to the Workbench; a dialog that is closed changes nothing.
void askForData(Workbench* workbench, QWidget* window);
/// Where the dataset of the run lies that could not go on.
void askForMovedData(Workbench* workbench, QWidget* window);
void askForWeights(Workbench* workbench, QWidget* window);

}  // namespace dw::ui
