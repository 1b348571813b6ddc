// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <string>
#include <unordered_map>
#include <vector>

#include "formats/pickle_reader.h"

namespace dw::formats {

/// The stack machine of the pickle format (Python's pickletools describes the opcodes), cut down to building data.
/// Private to pickle_reader.cpp and pickle_machine.cpp.
class PickleMachine {
 public:
  PickleMachine(std::span<const std::byte> bytes, const std::filesystem::path& path, std::uint64_t position)
      : bytes_(bytes), path_(path), position_(position) {}

  Pickle run();

 private:
  using Kind = PickleNode::Kind;
  static constexpr std::uint32_t kMark = 0xFFFFFFFFU;

  void step(unsigned char op);
  bool stepValue(unsigned char op);
  bool stepContainer(unsigned char op);
  bool stepMemo(unsigned char op);
  bool stepObject(unsigned char op);

  [[noreturn]] void fail(const std::string& sentence, const std::string& remedy = {}) const;
  std::span<const std::byte> take(std::uint64_t count);
  std::uint64_t takeUnsigned(int bytes);
  std::string takeText(std::uint64_t count);
  std::string takeLine();

  std::uint32_t add(PickleNode node);
  void push(PickleNode node) { stack_.push_back(add(std::move(node))); }
  std::uint32_t pop();
  std::vector<std::uint32_t> popToMark();
  PickleNode& top(Kind kind, const char* what);
  void pushTuple(std::size_t count);
  void pushLong(std::uint64_t count);
  void remember(std::uint64_t key);
  void recall(std::uint64_t key);

  void pushGlobal(const std::string& module, const std::string& name);
  void persistentStorage();
  void call();
  PickleNode rebuildTensor(const PickleNode& arguments);
  std::vector<std::int64_t> integers(std::uint32_t tuple);

  std::span<const std::byte> bytes_;
  const std::filesystem::path& path_;
  std::uint64_t position_;
  std::size_t at_ = 0;
  Pickle pickle_;
  std::vector<std::uint32_t> stack_;
  std::unordered_map<std::uint64_t, std::uint32_t> memo_;
};

}  // namespace dw::formats
