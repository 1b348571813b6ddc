// SPDX-License-Identifier: GPL-3.0-or-later
#include "run_library/run_json.h"

#include "base/error.h"
#include "base/folder.h"
#include "config/recipe_json.h"
#include "run_folder/checkpoint_store.h"

namespace dw::run_library {
namespace {

using nlohmann::json;

template <typename Value>
json orNull(const std::optional<Value>& value) {
  return value ? json(*value) : json();
}

}  // namespace

json toJson(const RunSummary& run) {
  json out{{"name", run.name},
           {"folder", run.folder.string()},
           {"state", run_folder::nameOf(run.state)},
           {"data", run.dataset},
           {"recipe_name", run.recipeName},
           {"created", run.created},
           {"changed", run.changed},
           {"steps_done", run.stepsDone},
           {"steps_planned", run.stepsPlanned},
           {"active_s", run.activeS},
           {"last_loss", orNull(run.lastLoss)},
           {"smoothed_loss", orNull(run.smoothedLoss)},
           {"best_loss", orNull(run.bestLoss)},
           {"best_step", run.bestLoss ? json(run.bestStep) : json()},
           {"bytes", orNull(run.bytes)},
           {"archived", run.archived}};
  if (!run.stateDetail.empty()) out["detail"] = run.stateDetail;
  if (!run.missing.empty()) out["missing"] = run.missing;
  if (!run.note.empty()) out["note"] = run.note;
  if (run.parent) out["parent"] = {{"run", run.parent->run}, {"step", run.parent->step}};
  return out;
}

json toJson(const run_folder::CheckpointInfo& c) {
  json out{{"step", c.step},     {"bytes", c.bytes}, {"saved_at", c.savedAt}, {"loss", orNull(c.loss)},
           {"pinned", c.pinned}, {"best", c.best},   {"preview", c.preview}};
  if (!c.damage.empty()) out["damage"] = c.damage;
  return out;
}

json toJson(const TrashedRun& run) {
  return {{"name", run.name}, {"folder", run.folder.string()}, {"deleted", run.deleted}, {"bytes", run.bytes}};
}

json describeRun(const std::filesystem::path& folder) {
  auto run = readRunSummary(folder);
  run.bytes = bytesOfFiles(folder);
  if (run.curveUnread) {
    try {
      summarizeCurve(run);
    } catch (const Error&) {  // what is wrong with the curve stands in `missing` already
      run.curveUnread = true;
    }
  }
  auto out = toJson(run);
  out["kind"] = "run";
  if (run.recipe) out["recipe"] = config::toJson(*run.recipe);
  out["checkpoints"] = json::array();
  for (const auto& c : run_folder::CheckpointStore(folder / "checkpoints").listAll())
    out["checkpoints"].push_back(toJson(c));
  return out;
}

}  // namespace dw::run_library
