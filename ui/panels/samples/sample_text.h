// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QString>
#include <string>

namespace dw::ui {

struct MadeSamples;

/// "average of step 5,000, DDIM, 50 steps, guidance 2, seed 0".
QString orderText(const MadeSamples& samples);
/// "DPM-Solver++ 2M" of "dpmpp2m".
QString samplerName(const std::string& name);
/// Of picture `index`: its class, or nothing.
QString classText(const MadeSamples& samples, qint64 index);

}  // namespace dw::ui
