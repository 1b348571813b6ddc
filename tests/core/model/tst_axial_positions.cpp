// SPDX-License-Identifier: GPL-3.0-or-later
#include <torch/torch.h>

#include <QTest>

#include "base/error.h"
#include "model/axial_positions.h"
#include "model/kernels/rotation.h"

using namespace dw::model;

class TestAxialPositions : public QObject {
  Q_OBJECT

 private Q_SLOTS:
  void longerSideSpansOne();
  void cropIsAWindowOfTheGrid();
  void cropThatDoesNotFitIsRefused();
  void resamplingKeepsConstants();
  void resamplingHalvesTheGridInside();
  void rotationKeepsLengthsAndRelativeAngles();
};

void TestAxialPositions::longerSideSpansOne() {
  const auto pos = gridPositions(2, 4, torch::kFloat64);  // aspect 2: y spans [-1/2, 1/2]
  QCOMPARE(pos.sizes(), at::IntArrayRef({8, 2}));
  QVERIFY(torch::allclose(pos[0], torch::tensor({-0.25, -0.75}, torch::kFloat64)));
  QVERIFY(torch::allclose(pos[7], torch::tensor({0.25, 0.75}, torch::kFloat64)));
  const auto corners = gridPositions(4, 2, torch::kFloat64, {.alignCorners = true});
  QVERIFY(torch::allclose(corners[0], torch::tensor({-1.0, -0.5}, torch::kFloat64)));
  QVERIFY(torch::allclose(corners[7], torch::tensor({1.0, 0.5}, torch::kFloat64)));
}

void TestAxialPositions::cropIsAWindowOfTheGrid() {
  const auto all = gridPositions(5, 3, torch::kFloat64).view({5, 3, 2});
  const auto crop = squareCropPositions(5, 3, 2, 0, torch::kFloat64);
  QVERIFY(torch::equal(crop.view({3, 3, 2}), all.narrow(0, 2, 3)));
}

void TestAxialPositions::cropThatDoesNotFitIsRefused() {
  QVERIFY_THROWS_EXCEPTION(dw::Error, squareCropPositions(5, 3, 3, 0, torch::kFloat64));
  QVERIFY_THROWS_EXCEPTION(dw::Error, squareCropPositions(5, 3, -1, 0, torch::kFloat64));
}

void TestAxialPositions::resamplingKeepsConstants() {
  const auto pixels = torch::full({2, 7 * 9, 2}, 0.3, torch::kFloat64);
  const auto patches = resamplePositions(pixels, 7, 9, 3, 4);
  QCOMPARE(patches.sizes(), at::IntArrayRef({2, 12, 2}));
  QVERIFY(torch::allclose(patches, torch::full_like(patches, 0.3)));
}

void TestAxialPositions::resamplingHalvesTheGridInside() {
  const auto pixels = gridPositions(12, 12, torch::kFloat64).unsqueeze(0);
  const auto patches = resamplePositions(pixels, 12, 12, 6, 6).view({6, 6, 2});
  const auto grid = gridPositions(6, 6, torch::kFloat64).view({6, 6, 2});
  QVERIFY(torch::allclose(patches.narrow(0, 1, 4).narrow(1, 1, 4), grid.narrow(0, 1, 4).narrow(1, 1, 4)));
  QVERIFY(!torch::allclose(patches, grid));  // the border renormalises
}

void TestAxialPositions::rotationKeepsLengthsAndRelativeAngles() {
  torch::manual_seed(3);
  const auto freqs = torch::randn({1, 2, 2}, torch::kFloat64);
  const auto pos = torch::randn({2, 2}, torch::kFloat64);
  const auto x = torch::randn({1, 2, 1, 9}, torch::kFloat64);  // an odd head size: the ninth number stays
  const auto y = rotate(x, axialTurns(freqs, pos));
  QVERIFY(torch::allclose(x.norm(2, -1), y.norm(2, -1)));
  QVERIFY(torch::equal(x.select(-1, 8), y.select(-1, 8)));
  // q . k depends on the difference of positions only.
  const auto moved = rotate(x, axialTurns(freqs, pos + 0.7));
  const auto dot = [](const torch::Tensor& t) { return (t[0][0][0] * t[0][1][0]).sum(); };
  QVERIFY(torch::allclose(dot(y), dot(moved)));
  QVERIFY(!torch::allclose(y, moved));
}

QTEST_APPLESS_MAIN(TestAxialPositions)
#include "tst_axial_positions.moc"
