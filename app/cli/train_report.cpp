// SPDX-License-Identifier: GPL-3.0-or-later
#include "cli/train_report.h"

#include <algorithm>
#include <chrono>
#include <cmath>
#include <cstdio>
#include <string>

#include "base/text_format.h"
#include "cli/print_json.h"
#include "messages/event_json.h"

namespace dw::cli {
namespace {

using Clock = std::chrono::steady_clock;

void printWarning(const messages::Warning& warning) {
  std::fprintf(stderr, "\nwarning: %s\n", warning.sentence.c_str());
  if (!warning.remedy.empty()) std::fprintf(stderr, "         %s\n", warning.remedy.c_str());
}

class TextReport : public TrainReport {
 public:
  explicit TextReport(bool terminal) : terminal_(terminal), printEvery_(terminal ? 0.1 : 5.0) {}

  void event(const messages::Event& event) override {
    if (const auto* opened = std::get_if<messages::RunOpened>(&event)) {
      opened_ = *opened;
      step_ = firstStep_ = opened->firstStep;
      clearLine();
      std::fprintf(stderr, "run folder %s\n%s, %s with %s, steps %lld to %lld\n", opened->folder.c_str(),
                   countText(opened->parameters, "parameter").c_str(), opened->device.c_str(),
                   countText(opened->threads, "thread").c_str(), static_cast<long long>(opened->firstStep + 1),
                   static_cast<long long>(opened->totalSteps));
    } else if (const auto* progress = std::get_if<messages::Progress>(&event)) {
      if (terminal_)
        std::fprintf(stderr, "\r\033[K%s %3.0f %%", progress->activity.c_str(), progress->fraction * 100.0);
      else if (progress->activity != activity_)
        std::fprintf(stderr, "%s\n", progress->activity.c_str());
      activity_ = progress->activity;
    } else if (const auto* state = std::get_if<messages::StateChanged>(&event)) {
      if (state->to == messages::State::Stopping && stopAsked_) {
        clearLine();
        std::fprintf(stderr, "stopping, saving\n");
      }
    } else if (const auto* applied = std::get_if<messages::CommandApplied>(&event)) {
      stopAsked_ = stopAsked_ || std::holds_alternative<messages::Stop>(applied->command);
    } else if (const auto* saved = std::get_if<messages::CheckpointSaved>(&event)) {
      clearLine();
      std::fprintf(stderr, "checkpoint of step %lld saved in %s\n", static_cast<long long>(saved->step),
                   secondsText(saved->seconds).c_str());
    } else if (const auto* validated = std::get_if<messages::Validated>(&event)) {
      validation_ = validated->point.loss;
    } else if (const auto* warning = std::get_if<messages::Warning>(&event)) {
      printWarning(*warning);
    } else if (const auto* failed = std::get_if<messages::Failed>(&event)) {
      failure_ = *failed;
    }
  }

  void steps(std::span<const messages::StepMetrics> steps) override {
    for (const auto& step : steps) {
      // Bias-corrected running mean, about the last 50 steps: single losses jump with the timesteps that were drawn.
      constexpr double kKeep = 0.98;
      weight_ = kKeep * weight_ + (1.0 - kKeep);
      mean_ = kKeep * mean_ + (1.0 - kKeep) * step.loss;
      rateMs_ = rateMs_ == 0.0 ? step.stepMs : kKeep * rateMs_ + (1.0 - kKeep) * step.stepMs;
      step_ = step.step;
    }
  }

  void tick() override {
    if (step_ == firstStep_ || std::chrono::duration<double>(Clock::now() - printed_).count() < printEvery_) return;
    print();
  }

  void end() override {
    if (step_ > firstStep_) print();
    if (terminal_) std::fprintf(stderr, "\n");
    if (!opened_.folder.empty()) std::fprintf(stderr, "run folder: %s\n", opened_.folder.c_str());
  }

 private:
  void clearLine() const {
    if (terminal_) std::fprintf(stderr, "\r\033[K");
  }

  void print() {
    printed_ = Clock::now();
    const double fraction =
        static_cast<double>(step_) / static_cast<double>(std::max<std::int64_t>(opened_.totalSteps, 1));
    const double left = static_cast<double>(opened_.totalSteps - step_) * rateMs_ / 1000.0;
    std::string bar;
    if (terminal_) {
      constexpr int kWidth = 30;
      const auto full = static_cast<std::size_t>(std::clamp(fraction, 0.0, 1.0) * kWidth);
      bar = "\r\033[K[" + std::string(full, '#') + std::string(kWidth - full, '-') + "] ";
    }
    char validation[40] = "";
    if (validation_) std::snprintf(validation, sizeof validation, "  validation %.4f", *validation_);
    std::fprintf(stderr, "%sstep %lld of %lld (%.0f %%)  loss %.4f%s  %.1f steps/s  %s left%s", bar.c_str(),
                 static_cast<long long>(step_), static_cast<long long>(opened_.totalSteps), fraction * 100.0,
                 mean_ / weight_, validation, 1000.0 / rateMs_, durationText(left).c_str(), terminal_ ? "" : "\n");
    std::fflush(stderr);
  }

  const bool terminal_;
  const double printEvery_;
  messages::RunOpened opened_;
  std::string activity_;
  bool stopAsked_ = false;
  std::int64_t step_ = 0, firstStep_ = 0;
  double mean_ = 0.0, weight_ = 0.0, rateMs_ = 0.0;
  std::optional<double> validation_;
  Clock::time_point printed_;
};

class JsonReport : public TrainReport {
 public:
  void event(const messages::Event& event) override {
    if (const auto* failed = std::get_if<messages::Failed>(&event)) failure_ = *failed;
    printLine(messages::toJson(event));
  }
  void steps(std::span<const messages::StepMetrics> steps) override {
    for (const auto& s : steps) {
      nlohmann::json line{{"step", s.step},
                          {"loss", s.loss},
                          {"lr", s.lr},
                          {"grad_norm", s.gradNorm},
                          {"step_ms", s.stepMs},
                          {"data_ms", s.dataMs},
                          {"forward_ms", s.forwardMs},
                          {"backward_ms", s.backwardMs},
                          {"optimizer_ms", s.optimizerMs},
                          {"rest_ms", s.restMs}};
      if (s.updateRatio > 0.0) line["update_ratio"] = s.updateRatio;
      printLine(line);
    }
  }
  void end() override { std::fflush(stdout); }
};

class QuietReport : public TrainReport {
 public:
  void event(const messages::Event& event) override {
    if (const auto* opened = std::get_if<messages::RunOpened>(&event)) folder_ = opened->folder;
    if (const auto* warning = std::get_if<messages::Warning>(&event)) printWarning(*warning);
    if (const auto* failed = std::get_if<messages::Failed>(&event)) failure_ = *failed;
  }
  void steps(std::span<const messages::StepMetrics>) override {}
  void end() override {
    if (!folder_.empty()) std::fprintf(stderr, "run folder: %s\n", folder_.c_str());
  }

 private:
  std::filesystem::path folder_;
};

}  // namespace

std::unique_ptr<TrainReport> makeTextReport(bool terminal) { return std::make_unique<TextReport>(terminal); }
std::unique_ptr<TrainReport> makeJsonReport() { return std::make_unique<JsonReport>(); }
std::unique_ptr<TrainReport> makeQuietReport() { return std::make_unique<QuietReport>(); }

}  // namespace dw::cli
