// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QString>
#include <optional>

namespace dw::ui {

/// The only rule for numbers that somebody types, whatever the language of the desktop. Numbers have a decimal point, as
/// everything here shows them: "0.001", "3e-4". One comma without a point is a decimal comma: "0,001" is 0.001, "1,5e-3"
/// is 0.0015. What may as well be a group of thousands ("1,000") and more than one sign of either kind ("1,000.5",
/// "1.000.000") are refused. So are "inf" and "nan".
std::optional<double> typedNumber(const QString& text);

/// The same where only whole numbers count: "250", "1e4"; "2,5" is refused.
std::optional<qint64> typedWhole(const QString& text);

/// With its decimal comma as a point, for who parses the number elsewhere; every other text as it is.
QString withDecimalPoint(const QString& text);

/// Why typedNumber refuses this text, in a sentence; empty: it does not.
QString whyNoNumber(const QString& text);

}  // namespace dw::ui
