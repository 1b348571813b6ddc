// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QString>
#include <string>

namespace dw::inference {
struct SampleSet;
}

namespace dw::ui {

/// "average of step 5,000, DDIM, 50 steps, guidance 2, seed 0".
QString orderText(const inference::SampleSet& samples);
/// "DPM-Solver++ 2M" of "dpmpp2m".
QString samplerName(const std::string& name);
/// Of picture `index`: its class, or nothing.
QString classText(const inference::SampleSet& samples, qint64 index);

}  // namespace dw::ui
