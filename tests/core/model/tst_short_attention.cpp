// SPDX-License-Identifier: GPL-3.0-or-later
#include <torch/torch.h>

#include <QTest>

#include <limits>

#include "gradients.h"
#include "model/kernels/short_attention.h"

using namespace dw;

/// The kernel against the plain formula in float64: output and all three gradients, at sizes that do and do not fill tiles
/// of queries, pieces of keys and vector registers.
class TestShortAttention : public QObject {
  Q_OBJECT

  struct Inputs {
    torch::Tensor q, k, v, dy;
    static Inputs make(std::int64_t queries, std::int64_t keys, std::int64_t size) {
      torch::manual_seed(queries * 31 + keys * 7 + size);
      return {3 * torch::randn({2, queries, 3, size}), torch::randn({2, keys, 3, size}),
              torch::randn({2, keys, 3, size}), torch::randn({2, queries, 3 * size})};
    }
  };

  static torch::Tensor formula(const torch::Tensor& q, const torch::Tensor& k, const torch::Tensor& v) {
    const auto logits = torch::einsum("nlhd,nmhd->nhlm", {q, k}) / std::sqrt(static_cast<double>(q.size(3)));
    return torch::einsum("nhlm,nmhd->nlhd", {logits.softmax(-1), v}).flatten(2);
  }

  template <typename Function>
  static std::vector<torch::Tensor> outputAndGradients(const Inputs& in, torch::ScalarType type, Function function) {
    return test::outputAndGradients(std::array{in.q, in.k, in.v}, in.dy, type, function);
  }

 private Q_SLOTS:
  void cleanup() { at::set_num_threads(1); }

  void agreesWithTheFormula_data() {
    QTest::addColumn<int>("queries");
    QTest::addColumn<int>("keys");
    QTest::addColumn<int>("size");
    for (int queries : {1, 24, 25, 256}) {
      for (int keys : {4, 16, 100, 256}) {
        for (int size : {4, 8, 16})
          QTest::addRow("%d queries, %d keys, head of %d", queries, keys, size) << queries << keys << size;
      }
    }
  }
  void agreesWithTheFormula() {
    QFETCH(int, queries);
    QFETCH(int, keys);
    QFETCH(int, size);
    at::set_num_threads(queries % 3 + 1);
    const auto in = Inputs::make(queries, keys, size);
    QVERIFY(model::suitsShortAttention(in.q, in.k, in.v));
    // Logits go up to 30 here, so that their last digit alone makes 2e-6 of an exponential.
    const auto exact = outputAndGradients(in, torch::kFloat64, formula);
    const auto ours = outputAndGradients(in, torch::kFloat32, model::shortAttention);
    for (std::size_t i = 0; i < exact.size(); ++i) {
      const auto error = test::relativeError(ours[i], exact[i]);
      QVERIFY2(error < 1e-5, qPrintable(QStringLiteral("tensor %1: %2").arg(i).arg(error)));
    }
  }

  void readsSlicesOfOneTensor() {
    const auto in = Inputs::make(40, 40, 8);
    const auto qkv = torch::stack({in.q, in.k, in.v}, 2).unbind(2);
    QVERIFY(torch::equal(model::shortAttention(qkv[0], qkv[1], qkv[2]), model::shortAttention(in.q, in.k, in.v)));
    const auto across = in.v.transpose(1, 3).contiguous().transpose(1, 3);  // not dense in its last axis
    QVERIFY(torch::equal(model::shortAttention(in.q, in.k, across), model::shortAttention(in.q, in.k, in.v)));
  }

  void gradientsGoThroughSlicesAndCopies() {
    const auto in = Inputs::make(40, 40, 8);
    const auto gradientOfSlices = [&](auto attend, torch::ScalarType type) {
      const auto all = torch::stack({in.q, in.k, in.v}, 2).to(type).requires_grad_();
      const auto qkv = all.unbind(2);
      attend(qkv[0], qkv[1], qkv[2]).sum().backward();  // its gradient is one number for all, of stride 0
      return all.grad().to(torch::kFloat64);
    };
    const auto exact = gradientOfSlices(formula, torch::kFloat64),
               ours = gradientOfSlices(model::shortAttention, torch::kFloat32);
    QVERIFY(test::relativeError(ours, exact) < 1e-5);
  }

  void othersAreLeftToTheLibrary() {
    const auto suits = [](std::int64_t keys, std::int64_t size, torch::ScalarType type) {
      const auto q = torch::zeros({1, 8, 2, size}, type), k = torch::zeros({1, keys, 2, size}, type);
      return model::suitsShortAttention(q, k, k);
    };
    QVERIFY(suits(76, 16, torch::kFloat32));
    QVERIFY(!suits(77, 16, torch::kFloat32));
    QVERIFY(!suits(0, 16, torch::kFloat32));
    QVERIFY(!suits(76, 10, torch::kFloat32));
    QVERIFY(!suits(76, 64, torch::kFloat32));
    QVERIFY(!suits(76, 16, torch::kFloat64));
    QVERIFY(!suits(76, 16, torch::kBFloat16));
  }

  void hugeLogitsStayNumbers() {
    auto in = Inputs::make(30, 20, 4);
    const auto y = model::shortAttention(1e4 * in.q, in.k, in.v);
    QVERIFY(torch::isfinite(y).all().item<bool>());
    const auto gradients = outputAndGradients({1e4 * in.q, in.k, in.v, in.dy}, torch::kFloat32, model::shortAttention);
    for (const auto& gradient : gradients) QVERIFY(torch::isfinite(gradient).all().item<bool>());
    QVERIFY(torch::allclose(y.to(torch::kFloat64),
                            formula(1e4 * in.q.to(torch::kFloat64), in.k.to(torch::kFloat64), in.v.to(torch::kFloat64)),
                            1e-3, 1e-3));
  }

  /// A NaN must reach the loss, where the run's guard looks for it.
  void notANumberIsNotLost() {
    for (int which = 0; which < 3; ++which) {
      auto in = Inputs::make(30, 20, 4);
      auto& broken = which == 0 ? in.q : which == 1 ? in.k : in.v;
      broken[0][3][1][2] = std::numeric_limits<float>::quiet_NaN();
      const auto y = model::shortAttention(in.q, in.k, in.v).unflatten(2, {3, 4});
      QVERIFY(torch::isnan(y[0][which == 0 ? 3 : 29][1]).any().item<bool>());
      QVERIFY(torch::isfinite(y[1]).all().item<bool>());
      const auto all = outputAndGradients(in, torch::kFloat32, model::shortAttention);
      QVERIFY(torch::isnan(all[1]).any().item<bool>());  // the gradient of q
    }
  }
};

QTEST_APPLESS_MAIN(TestShortAttention)
#include "tst_short_attention.moc"
