// SPDX-License-Identifier: GPL-3.0-or-later
#include "training/memory_meter.h"

#include <c10/core/Allocator.h>
#include <c10/util/ThreadLocalDebugInfo.h>

#include <algorithm>
#include <atomic>

namespace dw::training {
namespace {

/// Called by LibTorch's allocators; a backward pass calls it from its own threads.
class Listener : public c10::MemoryReportingInfoBase {
 public:
  explicit Listener(at::DeviceType type) : type_(type) {}

  void reportMemoryUsage(void*, std::int64_t bytes, std::size_t, std::size_t, c10::Device device) override {
    if (device.type() != type_) return;
    const auto now = current.fetch_add(bytes, std::memory_order_relaxed) + bytes;
    auto most = peak.load(std::memory_order_relaxed);
    while (now > most && !peak.compare_exchange_weak(most, now, std::memory_order_relaxed)) {
    }
  }
  bool memoryProfilingEnabled() const override { return true; }

  std::atomic<std::int64_t> current{0}, peak{0};

 private:
  at::DeviceType type_;
};

}  // namespace

struct MemoryMeter::Parts {
  explicit Parts(at::DeviceType type) : listener(std::make_shared<Listener>(type)) {}

  std::shared_ptr<Listener> listener;
  c10::DebugInfoGuard guard{c10::DebugInfoKind::PROFILER_STATE, listener};
};

MemoryMeter::MemoryMeter(at::DeviceType device) : parts_(std::make_unique<Parts>(device)) {}
MemoryMeter::~MemoryMeter() = default;

std::uint64_t MemoryMeter::current() const noexcept {
  return static_cast<std::uint64_t>(
      std::max<std::int64_t>(parts_->listener->current.load(std::memory_order_relaxed), 0));
}

std::uint64_t MemoryMeter::peak() const noexcept {
  return static_cast<std::uint64_t>(parts_->listener->peak.load(std::memory_order_relaxed));
}

}  // namespace dw::training
