// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QString>

#include "messages/messages.h"

namespace dw::ui {

/// A rate as people write it: "3e-4", "0.001".
QString rateInFigures(double rate);
/// What a command did, for a flag or a tooltip: "learning rate 3e-4 to 1.5e-4". Ends without a full stop.
QString commandText(const messages::CommandApplied& command);
/// The name of a live setting in the window: "learning rate".
QString nameOf(config::LiveField field);

}  // namespace dw::ui
