// SPDX-License-Identifier: GPL-3.0-or-later
#include "trainer/failure.h"

#include <algorithm>
#include <filesystem>
#include <new>
#include <string>

#include "base/error.h"
#include "trainer/training_input.h"
#include "weights/weight_file.h"

namespace dw::trainer {
namespace {

/// What LibTorch's allocators and the CUDA libraries say when memory runs out; c10::Error has no kind.
bool tellsOfMemory(const std::string& message) {
  for (const char* words : {"out of memory", "can't allocate memory", "not enough memory", "ALLOC_FAILED"}) {
    if (message.find(words) != std::string::npos) return true;
  }
  return false;
}

/// The first line of a message. LibTorch appends the calls that led there, whose names hold "allocator" and the like.
std::string firstLine(const std::string& text) { return text.substr(0, text.find('\n')); }

/// What was asked for and what there is. LibTorch goes on with its own book-keeping and with advice on its settings.
std::string memoryFigures(const std::string& line) {
  return line.substr(0,
                     std::min(line.find(" Including non-PyTorch memory"), line.find(" If reserved but unallocated")));
}

}  // namespace

messages::Failed describeFailure(const std::exception_ptr& thrown, std::int64_t step) {
  try {
    std::rethrow_exception(thrown);
  } catch (const DatasetError& e) {
    messages::Failed failure{e.kind(), e.what(), e.remedy(), step};
    failure.inData = true;
    return failure;
  } catch (const weights::ExtraWeights& e) {
    messages::Failed failure{e.kind(), e.what(), e.remedy(), step};
    failure.extrasOnly = true;
    return failure;
  } catch (const Error& e) {
    return {e.kind(), e.what(), e.remedy(), step};
  } catch (const std::bad_alloc&) {
    return {ErrorKind::OutOfMemory, "there is not enough memory for this model and batch",
            "use a smaller batch, gradient checkpointing, or a smaller model", step};
  } catch (const std::filesystem::filesystem_error& e) {
    const bool full = e.code() == std::errc::no_space_on_device;
    return {full ? ErrorKind::DiskFull : ErrorKind::Io, e.path1().string() + ": " + e.code().message(),
            full ? "free some space on that disk" : "check that you may read and write there", step};
  } catch (const std::exception& e) {
    const auto message = firstLine(e.what());
    if (tellsOfMemory(message)) {
      return {ErrorKind::OutOfMemory,
              "there is not enough memory for this model and batch (" + memoryFigures(message) + ")",
              "use a smaller batch, gradient checkpointing, or a smaller model", step};
    }
    return {ErrorKind::Internal, "the training code failed: " + message, "please report this with the run's log.jsonl",
            step};
  }
}

messages::Trouble troubleOf(const messages::Failed& failure, StepFault fault, std::int64_t step) {
  const bool notFinite = failure.kind == ErrorKind::NotFinite;
  const auto sentence = fault.namesUpdate ? failure.sentence
                                          : "update " + std::to_string(step + 1) + " was not made: " + failure.sentence;
  return {.kind = failure.kind,
          .sentence = sentence,
          .remedy = failure.remedy,
          .step = step,
          .samples = std::move(fault.samples),
          .tensor = std::move(fault.tensor),
          .halveRate = notFinite,
          .skipBatch = notFinite};
}

}  // namespace dw::trainer
