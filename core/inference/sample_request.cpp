// SPDX-License-Identifier: GPL-3.0-or-later
#include "inference/sample_request.h"

#include <algorithm>
#include <utility>

namespace dw::inference {
namespace {

Problem wrong(const char* field, std::string sentence, std::string remedy, std::string fix = {}) {
  return {field, Severity::Error, std::move(sentence), std::move(remedy), std::move(fix)};
}

void checkCondition(Problems& out, const SampleRequest& r, const ModelFacts& model) {
  const auto count = static_cast<std::size_t>(r.count);
  const bool told = !r.labels.empty() || !r.context.empty();
  if (r.guidance != 1.0 && model.classes() == 0 && !model.takesContext()) {
    out.push_back(wrong("guidance",
                        "guidance compares the answers with and without a condition, but this model takes none",
                        "use 1, or train with model.class_cond", "1"));
  } else if (r.guidance != 1.0 && r.guidance != 0.0 && !told) {
    out.push_back(wrong("guidance", "guidance needs something to guide to", "give a label, or use 1", "1"));
  }
  if (!(r.guidance >= -100.0 && r.guidance <= 100.0))
    out.push_back(wrong("guidance", "guidance must lie between -100 and 100", "use 1", "1"));
  if (!r.labels.empty() && model.classes() == 0) {
    out.push_back(wrong("labels", "this model was trained without class labels", "leave the label out"));
  } else if (r.labels.size() > 1 && r.labels.size() != count) {
    out.push_back(wrong("labels",
                        std::to_string(r.labels.size()) + " labels for " + std::to_string(count) + " pictures",
                        "give one label for all, or one for each"));
  } else {
    for (const auto label : r.labels) {
      if (label >= -1 && label < model.classes()) continue;
      out.push_back(wrong("labels",
                          "there is no class " + std::to_string(label) + ": the model knows 0 to " +
                              std::to_string(model.classes() - 1),
                          "use one of these, or -1 for none", "0"));
      break;
    }
  }
  const auto one = static_cast<std::size_t>(std::max<std::int64_t>(model.contextRows, 1) * model.model.ctxDim);
  if (!r.context.empty() && !model.takesContext()) {
    out.push_back(wrong("context", "this model was trained without a context", "leave the context out"));
  } else if (!r.context.empty() && r.context.size() != one && r.context.size() != one * count) {
    out.push_back(wrong("context",
                        "the context has " + std::to_string(r.context.size()) + " numbers, but the model takes " +
                            std::to_string(one) + " for each picture",
                        "give one context for all, or one for each"));
  }
}

}  // namespace

Problems checkRequest(const SampleRequest& r, const ModelFacts& model) {
  Problems out;
  if (r.count < 1 || r.count > 1'000'000)
    out.push_back(wrong("count", "the number of pictures must lie between 1 and 1000000", "use 16", "16"));
  if (r.batch < 1) out.push_back(wrong("batch", "at least one picture is made at once", "use 64", "64"));
  if (const auto patch = model.model.patchSize; model.height % patch != 0 || model.width % patch != 0) {
    out.push_back(wrong("height",
                        "a sample of " + std::to_string(model.height) + " x " + std::to_string(model.width) +
                            " cannot be cut into the model's patches of " + std::to_string(patch),
                        "give a height and width that are multiples of " + std::to_string(patch)));
  }
  if (!(r.clip >= 0.0)) out.push_back(wrong("clip", "the limit of x0-hat cannot be negative", "use 0 for none", "0"));
  checkCondition(out, r, model);
  return out;
}

}  // namespace dw::inference
