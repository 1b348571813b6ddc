// SPDX-License-Identifier: GPL-3.0-or-later
#include "formats/pickle_machine.h"

#include <algorithm>
#include <array>
#include <utility>

namespace dw::formats {
namespace {

/// torch's storage classes and the numbers they hold: torch.HalfStorage -> float16.
constexpr std::array kStorages{
    std::pair{"HalfStorage", NumberType::Float16},
    std::pair{"BFloat16Storage", NumberType::BFloat16},
    std::pair{"FloatStorage", NumberType::Float32},
    std::pair{"DoubleStorage", NumberType::Float64},
    std::pair{"ByteStorage", NumberType::UInt8},
    std::pair{"CharStorage", NumberType::Int8},
    std::pair{"ShortStorage", NumberType::Int16},
    std::pair{"IntStorage", NumberType::Int32},
    std::pair{"LongStorage", NumberType::Int64},
    std::pair{"BoolStorage", NumberType::Bool},
    std::pair{"ComplexHalfStorage", NumberType::Complex32},
    std::pair{"ComplexFloatStorage", NumberType::Complex64},
    std::pair{"ComplexDoubleStorage", NumberType::Complex128},
};
constexpr const char* kOrderedDict = "collections.OrderedDict";
constexpr const char* kTensor = "torch._utils._rebuild_tensor_v2";
constexpr const char* kParameter = "torch._utils._rebuild_parameter";
constexpr std::size_t kLargestRank = 16;
constexpr std::size_t kLongestName = 256;

std::optional<NumberType> storageType(const std::string& global) {
  for (const auto& [name, type] : kStorages) {
    if (global == std::string("torch.") + name || global == std::string("torch.storage.") + name) return type;
  }
  return std::nullopt;
}

}  // namespace

void PickleMachine::pushGlobal(const std::string& module, const std::string& name) {
  const std::string global = module + "." + name;
  if (global != kOrderedDict && global != kTensor && global != kParameter && !storageType(global)) {
    // os.system and the like are pickled under the name of the module that really holds them.
    const bool system = module == "posix" || module == "nt";
    fail("this file asks Python to run '" + global + (system ? "' (os." + name + ")" : "'") +
             ", which plain tensors never need; nothing was run",
         "do not open it with Python either unless you trust it; save only tensors, in a dict, by torch.save");
  }
  PickleNode node;
  node.kind = Kind::Global;
  node.text = global;
  push(std::move(node));
}

/// torch refers to a storage by ('storage', class, key, device, count) and, in old files, a view (key, offset, count).
void PickleMachine::persistentStorage() {
  const auto& id = pickle_.nodes[pop()];
  const auto isText = [&](std::size_t i) { return pickle_[id.items[i]].kind == Kind::Text; };
  if (id.kind != Kind::Tuple || id.items.size() < 5 || !isText(0) || pickle_[id.items[0]].text != "storage" ||
      pickle_[id.items[1]].kind != Kind::Global || !isText(2) || pickle_[id.items[4]].kind != Kind::Integer) {
    fail("a reference to stored numbers is not one that torch.save writes");
  }
  // A long name that is referred to again and again would be copied again and again.
  if (pickle_[id.items[2]].text.size() > kLongestName)
    fail("the name of stored numbers is longer than any that torch.save writes");
  const auto type = storageType(pickle_[id.items[1]].text);
  if (!type) fail("'" + pickle_[id.items[1]].text + "' is no storage of numbers");
  PickleNode node;
  node.kind = Kind::Storage;
  node.type = *type;
  node.text = pickle_[id.items[2]].text;
  node.integer = pickle_[id.items[4]].integer;
  if (id.items.size() > 5 && pickle_[id.items[5]].kind == Kind::Tuple && pickle_[id.items[5]].items.size() == 3) {
    node.offset = pickle_[pickle_[id.items[5]].items[1]].integer;
  }
  if (node.integer < 0 || node.offset < 0) fail("a storage has a negative size");
  push(std::move(node));
}

std::vector<std::int64_t> PickleMachine::integers(std::uint32_t tuple) {
  const auto& node = pickle_[tuple];
  if (node.kind != Kind::Tuple || node.items.size() > kLargestRank)
    fail("a tensor's shape is not a short row of numbers");
  std::vector<std::int64_t> values;
  for (const auto item : node.items) {
    if (pickle_[item].kind != Kind::Integer || pickle_[item].integer < 0)
      fail("a tensor's shape or stride is not a number from 0");
    values.push_back(pickle_[item].integer);
  }
  return values;
}

PickleNode PickleMachine::rebuildTensor(const PickleNode& arguments) {
  if (arguments.items.size() < 4 || pickle_[arguments.items[0]].kind != Kind::Storage ||
      pickle_[arguments.items[1]].kind != Kind::Integer || pickle_[arguments.items[1]].integer < 0) {
    fail("a tensor is not described as torch.save describes one");
  }
  PickleNode node;
  node.kind = Kind::Tensor;
  node.integer = arguments.items[0];
  node.offset = pickle_[arguments.items[1]].integer;
  node.shape = integers(arguments.items[2]);
  node.strides = integers(arguments.items[3]);
  if (node.shape.size() != node.strides.size()) fail("a tensor has not as many strides as axes");
  return node;
}

void PickleMachine::call() {
  const auto& arguments = pickle_.nodes[pop()];
  const auto& callee = pickle_.nodes[pop()];
  if (callee.kind != Kind::Global || arguments.kind != Kind::Tuple) fail("something that is no known class is called");
  if (callee.text == kOrderedDict) {
    if (!arguments.items.empty()) fail("an OrderedDict is made in a way that torch.save does not use");
    PickleNode node;
    node.kind = Kind::Dict;
    push(std::move(node));
  } else if (callee.text == kTensor) {
    push(rebuildTensor(arguments));
  } else if (callee.text == kParameter && !arguments.items.empty() &&
             pickle_[arguments.items[0]].kind == Kind::Tensor) {
    stack_.push_back(arguments.items[0]);
  } else {
    fail("'" + callee.text + "' is called, which plain tensors never need; nothing was run");
  }
}

bool PickleMachine::stepObject(unsigned char op) {
  switch (op) {
    case 'c': {
      const auto module = takeLine();
      pushGlobal(module, takeLine());
      return true;
    }
    case 0x93: {  // STACK_GLOBAL
      const auto &name = pickle_.nodes[pop()], &module = pickle_.nodes[pop()];
      if (name.kind != Kind::Text || module.kind != Kind::Text) fail("a class is not named by text");
      if (name.text.size() + module.text.size() > kLongestName) fail("the name of a class never ends");
      pushGlobal(module.text, name.text);
      return true;
    }
    case 'Q': persistentStorage(); return true;
    case 'R': call(); return true;
    case 'b':  // attributes of a state dict (_metadata): not needed, and never applied
      pop();
      top(Kind::Dict, "attributes are set on something that is no dict");
      return true;
    default: return false;
  }
}

}  // namespace dw::formats
