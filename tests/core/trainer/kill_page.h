// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <fcntl.h>
#include <sys/mman.h>
#include <unistd.h>

#include <array>
#include <atomic>
#include <cstdint>
#include <filesystem>

namespace dw::test {

/// In what a process is killed.
enum class Phase : std::int32_t { Nothing, Write, Sync, Rename, Prune, Records, RecordsSync, Other };
/// Who was in it: the thread of the checkpoints, the training thread, the thread that syncs, whoever else.
enum Place : std::size_t { kCheckpoint, kRecords, kRecordsSync, kElsewhere, kPlaces };
/// What the child does upon the announcement that its parent waits for.
enum class Hold : std::int32_t { GoOn, Before, After };

/// The memory that the child and the parent that kills it share; it outlives the child.
struct KillPage {
  // Written by the parent beforehand.
  Phase wanted = Phase::Nothing;
  std::int64_t nth = 0;  ///< announcement of that phase, the first is 1
  Hold hold = Hold::GoOn;
  // Written by the child.
  std::atomic<std::int32_t> announced{0};
  std::array<std::atomic<Phase>, kPlaces> now{};  ///< the call each is in
  std::atomic<std::int64_t> placed{-1};           ///< step of the newest checkpoint that got its name
  std::atomic<std::int64_t> pruned{0};            ///< checkpoints taken away
  std::atomic<std::int64_t> stepped{-1};          ///< steps done; -1: not prepared yet
  std::atomic<std::int64_t> recorded{-1};         ///< the step whose record was written
  std::array<char, 512> failure{};
};
static_assert(std::atomic<Phase>::is_always_lock_free && std::atomic<std::int64_t>::is_always_lock_free);

/// The page in a file. Both sides map it; nullptr if that fails.
inline KillPage* mapKillPage(const std::filesystem::path& path, bool create) {
  const int fd = ::open(path.c_str(), O_RDWR | (create ? O_CREAT | O_TRUNC : 0), 0600);
  if (fd < 0) return nullptr;
  if (create && ::ftruncate(fd, sizeof(KillPage)) != 0) return nullptr;
  void* memory = ::mmap(nullptr, sizeof(KillPage), PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
  ::close(fd);
  if (memory == MAP_FAILED) return nullptr;
  return create ? new (memory) KillPage : static_cast<KillPage*>(memory);
}

inline void unmapKillPage(KillPage* page) { ::munmap(page, sizeof(KillPage)); }

}  // namespace dw::test
