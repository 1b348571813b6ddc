// SPDX-License-Identifier: GPL-3.0-or-later
#include <ATen/CPUGeneratorImpl.h>
#include <torch/torch.h>

#include <QTest>

#include <algorithm>
#include <cmath>
#include <limits>
#include <memory>
#include <string>

#include "base/error.h"
#include "training/step_draw.h"
#include "training/train_step.h"

using namespace dw::training;

namespace {

constexpr std::int64_t kChannels = 2;
constexpr std::int64_t kSide = 4;
constexpr std::uint64_t kSeed = 11;

at::Tensor samples(std::int64_t count, std::uint64_t seed = 5) {
  return at::randn({count, kChannels, kSide, kSide}, at::make_generator<at::CPUGeneratorImpl>(seed), at::kFloat);
}

/// A small network of x_t and t with everything that a training step needs around it.
struct Rig {
  explicit Rig(at::ScalarType type = at::kFloat, double lr = 3e-3) : settings{.update = {.lr = lr}, .emaDecay = 0.9} {
    torch::manual_seed(3);
    const std::int64_t size = kChannels * kSide * kSide;
    network = torch::nn::Sequential(torch::nn::Linear(size + 1, 128), torch::nn::SiLU(), torch::nn::Linear(128, size));
    network->to(type);
    parameters = namedParameters(*network);
    optimizer = makeOptimizer({.kind = dw::config::OptimizerKind::Adam}, parameters);
    ema = std::make_unique<Ema>(EmaDecay{.decay = 0.9}, parameters);
    const dw::diffusion::ForwardProcess process(dw::schedule::makeNoiseSchedule({}), at::kCPU, type);
    trainStep = std::make_unique<TrainStep>(TrainStep::Parts{
        .objective = process,
        .predictor = [this](const auto& xT, const auto& time, const auto&) { return predict(xT, time); },
        .parameters = parameters,
        .optimizer = optimizer.get(),
        .ema = ema.get(),
        .runSeed = kSeed});
  }

  at::Tensor predict(const at::Tensor& xT, const at::Tensor& time) {
    const auto flat = at::cat({xT.flatten(1), time.view({-1, 1})}, 1);
    return network->forward(flat).view(xT.sizes());
  }

  StepResult run(const std::vector<at::Tensor>& x0, std::int64_t step) {
    std::vector<MicroBatch> batches;
    for (const auto& tensor : x0) batches.push_back({.x0 = tensor, .labels = {}});
    return trainStep->run(batches, step, settings);
  }

  /// Copies of everything that an update changes.
  NamedTensors everything() const {
    NamedTensors all;
    for (const auto& part : {parameters, optimizer->state(), ema->shadow()}) {
      for (const auto& [name, tensor] : part) all.push_back({name, tensor.detach().clone()});
    }
    return all;
  }

  torch::nn::Sequential network{nullptr};
  NamedTensors parameters;
  std::unique_ptr<Optimizer> optimizer;
  std::unique_ptr<Ema> ema;
  StepSettings settings;
  std::unique_ptr<TrainStep> trainStep;
};

bool sameBits(const NamedTensors& a, const NamedTensors& b) {
  return std::ranges::equal(a, b, [](const auto& x, const auto& y) { return at::equal(x.tensor, y.tensor); });
}

}  // namespace

class TestTrainStep : public QObject {
  Q_OBJECT

 private Q_SLOTS:
  void streamsRepeat();
  void lossFalls();
  void resultAddsUp();
  void accumulationEqualsOneBatch();
  void sameSeedSameBits();
  void nanGradientChangesNothing();
  void nanSampleIsNamed();
  void hugeLossIsCaught();
  void clippingLimitsUpdate();
};

void TestTrainStep::streamsRepeat() {
  const std::vector<std::int64_t> shape{8, 2, 4, 4};
  const auto draw = [&](std::int64_t step, std::int64_t micro, std::uint64_t seed = kSeed) {
    return drawStep({.runSeed = seed, .step = step, .microBatch = micro}, shape, 1000, at::kFloat);
  };
  const auto base = draw(5, 0);
  QVERIFY(at::equal(base.t, draw(5, 0).t));
  QVERIFY(at::equal(base.eps, draw(5, 0).eps));
  for (const auto& other : {draw(6, 0), draw(5, 1), draw(5, 0, kSeed + 1)}) {
    QVERIFY(!at::equal(base.t, other.t));
    QVERIFY(!at::equal(base.eps, other.eps));
  }
}

void TestTrainStep::lossFalls() {
  Rig rig;
  const auto x0 = samples(8);
  double early = 0.0;
  double late = 0.0;
  for (std::int64_t step = 0; step < 600; ++step) {
    const double loss = rig.run({x0}, step).loss;
    if (step < 50) early += loss / 50.0;
    if (step >= 550) late += loss / 50.0;
  }
  qInfo("loss of the first 50 updates %.3f, of the last 50 %.3f", early, late);
  QVERIFY(late < 0.5 * early);
}

void TestTrainStep::resultAddsUp() {
  Rig rig;
  const auto result = rig.run({samples(6), samples(2, 6)}, 0);
  QCOMPARE(result.samples, std::int64_t{8});
  float count = 0.0F;
  float sum = 0.0F;
  for (int i = 0; i < TimestepBins::kCount; ++i) {
    count += result.bins.count[static_cast<std::size_t>(i)];
    sum += result.bins.sum[static_cast<std::size_t>(i)];
  }
  QCOMPARE(count, 8.0F);
  QVERIFY(std::abs(sum / 8.0F - result.loss) < 1e-5);
  QVERIFY(result.forwardMs > 0.0 && result.backwardMs > 0.0 && result.optimizerMs > 0.0);
  for (const auto& entry : rig.parameters) QVERIFY(!entry.tensor.grad().defined());
}

void TestTrainStep::accumulationEqualsOneBatch() {
  Rig rig(at::kDouble);
  Rig whole(at::kDouble);
  const std::vector<at::Tensor> halves{samples(4), samples(4, 6)};
  const auto result = rig.run(halves, 7);

  // The same draws as one batch, through autograd's own mean.
  const dw::diffusion::ForwardProcess process(dw::schedule::makeNoiseSchedule({}), at::kCPU, at::kDouble);
  std::vector<at::Tensor> t, eps;
  for (std::int64_t micro = 0; micro < 2; ++micro) {
    const auto draw =
        drawStep({.runSeed = kSeed, .step = 7, .microBatch = micro}, halves[0].sizes(), 1000, at::kDouble);
    t.push_back(draw.t);
    eps.push_back(draw.eps);
  }
  const auto allT = at::cat(t);
  const auto allEps = at::cat(eps);
  const auto xT = process.sample(at::cat(halves).to(at::kDouble), allEps, allT);
  const auto loss = at::mse_loss(whole.predict(xT, process.modelTime(allT)), allEps);
  loss.backward();
  std::vector<at::Tensor> gradients;
  for (const auto& entry : whole.parameters) gradients.push_back(entry.tensor.grad());
  whole.optimizer->step(gradients, rig.settings.update);

  QVERIFY(std::abs(result.loss - loss.item<double>()) < 1e-12);
  for (std::size_t i = 0; i < whole.parameters.size(); ++i) {
    const auto difference = (rig.parameters[i].tensor - whole.parameters[i].tensor).abs().max().item<double>();
    QVERIFY2(difference < 1e-9, qPrintable(QString::number(difference)));
  }
}

void TestTrainStep::sameSeedSameBits() {
  Rig one;
  Rig two;
  for (std::int64_t step = 0; step < 5; ++step) {
    const auto a = one.run({samples(8)}, step);
    const auto b = two.run({samples(8)}, step);
    QCOMPARE(a.loss, b.loss);
    QCOMPARE(a.gradNorm, b.gradNorm);
  }
  QVERIFY(sameBits(one.everything(), two.everything()));
}

void TestTrainStep::nanGradientChangesNothing() {
  Rig rig;
  rig.run({samples(8)}, 0);
  const auto before = rig.everything();
  // Only this gradient goes wrong: the forward pass and the loss stay finite.
  auto weight = rig.parameters.at(2).tensor;
  const auto hook = weight.register_hook([](const at::Tensor& gradient) {
    auto broken = gradient.clone();
    broken.view(-1)[3] = std::numeric_limits<float>::quiet_NaN();
    return broken;
  });
  try {
    rig.run({samples(8)}, 1);
    QFAIL("a NaN gradient went through");
  } catch (const dw::Error& error) {
    const std::string sentence = error.what();
    QVERIFY(error.kind() == dw::ErrorKind::NotFinite);
    QVERIFY2(sentence.find("update 2") != std::string::npos, sentence.c_str());
    QVERIFY2(sentence.find("gradient of '" + rig.parameters.at(2).name + "'") != std::string::npos, sentence.c_str());
    QVERIFY(!error.remedy().empty());
  }
  QVERIFY(sameBits(before, rig.everything()));
  QCOMPARE(rig.ema->updates(), std::int64_t{1});
  // The batch after two that were left out is still that of the second update.
  rig.settings.skipped = 2;
  try {
    rig.run({samples(8)}, 3);
    QFAIL("a NaN gradient went through");
  } catch (const dw::Error& error) {
    QVERIFY2(std::string(error.what()).find("update 2 ") != std::string::npos, error.what());
  }
  rig.settings.skipped = 0;
  weight.remove_hook(hook);
  QVERIFY(std::isfinite(rig.run({samples(8)}, 1).loss));
}

void TestTrainStep::nanSampleIsNamed() {
  Rig rig;
  const auto before = rig.everything();
  auto x0 = samples(8);
  x0[3][1][0][0] = std::numeric_limits<float>::quiet_NaN();
  try {
    rig.run({x0}, 0);
    QFAIL("a NaN sample went through");
  } catch (const dw::Error& error) {
    QVERIFY2(std::string(error.what()).find("training samples") != std::string::npos, error.what());
  }
  QVERIFY(sameBits(before, rig.everything()));
}

void TestTrainStep::hugeLossIsCaught() {
  Rig rig;
  {
    const at::NoGradGuard noGrad;
    rig.parameters.back().tensor.fill_(3e38F);
  }
  const auto before = rig.everything();
  QVERIFY_EXCEPTION_THROWN(rig.run({samples(8)}, 0), dw::Error);
  QVERIFY(sameBits(before, rig.everything()));
}

void TestTrainStep::clippingLimitsUpdate() {
  Rig free;
  Rig clipped;
  clipped.settings.clipNorm = 1e-3;
  const auto a = free.run({samples(8)}, 0);
  const auto b = clipped.run({samples(8)}, 0);
  QCOMPARE(a.gradNorm, b.gradNorm);  // reported before clipping
  // exp_avg is (1 - beta1) g after one step, so its norm shows what the optimizer was given.
  double norm = 0.0;
  for (const auto& [name, tensor] : clipped.optimizer->state()) {
    if (name.starts_with("exp_avg.")) norm += tensor.square().sum().item<double>();
  }
  QVERIFY(std::abs(std::sqrt(norm) / 0.1 / 1e-3 - 1.0) < 0.01);
}

QTEST_APPLESS_MAIN(TestTrainStep)
#include "tst_train_step.moc"
