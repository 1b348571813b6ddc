// SPDX-License-Identifier: GPL-3.0-or-later
#include "model/xudit_inputs.h"

#include <string>

#include "base/error.h"

namespace dw::model {

namespace {

/// c10::str joins texts, numbers and shapes into one string.
[[noreturn]] void refuse(const char* what, const torch::Tensor& got, const std::string& need, const char* remedy = "") {
  throw Error(ErrorKind::Usage, c10::str(what, " has shape ", got.sizes(), ", but the model needs ", need, "."),
              remedy);
}

void checkContext(const config::ModelSettings& s, const torch::Tensor& ctx, std::int64_t n) {
  if (s.classCond > 0) {
    if (ctx.numel() != n) refuse("The class list", ctx, c10::str("[", n, "], one class for each sample"));
    if (!c10::isIntegralType(ctx.scalar_type(), /*includeBool=*/false)) {
      throw Error(ErrorKind::Usage, "Class numbers must be whole numbers.");
    }
    return;
  }
  if (s.ctxDim == 0) {
    refuse("The context", ctx, "none (its ctx_dim is 0)", "leave the context out, or build the model with ctx_dim");
  }
  if (ctx.dim() != 3 || ctx.size(0) != n || ctx.size(2) != s.ctxDim) {
    refuse("The context", ctx, c10::str("[", n, ", rows, ", s.ctxDim, "]"));
  }
}

void checkAddonInfo(const config::ModelSettings& s, const torch::Tensor& info, std::int64_t n) {
  const auto width = s.addonInfoEmbsDim;
  if (width == 0) refuse("The extra information", info, "none (its addon_info_embs_dim is 0)", "leave it out");
  const bool vectorFits = width == 1 && info.dim() == 1 && info.size(0) == n;
  const bool matrixFits = info.dim() == 2 && info.size(0) == n && info.size(1) == width;
  if (!vectorFits && !matrixFits) refuse("The extra information", info, c10::str("[", n, ", ", width, "]"));
}

void checkExtras(const config::ModelSettings& s, const torch::Tensor& x, const ForwardExtras& e) {
  const auto n = x.size(0), pixels = x.size(2) * x.size(3);
  if (e.ctx.defined()) checkContext(s, e.ctx, n);
  if (e.posMap.defined() && e.posMap.sizes() != at::IntArrayRef({n, pixels, 2})) {
    refuse("The position map", e.posMap, c10::str("[", n, ", ", pixels, ", 2]"));
  }
  if (e.r.defined() && !s.doubleT) refuse("The second time r", e.r, "none (it was built without double_t)");
  if (e.r.defined() && e.r.numel() != n) refuse("The second time r", e.r, c10::str("[", n, "]"));
  if (e.addonInfo.defined()) checkAddonInfo(s, e.addonInfo, n);
}

}  // namespace

void checkInputs(const config::ModelSettings& s, const torch::Tensor& x, const torch::Tensor& t,
                 const ForwardExtras& extras) {
  const auto p = s.patchSize;
  if (x.dim() != 4 || x.size(1) != s.inputDim) {
    refuse("The input", x, c10::str("[n, ", s.inputDim, ", height, width]"),
           "set model.input_dim to the channels of the dataset, or choose another dataset");
  }
  if (x.size(2) < p || x.size(3) < p) {
    refuse("The input", x, c10::str("at least one patch, [n, ", s.inputDim, ", ", p, ", ", p, "]"),
           "use a smaller patch_size");
  }
  if (t.numel() != x.size(0)) refuse("The time t", t, c10::str("[", x.size(0), "], one for each sample"));
  checkExtras(s, x, extras);
}

}  // namespace dw::model
