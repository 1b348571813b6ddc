// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

class QWidget;

namespace dw::ui {

class CardStack;
class Workbench;

/// Shows what the sessions tell as cards, with the buttons that help: data that cannot be read, a run that ended, failed or
/// cannot go on.
void watchSessions(Workbench* workbench, CardStack* cards, QWidget* window);

}  // namespace dw::ui
