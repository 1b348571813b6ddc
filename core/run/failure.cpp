// SPDX-License-Identifier: GPL-3.0-or-later
#include "run/failure.h"

#include <filesystem>
#include <new>
#include <string>

#include "base/error.h"
#include "checkpoint/weight_file.h"

namespace dw::run {

Failed describeFailure(const std::exception_ptr& thrown, std::int64_t step) {
  try {
    std::rethrow_exception(thrown);
  } catch (const checkpoint::ExtraWeights& e) {
    Failed failure{e.kind(), e.what(), e.remedy(), step};
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
    const std::string text = e.what();
    if (text.find("alloc") != std::string::npos || text.find("out of memory") != std::string::npos) {  // c10::Error has no kind
      return {ErrorKind::OutOfMemory, "there is not enough memory for this model and batch (" + text.substr(0, text.find('\n')) + ")",
              "use a smaller batch, gradient checkpointing, or a smaller model", step};
    }
    return {ErrorKind::Internal, "the training code failed: " + text, "please report this with the run's log.jsonl", step};
  }
}

}  // namespace dw::run
