// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <array>
#include <cstdint>
#include <span>

namespace dw::data::sources {

/// One drawing of the demo: a coloured shape on a soft background, in a plane where crop 0 shows [-1, 1] x [-1, 1].
struct Drawing {
  int kind = 0;                                     ///< index into kDemoKinds
  double x = 0.0, y = 0.0, size = 0.5, turn = 0.0;  ///< centre, radius, angle in radians
  std::array<double, 3> shape{}, shade{};           ///< colours of the lit and the far side of the shape, 0..1
  std::array<double, 3> ground{}, groundFar{};      ///< colours of the background at two opposite corners
  double groundTurn = 0.0;                          ///< direction in which the background changes
};

/// A window on the plane: centre and half its width.
struct Window {
  double x = 0.0, y = 0.0, half = 1.0;
};

inline constexpr std::array<const char*, 6> kDemoKinds{"circle", "square", "triangle", "star", "ring", "cross"};
inline constexpr std::int64_t kDemoSamples = 2048;
inline constexpr std::int64_t kDemoCrops = 3;
inline constexpr std::int64_t kDemoSide = 32;

/// Drawing number index: a pure function of it. Kinds take turns.
Drawing demoDrawing(std::int64_t index);
/// What each crop of it shows: all; the shape from nearer; another part, where the shape still lies.
std::array<Window, kDemoCrops> demoWindows(std::int64_t index, const Drawing& drawing);

/// Paints a window as RGB 0..1 and the depth 0..1 (how far inside the shape a place is), all [side x side], antialiased.
/// rgb: [3, side, side]; depth: [side, side].
void paint(const Drawing& drawing, const Window& window, std::span<float> rgb, std::span<float> depth);

}  // namespace dw::data::sources
