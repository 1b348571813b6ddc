// SPDX-License-Identifier: GPL-3.0-or-later
#include <QTemporaryDir>
#include <QTest>
#include <array>
#include <set>

#include "base/error.h"
#include "config/recipe_json.h"
#include "formats/safetensors.h"
#include "weights/weight_settings.h"

using namespace dw;
using namespace dw::weights;

namespace {

using Shapes = std::vector<NamedShape>;

/// The smallest names and shapes that tell settings: width 8, 2 heads, one level.
Shapes smallModel() {
  return {{"in_patch.proj.weight", {8, 3, 2, 2}},
          {"backbone.enc_blocks.0.0.attn.rope.freqs", {2, 1, 2}},
          {"backbone.enc_blocks.0.0.mlp.w3.weight", {8, 5}},
          {"backbone.dec_blocks.0.0.mlp.w3.weight", {8, 5}},
          {"backbone.dec_blocks.0.1.mlp.w3.weight", {8, 5}}};
}

}  // namespace

class TestWeightFile : public QObject {
  Q_OBJECT

  QTemporaryDir folder_;

  std::filesystem::path write(const Shapes& shapes, const std::string& prefix = {}, const char* dtype = "F32") const {
    const auto path = std::filesystem::path(folder_.filePath(QStringLiteral("w.safetensors")).toStdString());
    std::vector<std::vector<std::byte>> bytes;
    std::vector<formats::TensorToWrite> tensors;
    for (const auto& [name, shape] : shapes) {
      std::size_t count = formats::safetensorsElementSize(dtype);
      for (const auto n : shape) count *= static_cast<std::size_t>(n);
      bytes.emplace_back(count);
    }
    for (std::size_t i = 0; i < shapes.size(); ++i)
      tensors.push_back({prefix + shapes[i].name, dtype, shapes[i].shape, bytes[i]});
    formats::writeSafetensors(path, tensors);
    return path;
  }
  static std::string refusal(const auto& doing) {
    try {
      doing();
    } catch (const Error& e) {
      return e.what();
    }
    return {};
  }

 private Q_SLOTS:
  void settingsComeFromShapes() {
    auto shapes = smallModel();
    shapes.push_back({"ctx_proj.weight", {8, 7}});
    shapes.push_back({"class_token.weight", {9, 8}});
    shapes.push_back({"r_emb.proj.0.bias", {8}});
    shapes.push_back({"prev_tread_trns.blocks.0.attn.out.bias", {8}});
    const auto got = inferSettings(WeightFile(write(shapes)));
    const auto& m = got.model;
    QCOMPARE(m.dim, 8);
    QCOMPARE(m.inputDim, 3);
    QCOMPARE(m.patchSize, 2);
    QCOMPARE(m.headCount(), 2);
    QCOMPARE(m.mlpDim, 5);
    QCOMPARE(m.depth, 1);
    QCOMPARE(m.decBlocks, (std::vector<std::int64_t>{2}));
    QCOMPARE(m.ctxDim, 7);
    QVERIFY(m.concatCtx && m.doubleT && !m.sharedAdaln && !m.useDyt);
    QCOMPARE(m.classCond, 9);
    QCOMPARE(m.tread->prevTrnsDepth, 1);
    QCOMPARE(got.untold, (std::vector<std::string>{"model.ctx_size", "model.tread.dropout_ratio"}));
  }

  void whatShapesDoNotTellIsAsAsked() {
    auto shapes = smallModel();
    shapes.push_back({"ctx_proj.weight", {8, 7}});
    shapes.push_back({"prev_tread_trns.blocks.0.attn.out.bias", {8}});
    config::ModelSettings asked;
    asked.dim = 999;  // told
    asked.ctxSize = 77;
    asked.tread = config::TreadSettings{.dropoutRatio = 0.25};
    const auto got = inferSettings(WeightFile(write(shapes)), asked);
    QCOMPARE(got.model.dim, 8);
    QCOMPARE(got.model.ctxSize, 77);
    QCOMPARE(got.model.tread->dropoutRatio, 0.25);
    QCOMPARE(got.model.tread->prevTrnsDepth, 1);
    QCOMPARE(got.untold, (std::vector<std::string>{"model.ctx_size", "model.tread.dropout_ratio"}));
    asked.tread.reset();
    QCOMPARE(inferSettings(WeightFile(write(shapes)), asked).model.tread->dropoutRatio,
             config::TreadSettings().dropoutRatio);
    // Nothing is untold of a model without a context.
    QCOMPARE(inferSettings(WeightFile(write(smallModel())), asked).model.ctxSize, config::ModelSettings().ctxSize);
  }

  /// The first byte of the file is the length of its header: whatever it is, the file is known for what it is.
  void headersOfEveryLengthAreRead() {
    std::set<unsigned char> seen;
    for (std::size_t more = 1; more <= 256; more += 8) {
      auto shapes = smallModel();
      shapes.push_back({std::string(more, 'x'), {1}});
      const auto path = write(shapes);
      std::array<std::byte, 1> first{};
      ReadFile(path).read(0, first);
      seen.insert(std::to_integer<unsigned char>(first[0]));
      QCOMPARE(WeightFile(path).tensors().size(), shapes.size());
    }
    QVERIFY(seen.contains(0x80));
  }

  void prefixesAreCutOff() {
    for (const char* prefix : {"", "model.", "state_dict.net.model."}) {
      const WeightFile file(write(smallModel(), prefix));
      QCOMPARE(file.prefix(), std::string(prefix));
      QVERIFY(file.find("in_patch.proj.weight") != nullptr);
    }
    auto both = smallModel();
    both.push_back({"ema.in_patch.proj.weight", {8, 3, 2, 2}});  // the shortest name is the model, the rest is extra
    const WeightFile file(write(both));
    QCOMPARE(file.prefix(), std::string());
    QCOMPARE(compareWeights(file, smallModel()).unknown, (std::vector<std::string>{"ema.in_patch.proj.weight"}));
  }

  void everyNameThatDoesNotFitIsListed() {
    auto shapes = smallModel();
    shapes[2].shape = {8, 6};
    shapes.push_back({"one.more", {1}});
    shapes.push_back({"another", {1}});
    auto model = smallModel();
    model.push_back({"out_patch.proj.bias", {12}});
    const WeightFile file(write(shapes));
    const auto fit = compareWeights(file, model);
    const auto sentence = refusal([&] { refuseUnfit(fit, true, "w.safetensors"); });
    for (const char* part :
         {"out_patch.proj.bias", "backbone.enc_blocks.0.0.mlp.w3.weight is (8, 6) instead of (8, 5)"})
      QVERIFY2(sentence.find(part) != std::string::npos, sentence.c_str());
    QVERIFY(sentence.find("one.more") == std::string::npos);
    QVERIFY(refusal([&] { refuseUnfit(fit, false, "w.safetensors"); }).find("another, one.more") != std::string::npos);
    model = smallModel();
    shapes = smallModel();
    shapes.push_back({"one.more", {1}});
    const auto onlyExtra = compareWeights(WeightFile(write(shapes)), model);
    QVERIFY(refusal([&] { refuseUnfit(onlyExtra, true, "w"); }).empty());
    QVERIFY(!refusal([&] { refuseUnfit(onlyExtra, false, "w"); }).empty());
  }

  void whatIsNoModelIsRefused() {
    QVERIFY(refusal([&] {
              WeightFile(write({{"latents", {2, 2}}}));
            }).find("in_patch.proj.weight") != std::string::npos);
    QVERIFY(refusal([&] { WeightFile(write(smallModel(), {}, "I32")); }).find("int32") != std::string::npos);
    auto odd = smallModel();
    odd[1].shape = {3, 1, 2};  // 3 heads do not divide a width of 8
    QVERIFY(!refusal([&] { inferSettings(WeightFile(write(odd))); }).empty());
    odd = smallModel();
    odd.erase(odd.begin() + 2);
    QVERIFY(refusal([&] { inferSettings(WeightFile(write(odd))); }).find("mlp.w3.weight") != std::string::npos);
    odd = smallModel();
    odd[0].shape = {8, 3, 2};
    QVERIFY(!refusal([&] { inferSettings(WeightFile(write(odd))); }).empty());
  }
};

QTEST_APPLESS_MAIN(TestWeightFile)
#include "tst_weight_file.moc"
