// SPDX-License-Identifier: GPL-3.0-or-later
#include "weights/weight_export.h"

#include <QTemporaryDir>
#include <QTest>
#include <fstream>

#include "base/error.h"
#include "config/recipe_json.h"
#include "formats/safetensors.h"
#include "run_folder/checkpoint_store.h"
#include "weights/weight_settings.h"

using namespace dw;
using namespace dw::run_folder;
using namespace dw::weights;
namespace fs = std::filesystem;

namespace {

using Values = std::vector<float>;
struct Tensor {
  std::string name;
  std::vector<std::int64_t> shape;
  Values values;
};

void write(const fs::path& path, const std::vector<Tensor>& tensors) {
  std::vector<formats::TensorToWrite> all;
  for (const auto& t : tensors) all.push_back({t.name, "F32", t.shape, std::as_bytes(std::span(t.values))});
  formats::writeSafetensors(path, all);
}

/// Width 4, 2 heads, one level; the numbers of in_patch are what a test looks at.
std::vector<Tensor> model(const Values& patch) {
  return {{"backbone.dec_blocks.0.0.mlp.w3.weight", {4, 1}, {5, 6, 7, 8}},
          {"backbone.enc_blocks.0.0.attn.rope.freqs", {2, 1, 1}, {1, 2}},
          {"backbone.enc_blocks.0.0.mlp.w3.weight", {4, 1}, {1, 2, 3, 4}},
          {"in_patch.proj.weight", {4, 1, 1, 1}, patch},
          {"time_emb.freqs", {1, 2}, {0.5F, 0.25F}}};
}

Values numbersOf(const fs::path& path, const std::string& name) {
  const formats::SafetensorsFile file(path);
  const auto* entry = file.find(name);
  if (entry == nullptr) return {};
  const auto layout = formats::layoutOf(*entry, path);
  std::vector<std::byte> bytes(entry->bytes);
  file.read(*entry, bytes);
  Values values(static_cast<std::size_t>(entry->elements()));
  formats::toFloats(layout.type, false, bytes, values);
  return values;
}

}  // namespace

class TestWeightExport : public QObject {
  Q_OBJECT

  QTemporaryDir home_;
  int count_ = 0;
  fs::path out_;

  /// average empty: none.
  fs::path checkpointWith(const Values& patch, const std::vector<Tensor>& average = {}) {
    CheckpointStore store(fs::path(home_.path().toStdString()) / ("run" + std::to_string(++count_)));
    return store
        .save(7,
              [&](const fs::path& folder) {
                write(folder / "model.safetensors", model(patch));
                if (!average.empty()) write(folder / "ema.safetensors", average);
                config::ModelSettings settings;
                settings.ctxSize = 77;
                std::ofstream(folder / "state.json") << nlohmann::json{{"model", config::toJson(settings)}};
              })
        .folder;
  }
  std::string refusal(const fs::path& checkpoint, const WeightExport& how) const {
    try {
      exportWeights(checkpoint, how, out_);
    } catch (const Error& e) {
      return e.what();
    }
    return {};
  }

 private Q_SLOTS:
  void init() {
    out_ = fs::path(home_.path().toStdString()) / "out.safetensors";
    fs::remove(out_);
  }

  void namesAndNumbersArePassedOn() {
    const auto from = checkpointWith({1, -2, 3.5F, 1e-30F});
    QVERIFY(exportWeights(from, {.prefix = "model."}, out_));
    QCOMPARE(numbersOf(out_, "model.in_patch.proj.weight"), (Values{1, -2, 3.5F, 1e-30F}));
    QCOMPARE(numbersOf(out_, "model.time_emb.freqs"), (Values{0.5F, 0.25F}));
    const WeightFile file(out_);
    QCOMPARE(file.prefix(), std::string("model."));
    QCOMPARE(file.tensors().size(), std::size_t{5});
    QCOMPARE(file.metadata().at("format"), std::string("pt"));
  }

  /// 1 + 2^-11 and 1 + 3 * 2^-11 lie halfway between float16 numbers, 1 + 2^-8 and 1 + 3 * 2^-8 between bfloat16 ones: they
  /// go to the even neighbour.
  void sixteenBitsAreRoundedToTheNearest() {
    const auto half = checkpointWith({1.0F + 0x1p-11F, 1.0F + 0x1.8p-10F, 65504.0F, 0x1p-24F});
    QVERIFY(exportWeights(half, {.dtype = "f16"}, out_));
    QCOMPARE(formats::SafetensorsFile(out_).find("in_patch.proj.weight")->dtype, std::string("F16"));
    QCOMPARE(numbersOf(out_, "in_patch.proj.weight"), (Values{1.0F, 1.0F + 0x1p-9F, 65504.0F, 0x1p-24F}));
    const auto brain = checkpointWith({1.0F + 0x1p-8F, 1.0F + 0x1.8p-7F, -1e38F, 70000.0F});
    QVERIFY(exportWeights(brain, {.dtype = "bf16"}, out_));
    const auto values = numbersOf(out_, "in_patch.proj.weight");
    QCOMPARE(values[0], 1.0F);
    QCOMPARE(values[1], 1.0F + 0x1p-6F);
    QVERIFY(std::abs(values[2] / -1e38F - 1.0F) <= 0x1p-8F);
  }

  void whatSixteenBitsCannotHoldIsRefused() {
    const auto from = checkpointWith({1, 2, 3, 65520.0F});
    const auto why = refusal(from, {.dtype = "f16"});
    QVERIFY2(why.find("in_patch.proj.weight") != std::string::npos && why.find("65520") != std::string::npos,
             why.c_str());
    QVERIFY(!fs::exists(out_));
    QVERIFY(exportWeights(from, {.dtype = "bf16"}, out_));
    QVERIFY(refusal(from, {.dtype = "f8"}).find("f8") != std::string::npos);
  }

  void theAverageIsExportedWhole() {
    auto average = model({10, 20, 30, 40});
    average.pop_back();  // as checkpoints of the first versions: without what is not learnt
    const auto from = checkpointWith({1, 2, 3, 4}, average);
    QVERIFY(hasAverage(from));
    QVERIFY(exportWeights(from, {.averaged = true}, out_));
    QCOMPARE(numbersOf(out_, "in_patch.proj.weight"), (Values{10, 20, 30, 40}));
    QCOMPARE(numbersOf(out_, "time_emb.freqs"), (Values{0.5F, 0.25F}));
    const auto without = checkpointWith({1, 2, 3, 4});
    QVERIFY(!hasAverage(without));
    QVERIFY(refusal(without, {.averaged = true}).find("EMA") != std::string::npos);
  }

  void aFailureLeavesTheOldFile() {
    const auto good = checkpointWith({1, 2, 3, 4});
    QVERIFY(exportWeights(good, {}, out_));
    const auto damaged = checkpointWith({5, 6, 7, 8});
    std::fstream edit(damaged / "model.safetensors", std::ios::in | std::ios::out | std::ios::binary);
    edit.seekp(-1, std::ios::end);
    edit.put('!');
    edit.close();
    QVERIFY(refusal(damaged, {}).find("hash") != std::string::npos);
    int asked = 0;
    QVERIFY(!exportWeights(checkpointWith({5, 6, 7, 8}), {}, out_, [&](double) { return ++asked < 3; }));
    QCOMPARE(numbersOf(out_, "in_patch.proj.weight"), (Values{1, 2, 3, 4}));
    QCOMPARE(std::distance(fs::directory_iterator(out_.parent_path()), fs::directory_iterator()), count_ + 1);
  }

  void whatShapesDoNotTellComesAlong() {
    auto shapes = model({1, 2, 3, 4});
    shapes.push_back({"ctx_proj.weight", {4, 3}, Values(12)});
    CheckpointStore store(fs::path(home_.path().toStdString()) / ("run" + std::to_string(++count_)));
    const auto save = [&](const std::string& modelJson) {
      return store
          .save(9,
                [&](const fs::path& folder) {
                  write(folder / "model.safetensors", shapes);
                  std::ofstream(folder / "state.json") << "{\"model\":" << modelJson << "}";
                })
          .folder;
    };
    config::ModelSettings settings;
    settings.ctxSize = 77;
    QVERIFY(exportWeights(save(config::toJson(settings).dump()), {.dtype = "bf16"}, out_));
    const auto told = inferSettings(WeightFile(out_));
    QCOMPARE(told.model.ctxSize, 77);
    QCOMPARE(told.model.ctxDim, 3);  // what shapes tell is believed, not the metadata
    QVERIFY(told.untold.empty());
    for (const char* odd : {R"({"ctx_size":-5})", R"({"ctx_size":"many"})", "[1]", R"({"ctx_size":1e30})"}) {
      QVERIFY(exportWeights(save(odd), {}, out_));
      QCOMPARE(inferSettings(WeightFile(out_)).untold, std::vector<std::string>{"model.ctx_size"});
    }
  }
};

QTEST_APPLESS_MAIN(TestWeightExport)
#include "tst_weight_export.moc"
