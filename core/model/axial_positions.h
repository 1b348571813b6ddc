// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <torch/torch.h>

#include <cstdint>

namespace dw::model {

struct GridOptions {
  bool alignCorners = false;      ///< first and last cell on the border instead of half a cell inside
  double pixelAspectRatio = 1.0;  ///< width of a pixel / height of a pixel
};

/// Positions (y, x) of the cells of a grid, row after row: [rows * columns, 2]. The longer side spans [-1, 1], the shorter
/// one proportionally less, so that equal distances are equal in both directions.
torch::Tensor gridPositions(std::int64_t rows, std::int64_t columns, const torch::TensorOptions& options,
                            const GridOptions& grid = {});

/// Positions of the square window of side min(rows, columns) of a grid, from row cropRow on (tall) or column cropColumn on
/// (wide): [side * side, 2]. Throws Error Usage if the window does not fit.
torch::Tensor squareCropPositions(std::int64_t rows, std::int64_t columns, std::int64_t cropRow,
                                  std::int64_t cropColumn, const torch::TensorOptions& options);

/// Positions given for each pixel, [n, height * width, 2], averaged to a grid of patches, [n, rows * columns, 2]:
/// antialiased bilinear, y and x axes separately; weights at the border are renormalised. Differentiable.
torch::Tensor resamplePositions(const torch::Tensor& pixels, std::int64_t height, std::int64_t width, std::int64_t rows,
                                std::int64_t columns);

}  // namespace dw::model
