// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QString>
#include <optional>

namespace dw::ui {

/// What a user said about a file: which array of it, and what its axes are. Both empty: what the file itself suggests.
struct DatasetChoice {
  QString dataset;
  QString axes;
  bool operator==(const DatasetChoice&) const = default;
};

/// The choice made for a path in this or an earlier session.
std::optional<DatasetChoice> recallChoice(const QString& path);
/// Keeps the choices of the latest hundred paths; an empty choice is forgotten.
void rememberChoice(const QString& path, const DatasetChoice& choice);

}  // namespace dw::ui
