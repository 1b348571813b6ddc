// SPDX-License-Identifier: GPL-3.0-or-later
#include "config/model_settings.h"

#include "base/text_format.h"
#include "config/field_text.h"

namespace dw::config {
namespace {

void add(Problems& out, const char* field, const std::string& sentence, const std::string& remedy,
         std::string fix = {}) {
  out.push_back({field, Severity::Error, sentence, remedy, std::move(fix)});
}

/// Sizes that no machine could hold are refused here, so that nothing below can overflow or search for hours.
void checkSizes(const ModelSettings& s, Problems& out) {
  constexpr std::int64_t kMost = 1 << 20;
  struct Size {
    const char* field;
    std::int64_t value, least;
  };
  for (const auto& [field, value, least] :
       std::initializer_list<Size>{{"model.patch_size", s.patchSize, 1},
                                   {"model.input_dim", s.inputDim, 1},
                                   {"model.dim", s.dim, 1},
                                   {"model.mlp_dim", s.mlpDim, 1},
                                   {"model.depth", s.depth, 1},
                                   {"model.heads", s.heads, -kMost},
                                   {"model.dim_head", s.dimHead, -kMost},
                                   {"model.ctx_dim", s.ctxDim, 0},
                                   {"model.ctx_size", s.ctxSize, 0},
                                   {"model.class_cond", s.classCond, 0},
                                   {"model.addon_info_embs_dim", s.addonInfoEmbsDim, 0}}) {
    if (value < least) {
      add(out, field, std::string(field) + " is " + toText(value) + ", but must be at least " + toText(least),
          "use " + toText(least) + " or more", toText(least));
    } else if (value > kMost) {
      add(out, field, std::string(field) + " is " + toText(value) + ", but must be at most " + toText(kMost),
          "use a much smaller number", toText(kMost));
    }
  }
  if (s.ctxDim > 0 && s.ctxSize < 1)
    add(out, "model.ctx_size", "a context needs at least one row", "use 1 or more", "256");
}

void checkHeads(const ModelSettings& s, Problems& out) {
  if (s.dimHead <= 0 && s.heads < 1) {
    add(out, "model.heads", "there must be at least one head", "use 1 or more", "1");
    return;
  }
  if (s.dim < 1 || (s.headSize() > 0 && s.headCount() * s.headSize() == s.dim)) return;
  if (s.dimHead > 0) {
    std::int64_t fit = std::min(s.dimHead, s.dim);
    while (s.dim % fit != 0) --fit;
    add(out, "model.dim_head",
        "a head size of " + toText(s.dimHead) + " does not divide the model width " + toText(s.dim),
        "use a divisor of " + toText(s.dim) + ", for example " + toText(fit), toText(fit));
  } else {
    std::int64_t fit = std::min(s.heads, s.dim);
    while (s.dim % fit != 0) --fit;
    add(out, "model.heads",
        countText(s.heads, "head does", "heads do") + " not divide the model width " + toText(s.dim),
        "use a divisor of " + toText(s.dim) + ", for example " + toText(fit), toText(fit));
  }
}

void checkBlocks(const ModelSettings& s, const char* field, const std::vector<std::int64_t>& blocks, Problems& out) {
  const auto depth = static_cast<std::size_t>(std::max<std::int64_t>(s.depth, 1));
  if (blocks.size() != 1 && blocks.size() != depth) {
    add(out, field,
        countText(blocks.size(), "number of blocks is", "numbers of blocks are") + " given for " +
            countText(s.depth, "level"),
        "give one number for all levels, or one per level", "1");
  }
  for (const auto count : blocks) {
    if (count < 1 || count > 256) {
      add(out, field, "a level of " + countText(count, "block") + " is not possible", "use 1 to 256", "1");
      return;
    }
  }
}

}  // namespace

Problems validate(const ModelSettings& s) {
  Problems out;
  checkSizes(s, out);
  if (!out.empty()) return out;
  checkHeads(s, out);
  checkBlocks(s, "model.enc_blocks", s.encBlocks, out);
  checkBlocks(s, "model.dec_blocks", s.decBlocks, out);
  if (s.dim > 0 && s.dim % 2 != 0) {
    add(out, "model.dim",
        "a model width of " + toText(s.dim) + " is odd: the timestep embedding needs as many cosines as sines",
        "use an even number: " + toText(s.dim + 1), toText(s.dim + 1));
  }
  if (s.tread && (s.tread->dropoutRatio < 0.0 || s.tread->dropoutRatio >= 1.0)) {
    add(out, "model.tread.dropout_ratio", "the share of dropped tokens must be at least 0 and below 1", "use 0.5",
        "0.5");
  }
  return out;
}

}  // namespace dw::config
