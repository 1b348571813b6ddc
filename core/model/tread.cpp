// SPDX-License-Identifier: GPL-3.0-or-later
#include "model/tread.h"

#include <cmath>

#include "base/error.h"

namespace dw::model {

namespace {

torch::Tensor alongWidth(const torch::Tensor& numbers, std::int64_t width) {
  return numbers.unsqueeze(-1).expand({-1, -1, width});
}

}  // namespace

std::int64_t treadKeepCount(std::int64_t tokens, double rate) {
  if (!(rate >= 0.0 && rate < 1.0)) {
    throw Error(ErrorKind::Usage,
                c10::str("The share of tokens that TREAD drops must be at least 0 and below 1, not ", rate, "."),
                "use 0.5, the usual share");
  }
  return tokens - static_cast<std::int64_t>(std::floor(static_cast<double>(tokens) * rate));
}

torch::Tensor drawTreadKeep(std::int64_t n, std::int64_t tokens, double rate, std::optional<at::Generator> generator) {
  const auto keep = treadKeepCount(tokens, rate);
  // The order of independent random keys is a uniformly random permutation; its head is a uniformly random set.
  const auto keys = torch::rand({n, tokens}, std::move(generator), torch::TensorOptions().dtype(torch::kFloat64));
  return std::get<0>(keys.argsort(/*stable=*/false, /*dim=*/1).narrow(1, 0, keep).sort(/*dim=*/1));
}

torch::Tensor takeTokens(const torch::Tensor& x, const torch::Tensor& numbers) {
  return x.gather(1, alongWidth(numbers, x.size(-1)));
}

torch::Tensor putTokens(const torch::Tensor& x, const torch::Tensor& numbers, const torch::Tensor& rows) {
  return x.scatter(1, alongWidth(numbers, x.size(-1)), rows);
}

}  // namespace dw::model
