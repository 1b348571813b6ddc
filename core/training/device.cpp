// SPDX-License-Identifier: GPL-3.0-or-later
#include "training/device.h"

#include <ATen/detail/CUDAHooksInterface.h>

#include <cstdlib>

#include "base/dynamic_library.h"
#include "base/error.h"

namespace dw::training {
namespace {

/// Opens libtorch_cuda beside the libtorch_cpu in use; its static objects then register the CUDA backend.
LibraryResult openCudaPart() {
  const auto cpuPart = libraryOf(reinterpret_cast<const void*>(&at::globalContext));
  const auto folder = cpuPart.parent_path();
  return openLibrary(folder.empty() ? "libtorch_cuda.so" : folder / "libtorch_cuda.so");
}

NoCuda findOutWhyNoCuda() {
  const LibraryResult library = openCudaPart();
  if (!library.opened) {
    return {"the CUDA part of LibTorch could not be opened: " + library.reason,
            "install the CUDA libraries with packaging/run.sh --cuda"};
  }
  if (at::globalContext().hasCUDA() && at::detail::getCUDAHooks().deviceCount() > 0) return {};
  if (const auto driver = openLibrary("libcuda.so.1"); !driver.opened) {
    return {"there is no NVIDIA driver on this machine", "install the driver of the GPU"};
  }
  if (const char* visible = std::getenv("CUDA_VISIBLE_DEVICES"); visible != nullptr) {
    return {"CUDA_VISIBLE_DEVICES is '" + std::string(visible) + "', which shows no GPU to this program",
            "unset CUDA_VISIBLE_DEVICES, or set it to 0"};
  }
  return {"the driver shows no GPU that this LibTorch can use", "update the driver of the GPU"};
}

}  // namespace

const NoCuda& noCuda() {
  static const NoCuda found = findOutWhyNoCuda();
  return found;
}

std::string whyNoCuda() { return noCuda().reason; }

namespace {

at::Device openGpu() {
  const auto& lack = noCuda();
  if (!lack.reason.empty()) {
    throw Error(ErrorKind::Usage, "the GPU cannot be used: " + lack.reason,
                "use the processor (--device cpu; in a recipe: train.device), or " + lack.remedy);
  }
  return at::Device(at::kCUDA, 0);
}

}  // namespace

at::Device openDevice(config::Device device) {
  switch (device) {
    case config::Device::Cpu: return at::Device(at::kCPU);
    case config::Device::Cuda: return openGpu();
  }
  config::throwNoSuchChoice();
}

}  // namespace dw::training
