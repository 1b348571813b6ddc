// SPDX-License-Identifier: GPL-3.0-or-later
#include "cli/train_trial.h"

#include <algorithm>
#include <chrono>
#include <cmath>
#include <cstdio>
#include <ctime>
#include <optional>
#include <sstream>
#include <vector>

#include "base/error.h"
#include "base/stop_signal.h"
#include "base/terminal.h"
#include "base/text_format.h"
#include "cli/command.h"
#include "cli/print_json.h"
#include "config/field_text.h"
#include "config/recipe_json.h"
#include "trainer/xudit/xudit_task.h"
#include "trials/dry_run.h"
#include "trials/what_if.h"

namespace dw::cli {
namespace {

nlohmann::json orNull(double value) { return std::isfinite(value) ? nlohmann::json(value) : nlohmann::json(nullptr); }

/// A line on the terminal; Ctrl-C gives up.
trials::TrialProgress progressLine(bool json) {
  const bool shown = !json && errorOutputIsTerminal();
  return [shown](const std::string& what, double done) {
    if (shown) std::fprintf(stderr, "\r\033[K%s %3.0f %%", what.c_str(), 100.0 * done);
    return stopSignalsSeen() == 0;
  };
}

void clearLine(bool json) {
  if (!json && errorOutputIsTerminal()) std::fprintf(stderr, "\r\033[K");
}

std::vector<double> numbersIn(const std::string& text) {
  std::vector<double> numbers;
  std::istringstream parts(text);
  for (std::string part; std::getline(parts, part, ',');) {
    double value = 0.0;
    if (!config::fromText(part, value))
      throw Error(ErrorKind::Usage, "'" + part + "' is no number",
                  "write numbers separated by commas, such as 0.0001,0.0003");
    numbers.push_back(value);
  }
  return numbers;
}

std::string clockIn(double seconds) {
  const auto then = std::chrono::system_clock::to_time_t(
      std::chrono::system_clock::now() + std::chrono::seconds(static_cast<std::int64_t>(std::min(seconds, 3e9))));
  std::tm parts{};
  localtime_r(&then, &parts);
  char text[64];
  std::strftime(text, sizeof text, "%F %H:%M", &parts);
  return text;
}

void printMemoryAdvice(const trials::DryRun& r) {
  std::printf("does not fit: that is more than 90 %% of the available memory\n");
  if (r.fittingBatch == 0) {
    std::printf(
        "not even a batch of one sample would: choose a smaller model, or --set model.gradient_checkpointing=true\n");
    return;
  }
  const auto accumulation = (r.batch + r.fittingBatch - 1) / r.fittingBatch;
  std::printf(
      "fits:         --set train.batch=%lld, and with --set train.accumulation=%lld about as many samples per update\n",
      static_cast<long long>(r.fittingBatch), static_cast<long long>(accumulation));
}

}  // namespace

int dryRunCommand(const trials::TrialRequest& request, bool json) {
  catchStopSignals();
  const auto r = trials::dryRun(trainer::xudit::makeXuditTask, request, progressLine(json));
  clearLine(json);
  if (json) {
    printLine({{"parameters", r.parameters},
               {"batch", r.batch},
               {"threads", r.threads},
               {"device", r.device},
               {"steps_left", r.stepsLeft},
               {"peak_bytes", r.peakBytes},
               {"available_bytes", r.availableBytes},
               {"fits", r.fits},
               {"fitting_batch", r.fittingBatch},
               {"step_s", r.meanS},
               {"fastest_s", r.fastestS},
               {"slowest_s", r.slowestS},
               {"shortest_s", r.shortestS()},
               {"longest_s", r.longestS()}});
    return kDone;
  }
  std::printf("parameters:   %lld\n", static_cast<long long>(r.parameters));
  std::printf("memory:       %s at the peak%s", gibibytesText(r.peakBytes).c_str(),
              r.fits ? "" : " (reckoned from one and two samples)");
  if (r.availableBytes > 0) std::printf(", %s available", gibibytesText(r.availableBytes).c_str());
  std::printf("\n");
  if (!r.fits) {
    printMemoryAdvice(r);
    return kDone;
  }
  std::printf("a step:       %.3g s (%.3g to %.3g of %d steps), %s with %s\n", r.meanS, r.fastestS, r.slowestS,
              trials::kDryRunSteps, r.device.c_str(), countText(r.threads, "thread").c_str());
  std::printf("%s:   %s to %s, done between %s and %s\n", countText(r.stepsLeft, "step").c_str(),
              roughDurationText(r.shortestS()).c_str(), roughDurationText(r.longestS()).c_str(),
              clockIn(r.shortestS()).c_str(), clockIn(r.longestS()).c_str());
  return kDone;
}

int whatIfCommand(const trials::TrialRequest& request, const std::string& rates, std::int64_t steps, bool json) {
  catchStopSignals();
  trials::TrialObserver observer{.progress = progressLine(json), .step = {}};
  const auto wanted = numbersIn(rates);
  if (json) {
    observer.step = [&](std::size_t branch, const messages::StepMetrics& s) {
      printLine({{"branch", branch},
                 {"rate", wanted[branch]},
                 {"step", s.step},
                 {"loss", s.loss},
                 {"lr", s.lr},
                 {"grad_norm", s.gradNorm}});
    };
  }
  const auto result = trials::whatIf(trainer::xudit::makeXuditTask, request, wanted, steps, observer);
  clearLine(json);
  const auto best = result.best();
  for (std::size_t i = 0; i < result.branches.size(); ++i) {
    const auto& b = result.branches[i];
    if (json) {
      printLine({{"event", "branch"},
                 {"branch", i},
                 {"rate", b.rate},
                 {"steps", b.steps.size()},
                 {"end_loss", orNull(b.endLoss)},
                 {"validation", b.validation ? orNull(*b.validation) : nlohmann::json(nullptr)},
                 {"failure", b.failure},
                 {"best", best == i}});
      continue;
    }
    std::printf("rate %-10s", config::toText(b.rate).c_str());
    if (!b.failure.empty())
      std::printf("failed after %s: %s\n", countText(b.steps.size(), "step").c_str(), b.failure.c_str());
    else
      std::printf("loss %.4f at the end%s%s%s\n", b.endLoss, b.validation ? ", validation " : "",
                  b.validation ? config::toText(*b.validation).substr(0, 6).c_str() : "",
                  best == i ? "   <- best" : "");
  }
  return result.cancelled ? kInterrupted : kDone;
}

int rangeTestCommand(const trials::TrialRequest& request, const std::string& range, std::int64_t steps, bool json) {
  catchStopSignals();
  const auto limits = numbersIn(range);
  if (limits.size() != 2)
    throw Error(ErrorKind::Usage, "--range-test needs the lowest and the highest rate",
                "for example --range-test 0.000001,0.1");
  trials::TrialObserver observer{.progress = progressLine(json), .step = {}};
  if (json) {
    observer.step = [](std::size_t, const messages::StepMetrics& s) {
      printLine({{"step", s.step}, {"lr", s.lr}, {"loss", s.loss}, {"grad_norm", s.gradNorm}});
    };
  }
  const auto result = trials::rangeTest(trainer::xudit::makeXuditTask, request, limits[0], limits[1], steps, observer);
  clearLine(json);
  if (json) {
    printLine({{"event", "range_test"},
               {"steps", result.steps.size()},
               {"blew_up", result.blewUp},
               {"suggested", result.suggested ? nlohmann::json(*result.suggested) : nlohmann::json(nullptr)}});
  } else {
    for (std::size_t i = 0; i < result.steps.size(); i += std::max<std::size_t>(result.steps.size() / 20, 1)) {
      std::printf("rate %.3g  loss %.4f\n", result.steps[i].lr, result.steps[i].loss);
    }
    if (result.blewUp && !result.steps.empty())
      std::printf("the loss blew up at a rate of %.3g\n", result.steps.back().lr);
    if (result.suggested)
      std::printf("the loss falls fastest at a rate of %.2g: --set optim.lr=%.2g\n", *result.suggested,
                  *result.suggested);
    else
      std::printf("the loss falls nowhere clearly enough to suggest a rate: try more steps or another range\n");
  }
  return result.cancelled ? kInterrupted : kDone;
}

}  // namespace dw::cli
