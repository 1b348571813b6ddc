// SPDX-License-Identifier: GPL-3.0-or-later
#include <torch/torch.h>

#include <QTest>

#include <vector>

#include "model/kernels/norm_modulation.h"
#include "model/kernels/rotation.h"
#include "model/kernels/scaled_sum.h"
#include "training/device.h"

using torch::Tensor;

/// Kernels that go other ways on a GPU: the same numbers and gradients as plain arithmetic, on every device there is.
class TestScaledSum : public QObject {
  Q_OBJECT

  using Function = std::function<Tensor(const std::vector<Tensor>&)>;

  static std::vector<at::Device> devices() {
    std::vector<at::Device> all{at::Device(at::kCPU)};
    if (dw::training::whyNoCuda().empty()) all.emplace_back(at::kCUDA, 0);
    return all;
  }

  static std::vector<Tensor> onDevice(const std::vector<Tensor>& inputs, at::Device device) {
    std::vector<Tensor> out;
    for (const auto& input : inputs)
      out.push_back(input.to(device, /*dtype=*/torch::kFloat64, false, /*copy=*/true).requires_grad_());
    return out;
  }

  /// Outputs and the gradients of all inputs under a fixed cotangent agree.
  static void compare(const Function& ours, const Function& plain, const std::vector<Tensor>& inputs) {
    for (const auto device : devices()) {
      const auto a = onDevice(inputs, device), b = onDevice(inputs, at::Device(at::kCPU));
      const auto y = ours(a), expected = plain(b);
      QVERIFY(torch::allclose(y.cpu(), expected, 1e-10, 1e-12));
      const auto cotangent = torch::linspace(-1.0, 1.0, expected.numel(), torch::kFloat64).view(expected.sizes());
      (y * cotangent.to(device)).sum().backward();
      (expected * cotangent).sum().backward();
      for (std::size_t i = 0; i < inputs.size(); ++i) {
        QVERIFY(a[i].grad().defined());
        QVERIFY(torch::allclose(a[i].grad().cpu(), b[i].grad(), 1e-10, 1e-12));
      }
    }
  }

 private Q_SLOTS:
  void init() { torch::manual_seed(3); }

  void sumsOverTokens() {
    const auto plain = [](const std::vector<Tensor>& in) { return in[0] + in[1] * in[2]; };
    const auto ours = [](const std::vector<Tensor>& in) { return dw::model::scaledSum(in[0], in[1], in[2]); };
    compare(ours, plain, {torch::randn({2, 5, 3}), torch::randn({2, 5, 3}), torch::randn({2, 1, 3})});
    compare(ours, plain, {torch::randn({2, 1, 3}), torch::randn({2, 5, 3}), torch::randn({2, 1, 3})});
  }

  void modulatedRmsNorm() {
    const auto plain = [](const std::vector<Tensor>& in) {
      return in[0] * (in[0].square().mean(-1, true) + 1e-6).rsqrt() * in[1] * in[2] + in[3];
    };
    const auto ours = [](const std::vector<Tensor>& in) {
      return dw::model::normModulate(dw::model::NormKind::Rms, in[0], in[1], in[2], in[3]);
    };
    compare(ours, plain,
            {torch::randn({2, 5, 8}), torch::randn({8}), torch::randn({2, 1, 8}), torch::randn({2, 1, 8})});
  }

  void turnsHaveTheGradientOfTheirFrequencies() {
    for (const auto& shape : {std::vector<std::int64_t>{7, 2}, std::vector<std::int64_t>{3, 7, 2}}) {
      const auto pos = torch::randn(shape, torch::kFloat64);
      const auto plain = [&](const std::vector<Tensor>& in) {
        const auto theta = (pos.unsqueeze(-2).unsqueeze(-2) * in[0].exp()).flatten(-2);
        return torch::stack({theta.cos(), theta.sin()}, -1);
      };
      const auto ours = [&](const std::vector<Tensor>& in) {
        return torch::view_as_real(dw::model::axialTurns(in[0], pos.to(in[0].device())));
      };
      compare(ours, plain, {torch::randn({2, 3, 2})});
    }
  }
};

QTEST_APPLESS_MAIN(TestScaledSum)
#include "tst_scaled_sum.moc"
