// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QString>

#include "session/training/training_session.h"

namespace dw::ui {

/// What the run is doing, in one sentence: "Running, step 812 of 5,000".
QString stateText(const TrainingSession& session);
/// Why a button of the run bar cannot be pressed now; empty where it can.
QString whyNoPrimary(const TrainingSession& session, const QString& whyNotReady);
QString whyNoStep(const TrainingSession& session);
QString whyNoStop(const TrainingSession& session);
QString whyNoSave(const TrainingSession& session);

/// "31.2 steps/s", or "4.1 s/step" where a step takes longer than a second; empty while unknown.
QString speedText(double stepsPerSecond);
/// "2:14 left, 14:32": what is left and the clock time of the end; empty while unknown.
QString timeLeftText(const TrainingSession& session);

}  // namespace dw::ui
