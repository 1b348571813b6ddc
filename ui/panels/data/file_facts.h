// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QString>

namespace dw::ui {

class DatasetSession;

/// One line for the top of the page: shape, type, size, labels.
QString factsInLine(const DatasetSession& session);
/// The same and more as a small table (HTML, escaped): format, array, axes, files, context, keys.
QString factsAsTable(const DatasetSession& session);

}  // namespace dw::ui
