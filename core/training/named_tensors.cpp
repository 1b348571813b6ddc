// SPDX-License-Identifier: GPL-3.0-or-later
#include "training/named_tensors.h"

#include <map>
#include <sstream>

#include "base/error.h"

namespace dw::training {
namespace {

std::string shapeText(const at::Tensor& tensor) {
  std::ostringstream out;
  out << tensor.sizes();
  return out.str();
}

[[noreturn]] void refuse(const std::string& what, const std::string& sentence) {
  throw Error(ErrorKind::BadData, what + " does not fit this model: " + sentence,
              "choose a checkpoint that was made with the same model and optimizer settings");
}

}  // namespace

std::vector<at::Tensor> tensorsOf(const NamedTensors& named) {
  std::vector<at::Tensor> tensors;
  tensors.reserve(named.size());
  for (const auto& entry : named) tensors.push_back(entry.tensor);
  return tensors;
}

NamedTensors namedParameters(const torch::nn::Module& module) {
  NamedTensors named;
  for (const auto& item : module.named_parameters()) named.push_back({item.key(), item.value()});
  return named;
}

void copyByName(const NamedTensors& from, const NamedTensors& into, const std::string& what) {
  std::map<std::string, at::Tensor> given;
  for (const auto& entry : from) given[entry.name] = entry.tensor;
  for (const auto& entry : into) {
    const auto found = given.find(entry.name);
    if (found == given.end()) refuse(what, "it has no tensor '" + entry.name + "'");
    if (found->second.sizes() != entry.tensor.sizes()) {
      refuse(what, "'" + entry.name + "' has the shape " + shapeText(found->second) + " instead of " +
                       shapeText(entry.tensor));
    }
  }
  if (given.size() > into.size()) {
    for (const auto& entry : into) given.erase(entry.name);
    refuse(what, "'" + given.begin()->first + "' has no place here");
  }
  const at::NoGradGuard noGrad;
  for (const auto& entry : into) at::Tensor(entry.tensor).copy_(given.at(entry.name));
}

}  // namespace dw::training
