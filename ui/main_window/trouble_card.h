// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "cards/card_stack.h"

namespace dw::messages {
struct Trouble;
}

namespace dw::ui {

class TrainingSession;

/// The card of a run that cannot make its next update (NaN, infinity, no memory): step, samples, tensor, and the remedies
/// as buttons. The run waits on good weights.
Card troubleCard(const messages::Trouble& trouble, TrainingSession* session);
/// Shows that card while a run is in trouble, and tells when it went back to a checkpoint.
void watchTrouble(TrainingSession* session, CardStack* cards);

}  // namespace dw::ui
