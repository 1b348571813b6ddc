// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QString>

namespace dw::ui {

struct MadeSamples;

/// "average of step 5,000, DDIM, 50 steps, guidance 2, seed 0".
QString orderText(const MadeSamples& samples);
/// Of picture `index`: its class, or nothing.
QString classText(const MadeSamples& samples, qint64 index);

}  // namespace dw::ui
