// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <vector>

#include "session/dataset/dataset_jobs.h"

class QTableWidget;

namespace dw::ui {

/// A table "channel | mean | std | min | max"; of a sample and of the whole dataset.
QTableWidget* makeChannelTable();
/// Fills it, and names what is not finite.
void fillChannelTable(QTableWidget* table, const std::vector<ChannelSummary>& channels);
/// As high as its rows, up to eight of them: fewer would leave a white hole, more would push the rest away.
void fitTableToRows(QTableWidget* table);

}  // namespace dw::ui
