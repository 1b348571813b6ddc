// SPDX-License-Identifier: GPL-3.0-or-later
#include "run_library/output_file.h"

#include <chrono>

#include "base/atomic_file.h"

namespace dw::run_library {

namespace fs = std::filesystem;

fs::path temporaryBeside(const fs::path& path) {
  const auto now = std::chrono::system_clock::now().time_since_epoch().count();
  auto name = path;
  name += ".tmp-" + std::to_string(now);
  return name;
}

OutputFile::OutputFile(const fs::path& path) : path_(path), temporary_(temporaryBeside(path)) {
  file_ = std::make_unique<AppendFile>(temporary_, 0);
}

OutputFile::~OutputFile() {
  if (!file_) return;
  file_.reset();
  std::error_code ignored;
  fs::remove(temporary_, ignored);
}

void OutputFile::write(const std::string& bytes) {
  waiting_ += bytes;
  if (waiting_.size() < kPiece) return;
  file_->append(waiting_);
  waiting_.clear();
}

void OutputFile::finish() {
  file_->append(waiting_);
  file_->sync();
  renameDurably(temporary_, path_);
  file_.reset();
}

}  // namespace dw::run_library
