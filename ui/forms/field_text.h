// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QColor>
#include <QPalette>
#include <QString>

#include "base/problem.h"
#include "config/recipe_fields.h"

namespace dw::ui {

// Texts of core are English; the translation files know them under the context "RecipeFields".
QString labelOf(const config::Field& field);
QString whyOf(const config::Field& field);
QString unitOf(const config::Field& field);
/// "0 to 1", "1 or more"; empty where there is no range.
QString rangeOf(const config::Field& field);
/// Heading of the section that a key such as "model.dim" belongs to.
QString sectionOf(const QString& key);

/// Text colour for a finding, legible on the palette's window colour.
QColor severityColor(Severity severity, const QPalette& palette);

}  // namespace dw::ui
