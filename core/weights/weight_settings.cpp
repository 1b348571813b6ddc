// SPDX-License-Identifier: GPL-3.0-or-later
#include "weights/weight_settings.h"

#include <algorithm>

#include "base/error.h"
#include "base/text_format.h"
#include "config/recipe_json.h"

namespace dw::weights {
namespace {

using Shape = std::vector<std::int64_t>;

constexpr const char* kContextSize = "model.ctx_size";
constexpr const char* kDropoutRatio = "model.tread.dropout_ratio";
constexpr std::int64_t kMostRows = 65536;   // of a context
constexpr std::int64_t kMostBlocks = 4096;  // names are hostile too

class Reader {
 public:
  explicit Reader(const WeightFile& file) : file_(file) {}

  bool has(const std::string& name) const { return file_.find(name) != nullptr; }
  /// The shape of a tensor that must be there with that many axes, none of length 0.
  Shape shape(const std::string& name, std::size_t rank) const {
    const auto* tensor = file_.find(name);
    if (tensor == nullptr) refuse("there is no tensor '" + name + "', which tells the model's settings");
    const auto& shape = tensor->layout.shape;
    if (shape.size() != rank || std::any_of(shape.begin(), shape.end(), [](auto n) { return n <= 0; }))
      refuse("'" + name + "' has another number of axes than the model's");
    return shape;
  }
  /// Length of an axis, or `otherwise` where there is no such tensor.
  std::int64_t axis(const std::string& name, std::size_t rank, std::size_t axis, std::int64_t otherwise) const {
    return has(name) ? shape(name, rank)[axis] : otherwise;
  }
  /// Whether any tensor's name begins so.
  bool under(const std::string& prefix) const {
    const auto& all = file_.tensors();
    const auto found =
        std::lower_bound(all.begin(), all.end(), prefix, [](const auto& t, const auto& p) { return t.name < p; });
    return found != all.end() && found->name.starts_with(prefix);
  }
  /// How many of PREFIX0., PREFIX1., ... there are without a gap.
  std::int64_t count(const std::string& prefix) const {
    std::int64_t n = 0;
    while (n < kMostBlocks && under(prefix + std::to_string(n) + ".")) ++n;
    return n;
  }
  [[noreturn]] void refuse(const std::string& why) const {
    throw Error(ErrorKind::BadData, file_.path(), why,
                "choose weights of XUDiT, or give the model's settings in a recipe");
  }

 private:
  const WeightFile& file_;
};

std::vector<std::int64_t> blocksOf(const Reader& read, const std::string& stack, std::int64_t levels) {
  std::vector<std::int64_t> blocks;
  for (std::int64_t level = 0; level < levels; ++level)
    blocks.push_back(read.count(stack + std::to_string(level) + "."));
  const bool same = std::all_of(blocks.begin(), blocks.end(), [&](auto n) { return n == blocks[0]; });
  return same ? std::vector{blocks[0]} : blocks;
}

void inferContext(const Reader& read, InferredSettings& out) {
  auto& m = out.model;
  const std::string external = "backbone.enc_blocks.0.0.xattn.kv.weight";
  m.concatCtx = !read.has(external);
  m.ctxDim = read.axis(m.concatCtx ? "ctx_proj.weight" : external, 2, 1, 0);
  m.decCtx = !m.concatCtx && read.under("backbone.dec_blocks.0.1.xattn.");
  if (m.ctxDim > 0) out.untold.emplace_back(kContextSize);
}

void inferTread(const Reader& read, InferredSettings& out) {
  const auto prev = read.count("prev_tread_trns.blocks."), post = read.count("post_tread_trns.blocks.");
  if (prev == 0 && post == 0) return;
  out.model.tread = config::TreadSettings{.prevTrnsDepth = prev, .postTrnsDepth = post};
  out.untold.emplace_back(kDropoutRatio);
}

/// What our own exports say beside the shapes (weight_export.h). Anything odd there is as if nothing were said.
void takeFacts(const WeightFile& file, InferredSettings& out) {
  const auto found = file.metadata().find(kWeightFacts);
  if (found == file.metadata().end()) return;
  try {
    const auto facts = config::parseJson(found->second, file.path()).at("model");
    if (!facts.is_object() || !facts.at("ctx_size").is_number_unsigned() || facts["ctx_size"] > kMostRows) return;
    const auto told = config::modelSettingsFromJson(facts);
    auto model = out.model;
    model.ctxSize = told.ctxSize;
    if (model.tread && told.tread) model.tread->dropoutRatio = told.tread->dropoutRatio;
    if (hasErrors(config::validate(model)) || model.tread.has_value() != told.tread.has_value()) return;
    out.model = model;
    out.untold.clear();
  } catch (const std::exception&) {
    return;
  }
}

/// What the file does not tell.
void takeAsked(const config::ModelSettings& asked, InferredSettings& out) {
  for (const auto& key : out.untold) {
    if (key == kContextSize) out.model.ctxSize = asked.ctxSize;
    if (key == kDropoutRatio && asked.tread) out.model.tread->dropoutRatio = asked.tread->dropoutRatio;
  }
}

}  // namespace

InferredSettings inferSettings(const WeightFile& file, const config::ModelSettings& asked) {
  const Reader read(file);
  InferredSettings out;
  auto& m = out.model;
  const auto patch = read.shape("in_patch.proj.weight", 4);
  m.dim = patch[0];
  m.inputDim = patch[1];
  m.patchSize = patch[2];
  m.heads = read.shape("backbone.enc_blocks.0.0.attn.rope.freqs", 3)[0];
  if (m.dim % m.heads != 0)
    read.refuse("the width " + std::to_string(m.dim) + " is not divisible by the " + countText(m.heads, "head"));
  m.dimHead = m.dim / m.heads;
  m.mlpDim = read.shape("backbone.enc_blocks.0.0.mlp.w3.weight", 2)[1];
  m.depth = read.count("backbone.enc_blocks.");
  m.encBlocks = blocksOf(read, "backbone.enc_blocks.", m.depth);
  m.decBlocks = blocksOf(read, "backbone.dec_blocks.", m.depth);
  m.sharedAdaln = read.under("shared_adaln_attn.");
  m.useDyt = read.has("backbone.enc_blocks.0.0.attn_pre_norm.norm.in_weight");
  m.doubleT = read.under("r_emb.");
  m.classCond = read.axis("class_token.weight", 2, 0, 0);
  m.addonInfoEmbsDim = read.axis("addon_info_embs_proj.0.weight", 2, 1, 0);
  inferContext(read, out);
  inferTread(read, out);
  takeFacts(file, out);
  takeAsked(asked, out);
  return out;
}

}  // namespace dw::weights
