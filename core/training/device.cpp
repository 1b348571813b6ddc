// SPDX-License-Identifier: GPL-3.0-or-later
#include "training/device.h"

#include <ATen/detail/CUDAHooksInterface.h>

#include "base/dynamic_library.h"
#include "base/error.h"
#include "config/recipe_fields.h"

namespace dw::training {
namespace {

/// Opens libtorch_cuda beside the libtorch_cpu in use; its static objects then register the CUDA backend.
LibraryResult openCudaPart() {
  const auto cpuPart = libraryOf(reinterpret_cast<const void*>(&at::globalContext));
  const auto folder = cpuPart.parent_path();
  return openLibrary(folder.empty() ? "libtorch_cuda.so" : folder / "libtorch_cuda.so");
}

std::string findOutWhyNoCuda() {
  const LibraryResult library = openCudaPart();
  if (!library.opened) return "the CUDA part of LibTorch could not be opened: " + library.reason;
  if (!at::globalContext().hasCUDA()) return "LibTorch finds no usable CUDA driver on this machine";
  if (at::detail::getCUDAHooks().deviceCount() < 1) return "no CUDA GPU is visible to this program";
  return {};
}

}  // namespace

std::string whyNoCuda() {
  static const std::string reason = findOutWhyNoCuda();
  return reason;
}

at::Device openDevice(const std::string& name) {
  if (name == "cpu") return at::Device(at::kCPU);
  if (name != "cuda") {
    throw Error(ErrorKind::Usage, "there is no device called '" + name + "'",
                "did you mean " + config::nearestName(name, {"cpu", "cuda"}) + "?");
  }
  const std::string reason = whyNoCuda();
  if (!reason.empty()) {
    throw Error(ErrorKind::Usage, "training on the GPU is not possible: " + reason,
                "train on the processor (train.device=cpu), or install the CUDA libraries with packaging/run.sh --cuda");
  }
  return at::Device(at::kCUDA, 0);
}

}  // namespace dw::training
