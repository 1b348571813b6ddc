// SPDX-License-Identifier: GPL-3.0-or-later
#include "data/sources/demo_drawing.h"

#include <algorithm>
#include <cmath>
#include <numbers>

#include "base/random.h"

namespace dw::data::sources {
namespace {

constexpr double kPi = std::numbers::pi;
constexpr std::uint64_t kDemoSeed = 20;

struct Point {
  double x, y;
};

/// Not std::hypot, which guards against overflow that cannot happen here and is ten times slower.
double length(double x, double y) { return std::sqrt(x * x + y * y); }

double box(Point p, double halfX, double halfY) {
  const double dx = std::abs(p.x) - halfX, dy = std::abs(p.y) - halfY;
  return length(std::max(dx, 0.0), std::max(dy, 0.0)) + std::min(std::max(dx, dy), 0.0);
}

/// Regular polygon with `corners` corners at radius 1, its edges drawn in towards a star when inner < cos(pi / corners).
/// Folds the plane into one half of a corner's wedge and measures the distance to the one edge there.
double star(Point p, int corners, double inner) {
  const double wedge = kPi / corners;
  double angle = std::fmod(std::atan2(p.x, p.y) + 2.0 * kPi, 2.0 * wedge);
  angle = std::abs(angle - (angle > wedge ? 2.0 * wedge : 0.0));
  const double radius = length(p.x, p.y);
  const Point q{radius * std::sin(angle), radius * std::cos(angle)};
  const Point tip{0.0, 1.0}, dent{inner * std::sin(wedge), inner * std::cos(wedge)};
  const Point edge{dent.x - tip.x, dent.y - tip.y}, from{q.x - tip.x, q.y - tip.y};
  const double along = std::clamp((from.x * edge.x + from.y * edge.y) / (edge.x * edge.x + edge.y * edge.y), 0.0, 1.0);
  const double distance = length(from.x - along * edge.x, from.y - along * edge.y);
  return from.x * edge.y - from.y * edge.x > 0.0 ? -distance : distance;
}

/// Signed distance to the shape's outline in units of its radius; negative inside.
double distanceTo(int kind, Point p) {
  switch (kind) {
    case 0: return length(p.x, p.y) - 0.9;
    case 1: return box(p, 0.75, 0.75) - 0.05;
    case 2: return star(p, 3, 0.5);
    case 3: return star(p, 5, 0.45);
    case 4: return std::abs(length(p.x, p.y) - 0.72) - 0.24;
    default: return std::min(box(p, 0.95, 0.3), box(p, 0.3, 0.95));
  }
}

std::array<double, 3> fromHue(double hue, double saturation, double value) {
  std::array<double, 3> colour{};
  for (std::size_t i = 0; i < 3; ++i) {
    const double k = std::fmod(5.0 - 2.0 * static_cast<double>(i) + 6.0 * hue, 6.0);
    colour[i] = value - value * saturation * std::clamp(std::min(k, 4.0 - k), 0.0, 1.0);
  }
  return colour;
}

}  // namespace

Drawing demoDrawing(std::int64_t index) {
  Philox random(streamSeed(kDemoSeed, "demo", static_cast<std::uint64_t>(index)));
  const auto between = [&random](double low, double high) { return low + (high - low) * random.uniform(); };
  Drawing drawing;
  drawing.kind = static_cast<int>(index % static_cast<std::int64_t>(kDemoKinds.size()));
  drawing.size = between(0.42, 0.72);
  const double room = 0.9 - drawing.size;
  drawing.x = between(-room, room);
  drawing.y = between(-room, room);
  drawing.turn = between(0.0, 2.0 * kPi);
  const double hue = random.uniform();
  drawing.shape = fromHue(hue, 0.72, 1.0);
  drawing.shade = fromHue(hue + 0.94, 0.82, 0.72);
  const double groundHue = hue + between(0.35, 0.65);
  const double light = between(0.25, 0.9);
  drawing.ground = fromHue(groundHue, 0.25, std::min(1.0, light + 0.1));
  drawing.groundFar = fromHue(groundHue + 0.12, 0.35, light - 0.15);
  drawing.groundTurn = between(0.0, 2.0 * kPi);
  return drawing;
}

std::array<Window, kDemoCrops> demoWindows(std::int64_t index, const Drawing& drawing) {
  Philox random(streamSeed(kDemoSeed, "demo-window", static_cast<std::uint64_t>(index)));
  const auto between = [&random](double low, double high) { return low + (high - low) * random.uniform(); };
  const double nearHalf = std::max(drawing.size * 1.15, 0.62);
  const double away = 0.25 * drawing.size;
  return {Window{0.0, 0.0, 1.0}, Window{drawing.x + between(-0.08, 0.08), drawing.y + between(-0.08, 0.08), nearHalf},
          Window{drawing.x * 0.5 + between(-away, away), drawing.y * 0.5 + between(-away, away), between(0.9, 1.25)}};
}

void paint(const Drawing& drawing, const Window& window, std::span<float> rgb, std::span<float> depth) {
  const double pixel = 2.0 * window.half / static_cast<double>(kDemoSide);
  const double cosTurn = std::cos(drawing.turn), sinTurn = std::sin(drawing.turn);
  const double groundX = std::cos(drawing.groundTurn), groundY = std::sin(drawing.groundTurn);
  constexpr auto kPixels = static_cast<std::size_t>(kDemoSide * kDemoSide);
  for (std::size_t i = 0; i < kPixels; ++i) {
    const double x = window.x + (static_cast<double>(i % kDemoSide) + 0.5) * pixel - window.half;
    const auto row = i / kDemoSide;
    const double y = window.y + (static_cast<double>(row) + 0.5) * pixel - window.half;
    const Point p{(x - drawing.x) / drawing.size, (y - drawing.y) / drawing.size};
    const double distance = distanceTo(drawing.kind, {cosTurn * p.x + sinTurn * p.y, cosTurn * p.y - sinTurn * p.x});
    const double cover = std::clamp(0.5 - distance * drawing.size / pixel, 0.0, 1.0);
    const double lit = std::clamp(0.5 + 0.5 * (p.x + p.y), 0.0, 1.0);
    const double far = std::clamp(0.5 + 0.4 * (x * groundX + y * groundY), 0.0, 1.0);
    const double shadow = 0.25 * std::clamp(1.0 - std::max(distance, 0.0) * 3.0, 0.0, 1.0) * (1.0 - cover);
    for (std::size_t c = 0; c < 3; ++c) {
      const double ground = ((1.0 - far) * drawing.ground[c] + far * drawing.groundFar[c]) * (1.0 - shadow);
      const double shape = (1.0 - lit) * drawing.shape[c] + lit * drawing.shade[c];
      rgb[c * kPixels + i] = static_cast<float>(cover * shape + (1.0 - cover) * ground);
    }
    depth[i] = static_cast<float>(cover * std::clamp(0.35 - distance, 0.0, 1.0));
  }
}

}  // namespace dw::data::sources
