// SPDX-License-Identifier: GPL-3.0-or-later
#include "formats/pickle_reader.h"

#include <algorithm>
#include <bit>
#include <cstdio>

#include "base/error.h"
#include "formats/pickle_machine.h"

namespace dw::formats {
namespace {

constexpr std::size_t kMostNodes = 2'000'000;
constexpr std::size_t kDeepestStack = 1'000'000;
constexpr std::uint64_t kLongestLine = 256;

PickleNode plain(PickleNode::Kind kind) {
  PickleNode node;
  node.kind = kind;
  return node;
}

PickleNode integer(std::int64_t value, PickleNode::Kind kind = PickleNode::Kind::Integer) {
  auto node = plain(kind);
  node.integer = value;
  return node;
}

}  // namespace

std::optional<std::uint32_t> Pickle::find(const PickleNode& dict, const std::string& key) const {
  for (std::size_t i = 0; i + 1 < dict.items.size(); i += 2) {
    const auto& name = nodes[dict.items[i]];
    if (name.kind == PickleNode::Kind::Text && name.text == key) return dict.items[i + 1];
  }
  return std::nullopt;
}

Pickle readPickle(std::span<const std::byte> bytes, const std::filesystem::path& path, std::uint64_t position) {
  return PickleMachine(bytes, path, position).run();
}

void PickleMachine::fail(const std::string& sentence, const std::string& remedy) const {
  throw Error(ErrorKind::BadData, path_, sentence,
              remedy.empty() ? "save the tensors again, in a dict, by torch.save" : remedy, position_ + at_);
}

std::span<const std::byte> PickleMachine::take(std::uint64_t count) {
  if (count > bytes_.size() - at_)
    fail("the pickle ends in the middle of an object", "the file may be cut off: fetch it again");
  const auto piece = bytes_.subspan(at_, count);
  at_ += count;
  return piece;
}

std::uint64_t PickleMachine::takeUnsigned(int count) {
  std::uint64_t value = 0;
  const auto piece = take(static_cast<std::uint64_t>(count));
  for (int i = 0; i < count; ++i)
    value |= std::to_integer<std::uint64_t>(piece[static_cast<std::size_t>(i)]) << (8 * i);
  return value;
}

std::string PickleMachine::takeText(std::uint64_t count) {
  const auto piece = take(count);
  return {reinterpret_cast<const char*>(piece.data()), piece.size()};
}

std::string PickleMachine::takeLine() {
  const auto rest = bytes_.subspan(at_, std::min<std::size_t>(bytes_.size() - at_, kLongestLine));
  const auto end = std::find(rest.begin(), rest.end(), std::byte{'\n'});
  if (end == rest.end()) fail("a name in the pickle never ends");
  auto line = takeText(static_cast<std::uint64_t>(end - rest.begin()));
  take(1);
  return line;
}

std::uint32_t PickleMachine::add(PickleNode node) {
  if (pickle_.nodes.size() >= kMostNodes) fail("the pickle holds more than two million objects");
  pickle_.nodes.push_back(std::move(node));
  return static_cast<std::uint32_t>(pickle_.nodes.size() - 1);
}

std::uint32_t PickleMachine::pop() {
  if (stack_.empty() || stack_.back() == kMark) fail("an object is missing in the pickle");
  const auto index = stack_.back();
  stack_.pop_back();
  return index;
}

std::vector<std::uint32_t> PickleMachine::popToMark() {
  const auto mark = std::find(stack_.rbegin(), stack_.rend(), kMark);
  if (mark == stack_.rend()) fail("the pickle closes a container that it never opened");
  std::vector<std::uint32_t> items(mark.base(), stack_.end());
  stack_.resize(stack_.size() - items.size() - 1);
  return items;
}

PickleNode& PickleMachine::top(Kind kind, const char* what) {
  if (stack_.empty() || stack_.back() == kMark || pickle_.nodes[stack_.back()].kind != kind) fail(what);
  return pickle_.nodes[stack_.back()];
}

void PickleMachine::pushTuple(std::size_t count) {
  auto node = plain(Kind::Tuple);
  for (std::size_t i = 0; i < count; ++i) node.items.insert(node.items.begin(), pop());
  push(std::move(node));
}

void PickleMachine::pushLong(std::uint64_t count) {
  // Longer ones occur only as the magic number of old files: their low 64 bits tell it well enough.
  std::uint64_t value = 0;
  const auto piece = take(count);
  for (std::size_t i = 0; i < std::min<std::size_t>(count, 8); ++i)
    value |= std::to_integer<std::uint64_t>(piece[i]) << (8 * i);
  if (count > 0 && count < 8 && (piece.back() & std::byte{0x80}) != std::byte{0})
    value |= ~std::uint64_t{0} << (8 * count);
  push(integer(static_cast<std::int64_t>(value)));
}

void PickleMachine::remember(std::uint64_t key) {
  if (stack_.empty() || stack_.back() == kMark) fail("nothing is there to be remembered");
  memo_[key] = stack_.back();
}

void PickleMachine::recall(std::uint64_t key) {
  const auto found = memo_.find(key);
  if (found == memo_.end()) fail("the pickle refers to an object that it does not hold");
  stack_.push_back(found->second);
}

bool PickleMachine::stepValue(unsigned char op) {
  switch (op) {
    case 'N': push(plain(Kind::None)); return true;
    case 0x88: push(integer(1, Kind::Flag)); return true;
    case 0x89: push(integer(0, Kind::Flag)); return true;
    case 'J': push(integer(static_cast<std::int32_t>(takeUnsigned(4)))); return true;
    case 'K': push(integer(static_cast<std::int64_t>(takeUnsigned(1)))); return true;
    case 'M': push(integer(static_cast<std::int64_t>(takeUnsigned(2)))); return true;
    case 0x8A: pushLong(takeUnsigned(1)); return true;
    case 'G': {
      std::uint64_t bits = 0;  // big-endian, unlike everything else
      for (const auto byte : take(8)) bits = (bits << 8) | std::to_integer<std::uint64_t>(byte);
      auto node = plain(Kind::Number);
      node.number = std::bit_cast<double>(bits);
      push(std::move(node));
      return true;
    }
    case 'X':
    case 'T':
    case 'U':
    case 0x8C:
    case 0x8D: {
      auto node = plain(Kind::Text);
      node.text = takeText(takeUnsigned(op == 'X' || op == 'T' ? 4 : op == 0x8D ? 8 : 1));
      push(std::move(node));
      return true;
    }
    default: return false;
  }
}

bool PickleMachine::stepContainer(unsigned char op) {
  switch (op) {
    case '(': stack_.push_back(kMark); return true;
    case ')': push(plain(Kind::Tuple)); return true;
    case ']': push(plain(Kind::List)); return true;
    case '}': push(plain(Kind::Dict)); return true;
    case 0x85:
    case 0x86:
    case 0x87: pushTuple(op - 0x84U); return true;
    case 't': {
      auto node = plain(Kind::Tuple);
      node.items = popToMark();
      push(std::move(node));
      return true;
    }
    case 'a':
    case 'e': {
      const auto items = op == 'a' ? std::vector{pop()} : popToMark();
      auto& list = top(Kind::List, "something is appended to what is no list").items;
      list.insert(list.end(), items.begin(), items.end());
      return true;
    }
    case 's':
    case 'u': {
      auto items = op == 'u' ? popToMark() : std::vector<std::uint32_t>{};
      if (op == 's') items = {pop(), pop()}, std::swap(items[0], items[1]);
      if (items.size() % 2 != 0) fail("a dict has a key without a value");
      auto& dict = top(Kind::Dict, "an entry is added to what is no dict").items;
      dict.insert(dict.end(), items.begin(), items.end());
      return true;
    }
    default: return false;
  }
}

bool PickleMachine::stepMemo(unsigned char op) {
  switch (op) {
    case 'q': remember(takeUnsigned(1)); return true;
    case 'r': remember(takeUnsigned(4)); return true;
    case 0x94: remember(memo_.size()); return true;
    case 'h': recall(takeUnsigned(1)); return true;
    case 'j': recall(takeUnsigned(4)); return true;
    case 0x80:
      if (takeUnsigned(1) > 5) fail("this pickle is of a newer version than 5");
      return true;
    case 0x95: take(8); return true;  // FRAME: a hint for buffering
    default: return false;
  }
}

void PickleMachine::step(unsigned char op) {
  if (stepValue(op) || stepContainer(op) || stepMemo(op) || stepObject(op)) {
    if (stack_.size() > kDeepestStack) fail("the pickle is nested too deeply");
    return;
  }
  char text[8];
  std::snprintf(text, sizeof text, "0x%02X", op);
  fail(std::string("the pickle holds the instruction ") + text +
       ", which torch.save does not write for tensors; nothing was run");
}

Pickle PickleMachine::run() {
  while (true) {
    const auto op = static_cast<unsigned char>(takeUnsigned(1));
    if (op == '.') break;
    step(op);
  }
  pickle_.root = pop();
  if (!stack_.empty()) fail("the pickle leaves objects over");
  pickle_.bytes = at_;
  return std::move(pickle_);
}

}  // namespace dw::formats
