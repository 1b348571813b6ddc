// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QString>

namespace dw::ui {

class NoiseLab;

/// "x_t = √ᾱ x₀ + √(1−ᾱ) ε" with the numbers of the present t, as rich text.
QString formulaText(const NoiseLab& lab);
/// ᾱ, SNR and what they say, one figure a line, as rich text.
QString figuresText(const NoiseLab& lab);

}  // namespace dw::ui
