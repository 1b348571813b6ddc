// SPDX-License-Identifier: GPL-3.0-or-later
#include "trainer/xudit/xudit_checkpoint.h"

#include <torch/torch.h>

#include <string>

#include "base/atomic_file.h"
#include "base/error.h"
#include "diffusion/timestep_sampler.h"
#include "weights/tensors/kept_copies.h"
#include "weights/tensors/tensor_file.h"

namespace dw::trainer::xudit {

struct XuditSnapshot::Copies {
  weights::tensors::KeptCopies model, optimizer, ema;
};

XuditSnapshot::XuditSnapshot() : copies_(std::make_unique<Copies>()) {}
XuditSnapshot::~XuditSnapshot() = default;

void XuditSnapshot::take(const Tensors& model, const Tensors& optimizer, const Tensors& ema) {
  copies_->model.take(model);
  copies_->optimizer.take(optimizer);
  copies_->ema.take(ema);
}

void XuditSnapshot::write(const std::filesystem::path& folder) const {
  weights::tensors::writeTensors(folder / "model.safetensors", copies_->model.tensors());
  weights::tensors::writeTensors(folder / "optimizer.safetensors", copies_->optimizer.tensors());
  if (!copies_->ema.tensors().empty())
    weights::tensors::writeTensors(folder / "ema.safetensors", copies_->ema.tensors());
  // Class names are folder names sometimes, in whatever encoding.
  writeFileAtomically(folder / "state.json", state.dump(1, ' ', false, nlohmann::json::error_handler_t::replace));
}

std::int64_t countIn(const nlohmann::json& state, const char* name, const std::filesystem::path& checkpoint) {
  const auto found = state.find(name);
  if (found != state.end() && found->is_number_integer() && *found >= 0) return found->get<std::int64_t>();
  throw Error(ErrorKind::BadData, checkpoint, std::string("state.json has no number '") + name + "'",
              "it may be damaged: resume from an older checkpoint");
}

nlohmann::json historyJson(const diffusion::TimestepSampler& timesteps) {
  const auto& history = timesteps.history();
  if (!history) return nullptr;
  return {{"losses", history->losses()}, {"counts", history->counts()}};
}

void restoreHistory(const nlohmann::json& state, std::int64_t steps, const std::filesystem::path& checkpoint,
                    diffusion::TimestepSampler& timesteps) {
  if (!timesteps.history()) return;
  const auto stored = state.value("timesteps", nlohmann::json());
  if (stored.is_null()) return;  // a run that drew evenly and goes on by importance begins to measure
  try {
    timesteps.setHistory(
        {steps, stored.at("losses").get<std::vector<double>>(), stored.at("counts").get<std::vector<std::int64_t>>()});
  } catch (const nlohmann::json::exception&) {
    throw Error(ErrorKind::BadData, checkpoint, "the measured losses in state.json are damaged",
                "resume from an older checkpoint");
  }
}

}  // namespace dw::trainer::xudit
