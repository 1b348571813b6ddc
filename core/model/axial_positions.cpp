// SPDX-License-Identifier: GPL-3.0-or-later
#include "model/axial_positions.h"

#include <algorithm>
#include <cmath>

#include "base/error.h"

namespace dw::model {

namespace {

/// Centres of `count` equal cells on [-half, half], or evenly spaced points including both ends.
torch::Tensor axisCentres(std::int64_t count, double half, bool alignCorners) {
  const auto i = torch::arange(count, torch::kFloat64);
  if (!alignCorners) return (i + 0.5) * (2.0 * half / static_cast<double>(count)) - half;
  return count == 1 ? torch::full({1}, -half, torch::kFloat64)
                    : i * (2.0 * half / static_cast<double>(count - 1)) - half;
}

/// Row i holds the weights with which `in` samples make sample i of `out`: a triangle as wide as the ratio.
torch::Tensor resampleWeights(std::int64_t in, std::int64_t out) {
  auto weights = torch::zeros({out, in}, torch::kFloat64);
  auto w = weights.accessor<double, 2>();
  const double ratio = static_cast<double>(in) / static_cast<double>(out);
  const double radius = std::max(ratio, 1.0);
  for (std::int64_t i = 0; i < out; ++i) {
    const double centre = ratio * (static_cast<double>(i) + 0.5);
    const auto first = std::max<std::int64_t>(0, static_cast<std::int64_t>(std::floor(centre - radius + 0.5)));
    const auto last = std::min<std::int64_t>(in, static_cast<std::int64_t>(std::floor(centre + radius + 0.5)));
    double sum = 0.0;
    for (auto j = first; j < last; ++j) {
      w[i][j] = std::max(0.0, 1.0 - std::abs(static_cast<double>(j) - centre + 0.5) / radius);
      sum += w[i][j];
    }
    for (auto j = first; j < last; ++j) w[i][j] /= sum;
  }
  return weights;
}

}  // namespace

torch::Tensor gridPositions(std::int64_t rows, std::int64_t columns, const torch::TensorOptions& options,
                            const GridOptions& grid) {
  const double aspect = static_cast<double>(columns) / (static_cast<double>(rows) * grid.pixelAspectRatio);
  const auto y = axisCentres(rows, aspect > 1.0 ? 1.0 / aspect : 1.0, grid.alignCorners);
  const auto x = axisCentres(columns, aspect < 1.0 ? aspect : 1.0, grid.alignCorners);
  const auto pairs = torch::stack({y.unsqueeze(1).expand({rows, columns}), x.unsqueeze(0).expand({rows, columns})}, -1);
  return pairs.reshape({rows * columns, 2}).to(options);
}

torch::Tensor squareCropPositions(std::int64_t rows, std::int64_t columns, std::int64_t cropRow,
                                  std::int64_t cropColumn, const torch::TensorOptions& options) {
  const auto side = std::min(rows, columns);
  const auto top = rows > columns ? cropRow : 0;
  const auto left = columns > rows ? cropColumn : 0;
  if (top < 0 || left < 0 || top + side > rows || left + side > columns) {
    throw Error(ErrorKind::Usage, c10::str("A square of side ", side, " from row ", top, ", column ", left,
                                           " does not fit into a grid of ", rows, " x ", columns, "."));
  }
  const auto all = gridPositions(rows, columns, options).view({rows, columns, 2});
  return all.narrow(0, top, side).narrow(1, left, side).reshape({side * side, 2});
}

torch::Tensor resamplePositions(const torch::Tensor& pixels, std::int64_t height, std::int64_t width, std::int64_t rows,
                                std::int64_t columns) {
  if (rows == height && columns == width) return pixels;
  const auto n = pixels.size(0);
  const auto byRow =
      torch::matmul(resampleWeights(height, rows).to(pixels.options()), pixels.reshape({n, height, width * 2}));
  const auto byColumn =
      torch::matmul(resampleWeights(width, columns).to(pixels.options()), byRow.view({n, rows, width, 2}));
  return byColumn.reshape({n, rows * columns, 2});
}

}  // namespace dw::model
