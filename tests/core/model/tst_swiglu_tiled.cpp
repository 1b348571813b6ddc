// SPDX-License-Identifier: GPL-3.0-or-later
#include <torch/torch.h>

#include <QTest>

#include <limits>

#include "gradients.h"
#include "model/kernels/swiglu.h"
#include "model/kernels/swiglu_tiled.h"

using namespace dw;

/// The tiled kernel against the plain formula in float64: output and all five gradients, at sizes that do and do not fill
/// tiles of rows, tiles of columns and vector registers.
class TestSwigluTiled : public QObject {
  Q_OBJECT

  struct Inputs {
    torch::Tensor x, w12, b12, w3, b3, dy;
    static Inputs make(std::int64_t rows, std::int64_t dim, std::int64_t hidden) {
      torch::manual_seed(rows * 31 + dim * 7 + hidden);
      return {torch::randn({2, rows, dim}), torch::randn({2 * hidden, dim}),
              torch::randn({2 * hidden}),   torch::randn({dim, hidden}) / 8,
              torch::randn({dim}),          torch::randn({2, rows, dim})};
    }
  };

  template <typename Function>
  static std::vector<torch::Tensor> outputAndGradients(const Inputs& in, torch::ScalarType type, Function function) {
    return test::outputAndGradients(std::array{in.x, in.w12, in.b12, in.w3, in.b3}, in.dy, type, function);
  }

 private Q_SLOTS:
  void cleanup() { at::set_num_threads(1); }

  void agreesWithTheFormula_data() {
    QTest::addColumn<int>("rows");
    QTest::addColumn<int>("dim");
    QTest::addColumn<int>("hidden");
    QTest::addColumn<int>("threads");
    for (int threads : {1, 2, 3}) {
      for (int rows : {1, 5, 128, 300, 700}) {
        for (auto [dim, hidden] : {std::pair{16, 37}, std::pair{16, 116}, std::pair{4, 20}, std::pair{12, 64},
                                   std::pair{8, 6}, std::pair{32, 256}, std::pair{6, 384}, std::pair{33, 1000}}) {
          QTest::addRow("%d rows, dim %d, hidden %d, %d threads", rows, dim, hidden, threads)
              << rows << dim << hidden << threads;
        }
      }
    }
  }
  void agreesWithTheFormula() {
    QFETCH(int, rows);
    QFETCH(int, dim);
    QFETCH(int, hidden);
    QFETCH(int, threads);
    at::set_num_threads(threads);
    const auto in = Inputs::make(rows, dim, hidden);
    const auto exact = outputAndGradients(in, torch::kFloat64, model::swiglu);
    const auto ours = outputAndGradients(in, torch::kFloat32, model::swigluTiled);
    for (std::size_t i = 0; i < exact.size(); ++i) {
      const auto error = test::relativeError(ours[i], exact[i]);
      QVERIFY2(error < 5e-6, qPrintable(QStringLiteral("tensor %1: %2").arg(i).arg(error)));
    }
  }

  void sameThreadsSameBits() {
    at::set_num_threads(2);
    for (int dim : {16, 24}) {  // narrow and not
      const auto in = Inputs::make(700, dim, 1000);
      const auto first = outputAndGradients(in, torch::kFloat32, model::swigluTiled);
      const auto second = outputAndGradients(in, torch::kFloat32, model::swigluTiled);
      for (std::size_t i = 0; i < first.size(); ++i) QVERIFY(torch::equal(first[i], second[i]));
    }
  }

  void narrowRowsDoNotDependOnThreads() {
    const auto in = Inputs::make(350, 16, 128);
    std::vector<torch::Tensor> y, dx;
    for (int threads : {1, 3}) {
      at::set_num_threads(threads);
      const auto all = outputAndGradients(in, torch::kFloat32, model::swigluTiled);
      y.push_back(all[0]);
      dx.push_back(all[1]);
    }
    QVERIFY(torch::equal(y[0], y[1]));
    QVERIFY(torch::equal(dx[0], dx[1]));
  }

  void weightsMayLieAcross() {
    auto in = Inputs::make(50, 16, 40);
    const auto dense = outputAndGradients(in, torch::kFloat32, model::swigluTiled);
    in.w12 = in.w12.t().contiguous().t();
    in.w3 = in.w3.t().contiguous().t();
    const auto across = outputAndGradients(in, torch::kFloat32, model::swigluTiled);
    for (std::size_t i = 0; i < dense.size(); ++i) QVERIFY(torch::equal(dense[i], across[i]));
  }

  void extremeNumbersStayNumbers() {
    for (int dim : {4, 6}) {  // narrow and not
      const auto w = torch::eye(dim);
      const auto x = torch::cat({torch::tensor({-1e4F, 1e4F, -90.0F, 90.0F}), torch::zeros({dim - 4})}).view({1, dim});
      const auto y = model::swigluTiled(x, torch::cat({w, w}), torch::zeros({2 * dim}), w, torch::zeros({dim}));
      QVERIFY(torch::isfinite(y).all().item<bool>());
      QCOMPARE(y[0][0].item<float>(), 0.0F);
      QCOMPARE(y[0][1].item<float>(), 1e8F);
    }
  }

  /// One row of the output has the shape of its bias: it must not be written into it.
  void oneRowLeavesTheWeightsAlone() {
    for (int dim : {4, 16, 33}) {
      const auto w12 = torch::randn({2 * 20, dim}), b12 = torch::randn({2 * 20}), w3 = torch::randn({dim, 20}),
                 b3 = torch::randn({dim});
      const auto before = b3.clone();
      const auto once = model::swigluTiled(torch::ones({1, dim}), w12, b12, w3, b3);
      const auto again = model::swigluTiled(torch::ones({1, dim}), w12, b12, w3, b3);
      QVERIFY(torch::equal(b3, before));
      QVERIFY(torch::equal(once, again));
    }
  }

  /// A NaN must reach the loss, where the run's guard looks for it.
  void notANumberIsNotLost() {
    for (int dim : {4, 6}) {
      auto in = Inputs::make(30, dim, 20);
      in.x[1][3][2] = std::numeric_limits<float>::quiet_NaN();
      const auto all = outputAndGradients(in, torch::kFloat32, model::swigluTiled);
      QVERIFY(torch::isnan(all[0][1][3]).all().item<bool>());
      QVERIFY(torch::isfinite(all[0][0]).all().item<bool>());
      QVERIFY(torch::isnan(all[2]).any().item<bool>());  // the gradient of w12
    }
  }
};

QTEST_APPLESS_MAIN(TestSwigluTiled)
#include "tst_swiglu_tiled.moc"
