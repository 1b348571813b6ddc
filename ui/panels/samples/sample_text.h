// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QString>

namespace dw::inference {
struct SampleSet;
}

namespace dw::ui {

/// "average of step 5,000, DDIM, 50 steps, guidance 2, seed 0".
QString jobText(const inference::SampleSet& samples);
/// Of picture `index`: its class, or nothing.
QString classText(const inference::SampleSet& samples, qint64 index);

}  // namespace dw::ui
