// SPDX-License-Identifier: GPL-3.0-or-later
#include <array>
#include <bit>
#include <cstdint>
#include <string>
#include <string_view>

#include "base/folder.h"
#include "run_folder/measurement_files.h"
#include "run_folder/metrics_file.h"
#include "run_folder/run_folder.h"
#include "run_folder/wall_clock.h"
#include "run_library/metrics_export.h"
#include "run_library/output_file.h"

namespace dw::run_library {
namespace {

namespace fs = std::filesystem;

// ---- Protocol buffers, wire format (protobuf.dev/programming-guides/encoding): a key is field << 3 | kind.
constexpr unsigned kVarint = 0, kFixed64 = 1, kBytes = 2, kFixed32 = 5;

void putVarint(std::string& out, std::uint64_t value) {
  for (; value >= 0x80; value >>= 7) out += static_cast<char>(static_cast<unsigned char>(value | 0x80));
  out += static_cast<char>(static_cast<unsigned char>(value));
}

template <typename Integer>
void putFixed(std::string& out, Integer value) {
  for (std::size_t i = 0; i < sizeof value; ++i) out += static_cast<char>(static_cast<unsigned char>(value >> (8 * i)));
}

void putKey(std::string& out, unsigned field, unsigned kind) { putVarint(out, field << 3 | kind); }

void putBytes(std::string& out, unsigned field, std::string_view bytes) {
  putKey(out, field, kBytes);
  putVarint(out, bytes.size());
  out += bytes;
}

// ---- TFRecord (tensorflow/core/lib/io/record_writer.h): length, its masked CRC-32C, bytes, their masked CRC-32C.
constexpr std::array<std::uint32_t, 256> makeCrcTable() {
  std::array<std::uint32_t, 256> table{};
  for (std::uint32_t i = 0; i < table.size(); ++i) {
    std::uint32_t crc = i;
    for (int bit = 0; bit < 8; ++bit) crc = (crc >> 1) ^ ((crc & 1) != 0 ? 0x82F63B78U : 0U);  // Castagnoli, reflected
    table[i] = crc;
  }
  return table;
}
constexpr auto kCrcTable = makeCrcTable();

std::uint32_t maskedCrc(std::string_view bytes) {
  std::uint32_t crc = ~0U;
  for (const char c : bytes) crc = kCrcTable[(crc ^ static_cast<unsigned char>(c)) & 0xFF] ^ (crc >> 8);
  return std::rotr(~crc, 15) + 0xA282EAD8U;
}

std::string record(std::string_view message) {
  std::string out;
  putFixed(out, static_cast<std::uint64_t>(message.size()));
  putFixed(out, maskedCrc(out));
  out += message;
  putFixed(out, maskedCrc(message));
  return out;
}

// ---- Event and Summary (tensorflow/core/util/event.proto, tensorflow/core/framework/summary.proto).
std::string eventHead(double wallTime, std::int64_t step) {
  std::string event;
  putKey(event, 1, kFixed64);
  putFixed(event, std::bit_cast<std::uint64_t>(wallTime));
  putKey(event, 2, kVarint);
  putVarint(event, static_cast<std::uint64_t>(step));
  return event;
}

void addScalar(std::string& summary, std::string_view tag, double value) {
  std::string item;
  putBytes(item, 1, tag);
  putKey(item, 2, kFixed32);
  putFixed(item, std::bit_cast<std::uint32_t>(static_cast<float>(value)));
  putBytes(summary, 1, item);
}

std::string stepEvent(const messages::StepMetrics& s, double wallTime) {
  std::string summary;
  addScalar(summary, "loss", s.loss);
  addScalar(summary, "lr", s.lr);
  addScalar(summary, "grad_norm", s.gradNorm);
  addScalar(summary, "step_ms", static_cast<double>(s.stepMs));
  auto event = eventHead(wallTime, s.step);
  putBytes(event, 5, summary);
  return event;
}

std::string validationEvent(const messages::ValidationPoint& point, double wallTime) {
  std::string summary;
  addScalar(summary, "validation_loss", point.loss);
  auto event = eventHead(wallTime, point.step);
  putBytes(event, 5, summary);
  return event;
}

/// The same name each time, so that a second export replaces the first: TensorBoard reads every file of a folder.
fs::path eventFile(const fs::path& run, const fs::path& target) {
  if (target.filename().string().find(".tfevents") != std::string::npos) return target;
  makeFolders(target);
  return target / ("events.out.tfevents." + std::to_string(run_folder::readDescription(run).created) + ".dwb");
}

}  // namespace

bool exportTensorBoard(const fs::path& run, const fs::path& target, const ShouldContinue& shouldContinue) {
  constexpr std::size_t kAskEvery = 4096;
  const auto steps = run_folder::readMetrics(run / "metrics.bin");
  const auto validation = run_folder::readValidation(run);
  auto point = validation.begin();
  run_folder::WallClock clock(run);
  OutputFile out(eventFile(run, target));
  for (std::size_t i = 0; i < steps.size(); ++i) {
    const auto time = clock.of(steps[i]);
    if (i == 0) {
      auto version = eventHead(time, 0);
      putBytes(version, 3, "brain.Event:2");
      out.write(record(version));
    }
    if (shouldContinue && i % kAskEvery == 0 &&
        !shouldContinue(static_cast<double>(i) / static_cast<double>(steps.size())))
      return false;
    out.write(record(stepEvent(steps[i], time)));
    for (; point != validation.end() && point->step <= steps[i].step; ++point)
      out.write(record(validationEvent(*point, time)));
  }
  out.finish();
  return true;
}

}  // namespace dw::run_library
