// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <nlohmann/json.hpp>
#include <vector>

#include "trainer/training_task.h"

namespace dw::diffusion {
class TimestepSampler;
}
namespace dw::training {
struct NamedTensor;
}

// What the real task writes into a checkpoint beside the weights, and how it is read back; between xudit_task.cpp and
// xudit_checkpoint.cpp.
namespace dw::trainer::xudit {

/// The files of one checkpoint. Keeps its memory from one take() to the next.
class XuditSnapshot : public Snapshot {
 public:
  using Tensors = std::vector<training::NamedTensor>;

  XuditSnapshot();
  ~XuditSnapshot() override;
  /// Copies. ema may be empty: there is no average then, and no file of it.
  void take(const Tensors& model, const Tensors& optimizer, const Tensors& ema);
  void write(const std::filesystem::path& folder) const override;

  nlohmann::json state;  ///< into state.json

 private:
  struct Copies;
  std::unique_ptr<Copies> copies_;
};

/// A whole number of state.json that is 0 or more. checkpoint: for the sentence of the Error BadData.
std::int64_t countIn(const nlohmann::json& state, const char* name, const std::filesystem::path& checkpoint);

/// Losses measured at the timesteps, kept in state.json; null where none are measured.
nlohmann::json historyJson(const diffusion::TimestepSampler& timesteps);
/// steps: T of the noise schedule. Throws Error BadData.
void restoreHistory(const nlohmann::json& state, std::int64_t steps, const std::filesystem::path& checkpoint,
                    diffusion::TimestepSampler& timesteps);

}  // namespace dw::trainer::xudit
