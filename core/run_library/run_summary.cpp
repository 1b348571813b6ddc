// SPDX-License-Identifier: GPL-3.0-or-later
#include "run_library/run_summary.h"

#include <algorithm>
#include <limits>

#include "base/error.h"
#include "base/file.h"
#include "base/folder.h"
#include "config/recipe_json.h"
#include "run_folder/curve_summary.h"
#include "run_folder/metrics_file.h"
#include "run_folder/run_folder.h"
#include "run_folder/run_notes.h"

namespace dw::run_library {
namespace {

namespace fs = std::filesystem;
using nlohmann::json;
constexpr std::uint64_t kMostRead = 1U << 20;  ///< of a curve, for a list
constexpr int kFormat = 1;                     ///< of recipe.json

void addSentence(std::string& text, const std::string& sentence) { text += (text.empty() ? "" : "; ") + sentence; }

/// Reads one file of a run. What is wrong with it becomes a sentence in `missing`; false then.
template <typename Read>
bool attempt(RunSummary& s, const char* file, Read read) {
  try {
    read();
    return true;
  } catch (const Error& e) {
    addSentence(s.missing, e.path().empty() ? file + std::string(": ") + e.what() : e.what());
  } catch (const std::exception& e) {  // a wrong type inside JSON, a folder that cannot be entered
    addSentence(s.missing, file + std::string(": ") + e.what());
  }
  return false;
}

bool isNewer(const json& description) {
  const auto format = description.is_object() ? description.value("format", json()) : json();
  return format.is_number() && format > kFormat;
}

/// Field by field, so that a recipe with one strange value still shows its name and its data.
void readDescriptionInto(RunSummary& s, bool& newer) {
  const auto path = s.folder / "recipe.json";
  const auto description = config::parseJson(readTextFile(path), path);
  newer = isNewer(description);
  if (!description.is_object())
    throw Error(ErrorKind::BadData, path, "recipe.json does not describe a run", "it may be damaged");
  const auto at = [&](const char* pointer) { return description.value(json::json_pointer(pointer), json()); };
  const auto text = [&](const char* pointer) {
    const auto v = at(pointer);
    return v.is_string() ? v.get<std::string>() : std::string();
  };
  const auto number = [&](const char* pointer) {
    const auto v = at(pointer);
    return v.is_number_integer() ? v.get<std::int64_t>() : 0;
  };
  s.dataset = text("/data/path");
  s.recipeName = text("/recipe/name");
  s.created = number("/created");
  s.stepsPlanned = number("/recipe/train/steps");
  if (const auto parent = at("/origin/run"); parent.is_string())
    s.parent = Parent{text("/origin/run"), number("/origin/step")};
  config::refuseNewerFormat(description, kFormat, path, "this run");
  s.recipe = config::recipeFromJson(at("/recipe"));
  s.recipeName = s.recipe->name;  // as it is called today
  if (s.dataset.empty())
    throw Error(ErrorKind::BadData, path, "it does not say what the run was trained on", "it may be damaged");
}

void takeCurve(RunSummary& s, const run_folder::CurveSummary& curve) {
  s.stepsDone = curve.step;
  s.lastLoss = curve.loss;
  s.activeS = curve.activeS;
  s.smoothedLoss = curve.smoothed.value();
  s.bestStep = curve.bestStep;
  if (curve.bestStep > 0) s.bestLoss = curve.bestLoss;
}

void readCurveInto(RunSummary& s, bool& newer) {
  const ReadFile metrics(s.folder / "metrics.bin");
  newer = newer || run_folder::isNewerMetrics(metrics);
  run_folder::readMetricsPart(metrics, 0, 0);  // refuses a file of another kind or format
  std::uint64_t summarized = 0;
  auto curve = run_folder::readCurveSummary(s.folder / run_folder::kSummaryFile, metrics, &summarized)
                   .value_or(run_folder::CurveSummary{});
  if (summarized > metrics.size()) {
    addSentence(s.missing, "metrics.bin is shorter than it was: fetch it again");
    s.state = run_folder::RunState::Incomplete;
  }
  const bool whole = run_folder::extendSummary(curve, metrics, kMostRead);
  if (curve.count > 0) takeCurve(s, curve);
  s.curveUnread = !whole;
  if (whole) return;
  if (const auto last = run_folder::readLastMetrics(metrics)) {
    s.stepsDone = last->metrics.step;
    s.lastLoss = last->metrics.loss;
    s.activeS = last->metrics.activeS;
    s.smoothedLoss.reset();
  }
}

void countCheckpoints(RunSummary& s) {
  std::error_code absent;
  for (const auto& entry : fs::directory_iterator(s.folder / "checkpoints", absent)) {
    if (entry.path().filename().string().starts_with("step-")) ++s.checkpoints;
  }
}

void describeTrainer(RunSummary& s, const run_folder::Liveness& trainer,
                     const std::optional<run_folder::LogFacts>& log) {
  if (s.state == run_folder::RunState::Failed && log) s.stateDetail = log->failure;
  if (!run_folder::isLive(s.state)) return;
  s.ofThisProcess = trainer.ofThisProcess;
  if (trainer.process == 0) return;
  s.stateDetail = trainer.ofThisProcess ? "by this program" : "by process " + std::to_string(trainer.process);
  if (!trainer.ofThisProcess && !trainer.host.empty()) s.stateDetail += " on " + trainer.host;
}

}  // namespace

run_folder::RunState stateOf(const std::optional<run_folder::LogFacts>& log, bool alive, std::int64_t done,
                             std::int64_t planned) {
  if (alive) return log && log->paused && !log->ended ? run_folder::RunState::Paused : run_folder::RunState::Training;
  if (!log || !log->ended) return run_folder::RunState::Interrupted;
  if (!log->failure.empty()) return run_folder::RunState::Failed;
  return done < planned ? run_folder::RunState::Stopped : run_folder::RunState::Finished;
}

RunSummary readRunSummary(const fs::path& run, run_folder::LivenessProbe& probe) {
  RunSummary s;
  s.folder = run;
  s.name = run.filename().string();
  s.state = run_folder::RunState::Finished;
  std::error_code ignored;
  const auto trainer = probe.look();
  std::optional<run_folder::LogFacts> log;
  bool newer = false, described = true, measured = true;
  const bool hasDescription = fs::exists(run / "recipe.json", ignored),
             hasMetrics = fs::exists(run / "metrics.bin", ignored);
  if (hasDescription) described = attempt(s, "recipe.json", [&] { readDescriptionInto(s, newer); });
  attempt(s, "log.jsonl", [&] { log = run_folder::readLogTail(run / "log.jsonl"); });
  if (log && log->totalSteps > 0) s.stepsPlanned = log->totalSteps;
  if (hasMetrics) measured = attempt(s, "metrics.bin", [&] { readCurveInto(s, newer); });
  attempt(s, "notes.json", [&] {
    const auto notes = run_folder::readNotes(run);
    s.note = notes.note;
    s.archived = notes.archived;
  });
  countCheckpoints(s);
  if (log) {
    s.changed = log->lastTime;
    s.device = log->device;
    s.threads = log->threads;
  }
  const bool cut = s.state == run_folder::RunState::Incomplete;
  s.state = stateOf(log, trainer.alive, s.stepsDone, s.stepsPlanned);
  if (!hasDescription) addSentence(s.missing, "recipe.json is missing: fetch the rest of this run");
  if (!hasMetrics) addSentence(s.missing, "metrics.bin is missing: the run has no curves");
  if (!log) addSentence(s.missing, "log.jsonl is missing: how the run ended is not known");
  if (!trainer.alive) {
    if (!hasDescription || !hasMetrics || !log || cut) s.state = run_folder::RunState::Incomplete;
    if (!described || !measured) s.state = run_folder::RunState::Damaged;
  }
  if (newer) s.state = run_folder::RunState::NewerFormat;
  describeTrainer(s, trainer, log);
  return s;
}

RunSummary readRunSummary(const fs::path& run) {
  run_folder::LivenessProbe probe(run);
  return readRunSummary(run, probe);
}

void summarizeCurve(RunSummary& summary) {
  const ReadFile metrics(summary.folder / "metrics.bin");
  auto curve = run_folder::readCurveSummary(summary.folder / run_folder::kSummaryFile, metrics)
                   .value_or(run_folder::CurveSummary{});
  run_folder::extendSummary(curve, metrics, std::numeric_limits<std::uint64_t>::max());
  if (curve.count > 0) takeCurve(summary, curve);
  summary.curveUnread = false;
}

bool looksLikeRun(const fs::path& folder) {
  std::error_code ignored;
  for (const char* part : {"recipe.json", "metrics.bin", "checkpoints"}) {
    if (fs::exists(folder / part, ignored)) return true;
  }
  return false;
}

}  // namespace dw::run_library
