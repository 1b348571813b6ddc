// SPDX-License-Identifier: GPL-3.0-or-later
#include <ATen/CPUGeneratorImpl.h>
#include <torch/torch.h>

#include <QScopeGuard>
#include <QTest>

#include <algorithm>
#include <functional>
#include <set>
#include <string>

#include "base/error.h"
#include "model/initialisation.h"
#include "model/low_precision.h"
#include "model/parameter_count.h"
#include "model/xudit.h"

using namespace dw::model;
using dw::config::ModelSettings;

namespace {

ModelSettings seedSettings(std::int64_t mlpDim = 24) {
  ModelSettings s;
  s.dim = 16;
  s.ctxDim = 0;
  s.heads = 4;
  s.dimHead = 4;
  s.mlpDim = mlpDim;
  s.depth = 1;
  s.encBlocks = {1};
  s.decBlocks = {1};
  return s;
}

/// Settings that between them use every optional part.
std::vector<ModelSettings> variants() {
  std::vector<ModelSettings> all{seedSettings()};
  auto s = seedSettings();
  s.sharedAdaln = false;
  s.useDyt = true;
  s.depth = 2;
  s.encBlocks = {1, 2};
  s.decBlocks = {2, 1};
  all.push_back(s);
  s.ctxDim = 12;
  s.ctxSize = 5;
  s.concatCtx = false;
  s.decCtx = true;
  s.doubleT = true;
  s.addonInfoEmbsDim = 2;
  s.tread = dw::config::TreadSettings{1, 2, 0.4};
  all.push_back(s);
  s = seedSettings();
  s.ctxDim = 12;
  s.classCond = 10;
  s.dimHead = 10;
  s.dim = 20;
  s.patchSize = 4;
  all.push_back(s);
  return all;
}

ForwardExtras extrasFor(const ModelSettings& s, std::int64_t n) {
  ForwardExtras e;
  if (s.classCond > 0) {
    e.ctx = torch::arange(n);
  } else if (s.ctxDim > 0) {
    e.ctx = torch::randn({n, 3, s.ctxDim});
  }
  if (s.doubleT) e.r = torch::rand({n});
  if (s.addonInfoEmbsDim > 0) e.addonInfo = torch::randn({n, s.addonInfoEmbsDim});
  if (s.tread) e.treadGenerator = at::make_generator<at::CPUGeneratorImpl>(std::uint64_t{9});
  return e;
}

/// Random values everywhere: the default start has many exact zeros, which would hide mistakes.
void randomise(torch::nn::Module& model) {
  const torch::NoGradGuard noGrad;
  for (auto& p : model.parameters()) p.normal_(0.0, 0.3);
}

/// max|a - b| / max|b|; 0 where both are zero.
double relativeError(const torch::Tensor& a, const torch::Tensor& b) {
  const double difference = (a - b).abs().max().item<double>();
  return difference == 0.0 ? 0.0 : difference / b.abs().max().item<double>();
}

std::string errorOf(const std::function<void()>& call) {
  try {
    call();
  } catch (const dw::Error& error) {
    return error.kind() == dw::ErrorKind::Usage ? error.what() : "";
  }
  return "";
}

bool holdsAll(const std::string& text, std::initializer_list<const char*> parts) {
  return std::all_of(parts.begin(), parts.end(), [&](const char* part) { return text.find(part) != text.npos; });
}

}  // namespace

class TestXudit : public QObject {
  Q_OBJECT

 private Q_SLOTS:
  void shapesOfAllVariants();
  void oddSizesAreCut();
  void parameterNamesOfSeed();
  void parameterCountMatchesModel();
  void startIsAFunctionOfTheGenerator();
  void checkpointingChangesNoGradient();
  void bfloat16StaysNearFloat32();
  void bfloat16SeesNewWeights();
  void missingContextIsZeros();
  void classesActAndMayBeMissing();
  void positionsFollowPrecision();
  void wrongInputsAreRefusedWithBothShapes();
  void impossibleSettingsAreRefused();
};

void TestXudit::shapesOfAllVariants() {
  torch::manual_seed(1);
  for (const auto& s : variants()) {
    XUDiT model(s);
    const auto y = model.forward(torch::randn({2, 4, 8, 12}), torch::rand({2}), extrasFor(s, 2));
    QCOMPARE(y.sizes(), at::IntArrayRef({2, 4, 8, 12}));
    QVERIFY(y.isfinite().all().item<bool>());
  }
}

void TestXudit::oddSizesAreCut() {
  torch::manual_seed(2);
  XUDiT model(seedSettings());
  const auto x = torch::randn({1, 4, 9, 7}), t = torch::rand({1, 1});
  const auto y = model.forward(x, t);
  QCOMPARE(y.sizes(), at::IntArrayRef({1, 4, 8, 6}));
  QVERIFY(torch::allclose(y, model.forward(x.narrow(2, 0, 8).narrow(3, 0, 6), t)));
}

void TestXudit::parameterNamesOfSeed() {
  std::set<std::string> expected{"in_patch.proj.weight", "in_patch.proj.bias",     "out_patch.proj.weight",
                                 "out_patch.proj.bias",  "time_emb.proj.0.weight", "time_emb.proj.0.bias"};
  for (const char* kind : {"attn", "xattn", "ffw"}) {
    for (const char* part : {"0.weight", "0.bias", "1.weight", "1.bias", "3.weight", "3.bias"}) {
      expected.insert(std::string("shared_adaln_") + kind + "." + part);
    }
  }
  for (const std::string block : {"backbone.enc_blocks.0.0.", "backbone.dec_blocks.0.0."}) {
    for (const char* part :
         {"attn.qkv.weight", "attn.out.weight", "attn.out.bias", "attn.rope.freqs", "mlp.w12.weight", "mlp.w12.bias",
          "mlp.w3.weight", "mlp.w3.bias", "attn_pre_norm.norm.weight", "mlp_pre_norm.norm.weight"}) {
      expected.insert(block + part);
    }
  }
  for (const char* part : {"q.weight", "kv.weight", "out.weight", "out.bias", "rope.freqs"}) {
    expected.insert(std::string("backbone.dec_blocks.0.0.xattn.") + part);
  }
  expected.insert("backbone.dec_blocks.0.0.xattn_pre_norm.norm.weight");

  XUDiT model(seedSettings());
  std::set<std::string> names;
  for (const auto& item : model.named_parameters()) names.insert(item.key());
  QCOMPARE(names, expected);
  QCOMPARE(model.named_buffers().keys(), std::vector<std::string>{"time_emb.freqs"});
}

void TestXudit::parameterCountMatchesModel() {
  for (const auto& s : variants()) {
    std::int64_t built = 0;
    for (const auto& p : XUDiT(s).parameters()) built += p.numel();
    QCOMPARE(parameterCount(s), built);
  }
  QCOMPARE(parameterCount(seedSettings(3072)), std::int64_t{323992});  // golden case init/parameter_counts
}

void TestXudit::startIsAFunctionOfTheGenerator() {
  XUDiT a(seedSettings()), b(seedSettings()), c(seedSettings());
  initialise(a, at::make_generator<at::CPUGeneratorImpl>(std::uint64_t{4}));
  initialise(b, at::make_generator<at::CPUGeneratorImpl>(std::uint64_t{4}));
  initialise(c, at::make_generator<at::CPUGeneratorImpl>(std::uint64_t{5}));
  const auto flat = [](XUDiT& m) {
    std::vector<torch::Tensor> parts;
    for (const auto& p : m.parameters()) parts.push_back(p.detach().flatten());
    return torch::cat(parts);
  };
  QVERIFY(torch::equal(flat(a), flat(b)));
  QVERIFY(!torch::equal(flat(a), flat(c)));
}

/// Output and gradients within what numbers of 8 bits can miss, with and without gradient checkpointing, which must be the
/// same; and not exactly those of float32, or nothing would have been computed in bfloat16.
void TestXudit::bfloat16StaysNearFloat32() {
  for (auto s : variants()) {
    const auto run = [&](bool checkpointing, bool low) {
      torch::manual_seed(7);
      s.gradientCheckpointing = checkpointing;
      const auto model = std::make_shared<XUDiT>(s);
      {
        // Near the start: with large random weights each rounding would be enlarged from block to block.
        const torch::NoGradGuard noGrad;
        for (auto& parameter : model->parameters()) parameter.add_(torch::randn_like(parameter), 0.02);
      }
      const auto x = torch::randn({2, 4, 8, 8}), t = torch::rand({2});
      const auto extras = extrasFor(s, 2);
      torch::Tensor y;
      {
        const LowPrecision precision(torch::kCPU, low);
        y = model->forward(x, t, extras).to(torch::kFloat32);
      }
      y.square().mean().backward();
      std::vector<torch::Tensor> all{y.detach()};
      for (const auto& parameter : model->parameters()) {
        if (parameter.grad().defined()) all.push_back(parameter.grad());
      }
      return all;
    };
    const auto exact = run(false, false), ours = run(false, true), saving = run(true, true);
    QCOMPARE(ours.size(), exact.size());
    QCOMPARE(saving.size(), exact.size());
    QVERIFY(!torch::equal(ours[0], exact[0]));
    const auto whole = [](const std::vector<torch::Tensor>& tensors) {
      std::vector<torch::Tensor> flat;
      for (std::size_t i = 1; i < tensors.size(); ++i) flat.push_back(tensors[i].flatten());
      return torch::cat(flat);
    };
    const auto distance = [](const torch::Tensor& x, const torch::Tensor& y) {
      return ((x - y).norm() / y.norm()).item<double>();
    };
    for (const auto& tensor : ours) QCOMPARE(tensor.scalar_type(), torch::kFloat32);
    const auto output = distance(ours[0], exact[0]), gradient = distance(whole(ours), whole(exact)),
               again = distance(whole(saving), whole(ours));
    const auto found =
        QStringLiteral("output %1, gradient %2, with checkpointing %3").arg(output).arg(gradient).arg(again);
    QVERIFY2(output < 0.03 && gradient < 0.03 && again < 0.01, qPrintable(found));
    QVERIFY(!LowPrecision::isOn(torch::kCPU));
  }
}

/// Weights change in place between steps: none of an earlier step may be used again.
void TestXudit::bfloat16SeesNewWeights() {
  torch::manual_seed(7);
  const auto model = std::make_shared<XUDiT>(seedSettings());
  randomise(*model);
  const auto x = torch::randn({2, 4, 8, 8}), t = torch::rand({2});
  const auto forward = [&] {
    const LowPrecision precision(torch::kCPU, true);
    return model->forward(x, t, {}).to(torch::kFloat32);
  };
  const auto before = forward().detach();
  QVERIFY(torch::equal(forward(), before));
  const torch::NoGradGuard noGrad;
  for (auto& parameter : model->parameters()) parameter.mul_(1.5);
  QVERIFY(relativeError(forward(), before) > 0.1);
}

void TestXudit::checkpointingChangesNoGradient() {
  // In float64: gradients that meet are summed in another order, which float32 would show in its last digits.
  const auto single = torch::get_default_dtype();
  torch::set_default_dtype(caffe2::TypeMeta::Make<double>());
  const auto restore = qScopeGuard([&] { torch::set_default_dtype(single); });
  for (auto s : variants()) {
    torch::manual_seed(7);
    auto plain = std::make_shared<XUDiT>(s);
    randomise(*plain);
    s.gradientCheckpointing = true;
    auto saving = std::make_shared<XUDiT>(s);
    {
      const torch::NoGradGuard noGrad;
      for (const auto& item : saving->named_parameters()) item.value().copy_(plain->named_parameters()[item.key()]);
    }
    const auto x = torch::randn({2, 4, 8, 8}), t = torch::rand({2});
    const auto extras = extrasFor(s, 2);
    const auto gradients = [&](XUDiT& model) {
      auto in = x.clone().requires_grad_();
      auto e = extras;
      if (e.treadGenerator) e.treadGenerator = at::make_generator<at::CPUGeneratorImpl>(std::uint64_t{9});
      const auto y = model.forward(in, t, e);
      y.square().mean().backward();
      return std::pair{y.detach(), in.grad()};
    };
    const auto [yPlain, xPlain] = gradients(*plain);
    const auto [ySaving, xSaving] = gradients(*saving);
    QVERIFY(torch::equal(yPlain, ySaving));
    QVERIFY(relativeError(xSaving, xPlain) < 1e-12);
    int compared = 0;
    for (const auto& item : saving->named_parameters()) {
      const auto& expected = plain->named_parameters()[item.key()].grad();
      QCOMPARE(item.value().grad().defined(), expected.defined());
      if (!expected.defined()) continue;
      QVERIFY2(relativeError(item.value().grad(), expected) < 1e-12, item.key().c_str());
      ++compared;
    }
    QVERIFY(compared > 20);
  }
}

void TestXudit::missingContextIsZeros() {
  auto s = seedSettings();
  s.ctxDim = 12;
  s.ctxSize = 5;
  torch::manual_seed(3);
  XUDiT model(s);
  randomise(model);
  const auto x = torch::randn({2, 4, 8, 8}), t = torch::rand({2});
  ForwardExtras zeros, ones;
  zeros.ctx = torch::zeros({2, 5, 12});
  ones.ctx = torch::ones({2, 5, 12});
  QVERIFY(torch::equal(model.forward(x, t), model.forward(x, t, zeros)));
  QVERIFY(!torch::allclose(model.forward(x, t), model.forward(x, t, ones)));
}

void TestXudit::classesActAndMayBeMissing() {
  auto s = seedSettings();
  s.classCond = 3;
  torch::manual_seed(3);
  XUDiT model(s);
  randomise(model);
  const auto x = torch::randn({1, 4, 8, 8}), t = torch::rand({1});
  ForwardExtras first, second;
  first.ctx = torch::tensor({0});
  second.ctx = torch::tensor({2});
  QVERIFY(!torch::allclose(model.forward(x, t, first), model.forward(x, t, second)));
  QVERIFY(!torch::allclose(model.forward(x, t, first), model.forward(x, t)));
}

void TestXudit::positionsFollowPrecision() {
  torch::manual_seed(4);
  XUDiT model(seedSettings());
  randomise(model);
  const auto x = torch::randn({1, 4, 8, 8}), t = torch::rand({1});
  const auto single = model.forward(x, t);
  model.to(torch::kFloat64);  // the positions kept from the float32 pass must not be used here
  const auto precise = model.forward(x.to(torch::kFloat64), t.to(torch::kFloat64));
  QCOMPARE(precise.scalar_type(), torch::kFloat64);
  QVERIFY(torch::allclose(single.to(torch::kFloat64), precise, 1e-3, 1e-4));
}

void TestXudit::wrongInputsAreRefusedWithBothShapes() {
  XUDiT model(seedSettings());
  const auto x = torch::randn({2, 4, 8, 8}), t = torch::rand({2});
  QVERIFY(holdsAll(errorOf([&] {
                     model.forward(torch::randn({2, 3, 8, 8}), t);
                   }),
                   {"[2, 3, 8, 8]", "[n, 4, height, width]"}));
  QVERIFY(holdsAll(errorOf([&] { model.forward(torch::randn({2, 4, 1, 8}), t); }), {"[2, 4, 1, 8]", "[n, 4, 2, 2]"}));
  QVERIFY(holdsAll(errorOf([&] { model.forward(x, torch::rand({3})); }), {"[3]", "[2]"}));
  ForwardExtras extras;
  extras.ctx = torch::randn({2, 5, 12});
  QVERIFY(holdsAll(errorOf([&] { model.forward(x, t, extras); }), {"[2, 5, 12]", "ctx_dim"}));
  extras = {};
  extras.posMap = torch::randn({2, 16, 2});
  QVERIFY(holdsAll(errorOf([&] { model.forward(x, t, extras); }), {"[2, 16, 2]", "[2, 64, 2]"}));
  extras = {};
  extras.r = torch::rand({2});
  QVERIFY(holdsAll(errorOf([&] { model.forward(x, t, extras); }), {"double_t"}));

  auto s = seedSettings();
  s.ctxDim = 12;
  s.addonInfoEmbsDim = 2;
  XUDiT wider(s);
  extras = {};
  extras.ctx = torch::randn({2, 5, 11});
  QVERIFY(holdsAll(errorOf([&] { wider.forward(x, t, extras); }), {"[2, 5, 11]", "[2, rows, 12]"}));
  extras = {};
  extras.addonInfo = torch::randn({2});
  QVERIFY(holdsAll(errorOf([&] { wider.forward(x, t, extras); }), {"[2]", "[2, 2]"}));
}

void TestXudit::impossibleSettingsAreRefused() {
  auto s = seedSettings();
  s.dimHead = 5;  // 16 is no multiple
  QVERIFY(!errorOf([&] { XUDiT model(s); }).empty());
}

QTEST_APPLESS_MAIN(TestXudit)
#include "tst_xudit.moc"
