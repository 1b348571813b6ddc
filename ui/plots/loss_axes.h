// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QFont>
#include <QList>
#include <optional>
#include <span>
#include <vector>

#include "plots/chart_colors.h"
#include "plots/min_max_series.h"
#include "plots/qcp.h"

namespace dw::ui {

/// Lines, ticks and texts of these axis rects in the chart's colours.
void styleAxes(const QList<QCPAxisRect*>& rects, const ChartColors& colors, const QFont& font);

void setLogScale(QCPAxis* axis, bool on);
bool isLog(const QCPAxis* axis);
/// Ticks that fit the present range: powers of ten for a long logarithmic one, whole numbers for counts.
void chooseTicker(QCPAxis* axis, bool wholeNumbers);

/// [low, high] with `share` of its length added at each side, in the axis's own scale; never empty.
QCPRange paddedRange(double low, double high, bool log, double share);
/// Range of the values whose x lies in steps; what a logarithmic axis cannot show is left out. Empty if there are none.
std::optional<QCPRange> valueRange(const MinMaxSeries& series, const QCPRange& steps, bool log);

/// x values between the pixel columns of a horizontal axis, ascending.
std::vector<double> columnEdges(const QCPAxis* axis, double pixelRatio);
/// Gives a graph what it needs of a curve to draw it exactly over these columns.
void fill(QCPGraph* graph, const MinMaxSeries& series, const std::vector<double>& edges);
/// The same over columns that are known already (MinMaxSeries::columns): curves at the same x look for them once.
void fillColumns(QCPGraph* graph, const MinMaxSeries& series, std::span<const std::size_t> bounds);
/// The same for a curve that hardly moves: stretches that stay within a quarter of a pixel become one line. Drawing thousands
/// of short dashed ones takes longer than all the rest.
void fillSteady(QCPGraph* graph, const MinMaxSeries& series, std::span<const std::size_t> bounds);
/// The curve goes up and down so much within a pixel column that it is seen as an area: smooth edges would cost time and show nothing.
bool isBand(const QCPGraph* graph, std::size_t columns);

}  // namespace dw::ui
