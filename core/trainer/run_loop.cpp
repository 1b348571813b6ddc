// SPDX-License-Identifier: GPL-3.0-or-later
#include "trainer/run_loop.h"

#include <utility>

#include "base/text_format.h"
#include "trainer/failure.h"

namespace dw::trainer {
namespace {

constexpr std::chrono::milliseconds kLookAgain{20};  ///< whether a save is done

/// True until it goes, however that happens.
class OnScope {
 public:
  explicit OnScope(bool& flag) : flag_(flag) { flag_ = true; }
  ~OnScope() { flag_ = false; }
  OnScope(const OnScope&) = delete;
  OnScope& operator=(const OnScope&) = delete;

 private:
  bool& flag_;
};

}  // namespace

RunLoop::RunLoop(PreparedRun prepared, const run_folder::RunFolder& folder, LoopChannels channels)
    : channels_(std::move(channels)),
      folder_(folder),
      wishes_(prepared.wishes),
      run_(prepared),
      exporter_(folder.metricsBin(), folder.metricsHdf5()),
      samples_(run_.recipe().sample, run_.recipe().train.seed, folder.samples(), folder.checkpoints(),
               channels_.reporter),
      saver_(run_.recipe().checkpoint, folder.checkpoints(), std::move(prepared.description), channels_.reporter,
             [this](const SaveOutcome& saved) {
               exporter_.request();
               if (!stopAsked() || run_.isOver()) samples_.checkpointSaved(saved, run_.task().checkpointOpener());
             }) {
  if (prepared.saved) saver_.schedule().standsAt(*prepared.saved);
  if (prepared.saveAtOnce) saver_.schedule().makeDue();
  samples_.restartAt(run_.step());
}

void RunLoop::run() {
  if (!stopAsked()) {
    channels_.reporter.enter(messages::State::Running);
    train();
  }
  channels_.reporter.enter(messages::State::Stopping);
  finish();
}

void RunLoop::train() {
  for (run_.restartClock();;) {
    run_.applyScripted(channels_.reporter);
    takeCommands(Patience::None);
    if (wishes_.pause && !stopAsked()) pause();
    if (stopAsked() || run_.isOver()) return;
    update();
  }
}

void RunLoop::pause() {
  exporter_.request();
  channels_.reporter.enter(messages::State::Paused);
  while (wishes_.pause && !stopAsked()) {
    save();
    takeCommands(Patience::UntilOneComes);
  }
  if (!stopAsked()) channels_.reporter.enter(messages::State::Running);
  run_.restartClock();
}

/// One update with what follows from it. False: it could not be made, the run is to pause and the user knows why.
bool RunLoop::update() {
  try {
    channels_.reporter.step(run_.update());
  } catch (const std::exception&) {
    if (!handleStepFailure(std::current_exception())) throw;
    return false;
  }
  followUp();
  return true;
}

void RunLoop::followUp() {
  const auto step = run_.step();
  const auto total = run_.live().totalSteps;
  saver_.schedule().stepDone(step, CheckpointSchedule::Clock::now());
  const auto every = run_.recipe().validation.every;
  try {
    if (every > 0 && (step % every == 0 || step == total)) validate();
  } catch (const std::exception&) {
    if (!handleLackOfMemory(std::current_exception(), "the validation loss was not measured")) throw;
  }
  const bool cutShort = stopAsked() && !run_.isOver();
  samples_.stepDone(step, cutShort ? 0 : run_.live().sampleEvery, run_.isAtTotal(),
                    [this] { return run_.task().copyWeights(true); });
  save();
}

void RunLoop::validate() {
  const OnScope measuring(measuring_);
  const auto point = run_.validate([this] {
    takeCommands(Patience::None);
    return !stopAsked();
  });
  if (point) channels_.reporter.validated(*point);
}

void RunLoop::save() {
  const auto point = run_.point();
  try {
    saver_.saveIfWanted(point, [this](bool planned) { return takeContent(planned); });
  } catch (const std::exception&) {
    const auto what = "the checkpoint of step " + std::to_string(point.step) + " was not made";
    if (!handleLackOfMemory(std::current_exception(), what)) throw;
    saver_.giveUpBeginning(point, what);
  }
}

CheckpointSaver::Content RunLoop::takeContent(bool planned) {
  if (planned) validate();
  return run_.content();
}

void RunLoop::finish() {
  saver_.saveAndWait(run_.point(), [this](bool planned) { return takeContent(planned); });
  if (run_.isOver())
    samples_.finish(
        run_.step(), run_.isAtTotal(), [this] { return run_.task().copyWeights(true); }, channels_.stop);
  else
    samples_.abandon();  // whoever stopped the run wants it to end: no picture is worth the wait
  exporter_.request();
  if (const auto failure = exporter_.finish(); !failure.empty()) {
    channels_.reporter.report(messages::Warning{"metrics.h5 could not be written: " + failure,
                                                "the metrics stand in metrics.bin all the same"});
  }
}

void RunLoop::rescue() noexcept {
  auto& reporter = channels_.reporter;
  try {
    if (run_.step() > 0 && run_.weightsGood())
      saver_.saveAndWait(run_.point(), [this](bool planned) { return takeContent(planned); });
    else
      saver_.finish();
    exporter_.request();
  } catch (const std::exception& e) {
    try {
      reporter.report(messages::Warning{std::string("the last weights could not be saved: ") + e.what(),
                                        "resume from the newest checkpoint in the list"});
    } catch (const std::exception&) {  // no memory even for a sentence: the failure itself is still reported
      return;
    }
  }
  try {
    saver_.refuseAll(run_.step(), "the run failed before these weights were saved",
                     "go on from the newest checkpoint in the list");
  } catch (const std::exception&) {  // as above
    return;
  }
}

void RunLoop::takeCommands(Patience patience) {
  auto& inbox = channels_.inbox;
  if (patience == Patience::UntilOneComes) {
    // A save under way ends meanwhile, and somebody waits to hear of it.
    const auto limit = saver_.busy() ? std::optional(kLookAgain) : std::nullopt;
    if (const auto request = inbox.waitForNext(channels_.stop, limit)) channels_.reporter.answer(obey(*request));
  }
  // A command right after a Pause waits for the pause: it may be one for a paused run.
  const auto pausesNow = [this] {
    return wishes_.pause && !measuring_ && channels_.reporter.state() == messages::State::Running;
  };
  for (int taken = 0; taken < CommandInbox::kAtOnce && !pausesNow(); ++taken) {
    const auto request = measuring_ ? inbox.nextWhileMeasuring() : inbox.next();
    if (!request) return;
    channels_.reporter.answer(obey(*request));
  }
}

/// Every command comes to an end here: each alternative returns what became of it.
Answer RunLoop::obey(const CommandRequest& request) {
  const auto& command = request.command;
  if (std::holds_alternative<messages::HalveRate>(command) || std::holds_alternative<messages::SkipBatch>(command))
    return mend(request);
  if (auto answer = obeyWithoutModel(request, run_.step(), wishes_, run_.control())) return *answer;
  if (std::holds_alternative<messages::SaveCheckpoint>(command)) return saver_.ask(request, run_.point());
  if (std::holds_alternative<messages::StepOnce>(command)) return stepOnce(request);
  if (const auto* back = std::get_if<messages::GoBack>(&command)) return goBack(request, back->step);
  auto weights = run_.task().copyWeights(std::get<messages::CopyWeights>(command).averaged);
  if (!weights) return refused(request, run_.step(), "this run has no model to show", "");
  channels_.weights.put(std::move(weights));
  return std::nullopt;  // they are the answer
}

Answer RunLoop::mend(const CommandRequest& request) {
  if (!isPaused())
    return refused(request, run_.step(), "nothing stands in the way of training, so there is nothing to mend",
                   "use it when the run has paused");
  const auto answer = run_.control().apply(request.command, run_.step(), request.by);
  if (std::holds_alternative<messages::CommandApplied>(answer)) wishes_.pause = false;
  return answer;
}

Answer RunLoop::stepOnce(const CommandRequest& request) {
  if (!isPaused()) return refused(request, run_.step(), "single steps are made while the run is paused", "pause first");
  run_.applyScripted(channels_.reporter);
  if (run_.isOver()) {
    return refused(request, run_.step(),
                   (run_.live().totalSteps == 1 ? "the only step is"
                                                : "all of the " + countText(run_.live().totalSteps, "step") + " are") +
                       " done",
                   "raise the total of steps first");
  }
  const auto before = run_.step();
  run_.restartClock();
  if (update()) return applied(request, before);
  return refused(request, before, "the update could not be made",
                 "see what stands beside the run, and choose a remedy");
}

Answer RunLoop::goBack(const CommandRequest& request, std::int64_t wanted) {
  const auto before = run_.step();
  if (!isPaused()) return refused(request, before, "a run goes back while it is paused", "pause first");
  saver_.finish();
  const auto target = store().newestGood(wanted < 0 ? before : wanted + 1);
  if (!target || (wanted >= 0 && target->step != wanted)) {
    return refused(request, before, "there is no whole checkpoint to go back to",
                   "begin a new run, or resume with another learning rate");
  }
  for (const auto& info : store().list()) {
    if (info.step <= target->step || !info.pinned) continue;
    return refused(
        request, before,
        "the checkpoint of step " + std::to_string(info.step) +
            " is kept, and it would not belong to this run any more",
        "let that checkpoint go, or branch a new run from the checkpoint of step " + std::to_string(target->step));
  }
  goTo(*target);
  return applied(request, before);
}

void RunLoop::goTo(const run_folder::CheckpointInfo& target) {
  const auto from = run_.point();
  auto event = run_.goTo(target, channels_.reporter);
  saver_.wentBack(from, run_.point());
  // A run that is resumed begins from its newest checkpoint: that must be this one.
  store().dropBeyond(run_.step());
  samples_.restartAt(run_.step());
  channels_.reporter.report(std::move(event));
}

/// Makes a Trouble of what an update threw; false: it is none, or there are no good weights to pause on.
bool RunLoop::handleStepFailure(const std::exception_ptr& thrown) {
  const auto failure = describeFailure(thrown, run_.step());
  const bool notFinite = failure.kind == ErrorKind::NotFinite;
  if (channels_.onTrouble == OnTrouble::Fail || (!notFinite && failure.kind != ErrorKind::OutOfMemory)) return false;
  auto fault = run_.task().fault();
  auto trouble = troubleOf(failure, std::move(fault), run_.step());
  if (!run_.weightsGood()) {
    saver_.finish();
    const auto target = store().newestGood(run_.step() + 1);
    if (!target) return false;
    goTo(*target);
    trouble.sentence += "; the update broke off half-way, so the run went back to the checkpoint of step " +
                        std::to_string(run_.step());
  }
  const auto earlier = store().newestGood(run_.step());
  trouble.goBackTo = earlier ? earlier->step : -1;
  trouble.step = run_.step();
  wishes_.pause = true;
  channels_.reporter.report(std::move(trouble));
  return true;
}

/// The same for what is done between two updates. what: a sentence of what was not done.
bool RunLoop::handleLackOfMemory(const std::exception_ptr& thrown, const std::string& what) {
  const auto failure = describeFailure(thrown, run_.step());
  if (channels_.onTrouble == OnTrouble::Fail || failure.kind != ErrorKind::OutOfMemory) return false;
  const auto earlier = store().newestGood(run_.step());
  wishes_.pause = true;
  channels_.reporter.report(messages::Trouble{.kind = failure.kind,
                                              .sentence = what + ": " + failure.sentence,
                                              .remedy = failure.remedy,
                                              .step = run_.step(),
                                              .goBackTo = earlier ? earlier->step : -1});
  return true;
}

}  // namespace dw::trainer
