// SPDX-License-Identifier: GPL-3.0-or-later
// kill_child FOLDER PAGE new|resume: trains in a run folder until it is killed, and tells in the shared page what it is at.
#include <algorithm>
#include <cstring>
#include <string>

#include "../../support/small_data.h"
#include "base/disk_hook.h"
#include "exact_task.h"
#include "kill_page.h"
#include "trainer/training_runner.h"

using namespace dw;
using namespace std::chrono_literals;
using test::KillPage;
using test::Phase;
namespace fs = std::filesystem;

namespace {

/// Writes every disk call into the page, and waits to be killed at the one that is wanted.
class Announcer : public DiskHook {
 public:
  Announcer(KillPage& page, fs::path folder) : page_(page), folder_(std::move(folder)) {}

  int before(DiskAction action, const fs::path& path, const fs::path& to) override {
    const auto [place, phase] = classify(action, path, to);
    page_.now[place].store(phase, std::memory_order_release);
    if (phase != page_.wanted) return 0;
    if (++count_ != page_.nth) return 0;
    if (page_.hold == test::Hold::After) return 0;
    page_.announced = 1;
    if (page_.hold == test::Hold::Before) waitForTheEnd();
    return 0;
  }

  void after(DiskAction action, const fs::path& path, const fs::path& to) override {
    const auto [place, phase] = classify(action, path, to);
    const auto name = to.filename().string();
    if (place == test::kCheckpoint && phase == Phase::Rename && name.starts_with("step-"))
      page_.placed = std::stoll(name.substr(5));
    if (place == test::kCheckpoint && action == DiskAction::Rename && phase == Phase::Prune) ++page_.pruned;
    if (action == DiskAction::Write && path.filename() == "metrics.bin") page_.recorded = page_.stepped.load();
    if (phase == page_.wanted && page_.hold == test::Hold::After && count_ == page_.nth) {
      page_.announced = 1;
      waitForTheEnd();
    }
    page_.now[place].store(Phase::Nothing, std::memory_order_release);
  }

 private:
  std::pair<test::Place, Phase> classify(DiskAction action, const fs::path& path, const fs::path& to) {
    const auto below = path.lexically_relative(folder_).string();
    const bool sync = action == DiskAction::Sync;
    if (below == "metrics.bin" || below == "log.jsonl") {
      return sync ? std::pair(test::kRecordsSync, Phase::RecordsSync) : std::pair(test::kRecords, Phase::Records);
    }
    if (!below.starts_with("checkpoints")) return {test::kElsewhere, Phase::Other};
    const auto name = action == DiskAction::Rename
                          ? to.filename().string()
                          : below.substr(std::min(below.size(), std::string("checkpoints/").size()));
    if (action == DiskAction::Rename || action == DiskAction::MakeFolder) pruning_ = name.starts_with(".deleting-");
    if (action == DiskAction::Remove || pruning_) return {test::kCheckpoint, Phase::Prune};
    if (action == DiskAction::Rename) return {test::kCheckpoint, Phase::Rename};
    return {test::kCheckpoint, sync ? Phase::Sync : Phase::Write};
  }

  /// The parent kills; if it does not, training goes on and the test sees that.
  static void waitForTheEnd() { std::this_thread::sleep_for(10s); }

  KillPage& page_;
  const fs::path folder_;
  std::atomic<std::int64_t> count_{0};
  std::atomic<bool> pruning_{false};  ///< of the one thread that saves
};

trainer::RunRequest requestFor(const fs::path& folder, bool resume) {
  constexpr std::int64_t kNever = 100'000'000;
  if (resume) return trainer::ResumeRun{.run = folder, .totalSteps = kNever};
  auto recipe = config::builtinRecipe("lecture");
  recipe.train.steps = kNever;
  recipe.checkpoint.every = 2;
  return trainer::FreshRun{.recipe = recipe, .data = test::smallData(folder.parent_path()), .folder = folder};
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 4) return 2;
  auto* page = test::mapKillPage(argv[2], false);
  if (page == nullptr) return 2;
  Announcer announcer(*page, argv[1]);
  setDiskHook(&announcer);
  test::ExactPlan plan;
  plan.done = [page](std::int64_t step) { page->stepped = step; };
  trainer::TrainingRunner runner(test::exactTasks(plan));
  runner.start(requestFor(argv[1], std::string(argv[3]) == "resume"));
  const auto listen = [&] {
    for (const auto& event : runner.drainEvents()) {
      const auto* failed = std::get_if<messages::Failed>(&event);
      if (failed != nullptr) std::strncpy(page->failure.data(), failed->sentence.c_str(), page->failure.size() - 1);
    }
  };
  while (!runner.waitFinished(50ms)) listen();
  listen();
  return 1;  // it should have been killed
}
