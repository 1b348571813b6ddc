// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QIcon>
#include <QString>

namespace dw::theme {

/// Which colour an icon takes from the palette at the moment it is painted.
enum class IconTint { Text, OnAccent, Accent, Warning, Error };

/// A line icon of resources/icons by name ("play", "pause", "stop", "save", ...), sharp at every scale. It follows the
/// palette, is faint when disabled and takes the accent when checked. An unknown name gives an empty icon.
QIcon icon(const QString& name, IconTint tint = IconTint::Text);

/// The coloured icon of the program.
QIcon appIcon();

}  // namespace dw::theme
