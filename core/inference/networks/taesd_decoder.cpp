// SPDX-License-Identifier: GPL-3.0-or-later
#include "inference/networks/taesd_decoder.h"

#include <torch/torch.h>

#include <string>
#include <unordered_map>
#include <utility>

#include "base/error.h"
#include "base/text_format.h"
#include "training/own_threads.h"
#include "weights/tensors/tensor_file.h"

namespace dw::inference::networks {
namespace {

constexpr std::int64_t kWidth = 64;  // channels inside
constexpr double kClamp = 3.0;       // latents are softly kept within it: tanh(x / 3) * 3
constexpr std::int64_t kFirst = 1, kLast = 19;

/// The layers in order, as TAESD numbers them; 0 clamps and has no numbers.
enum class Layer { First, Relu, Block, Upsample, Plain, Last };
constexpr Layer kLayers[] = {Layer::First,    Layer::Relu,  Layer::Block, Layer::Block, Layer::Block,
                             Layer::Upsample, Layer::Plain, Layer::Block, Layer::Block, Layer::Block,
                             Layer::Upsample, Layer::Plain, Layer::Block, Layer::Block, Layer::Block,
                             Layer::Upsample, Layer::Plain, Layer::Block, Layer::Last};
static_assert(std::size(kLayers) == kLast - kFirst + 1);

using Tensors = std::unordered_map<std::string, at::Tensor>;

std::string shapeText(at::IntArrayRef shape) {
  std::string text;
  for (const auto n : shape) text += (text.empty() ? "" : " x ") + std::to_string(n);
  return text;
}

class Taesd : public LatentDecoder {
 public:
  Taesd(const std::filesystem::path& path, Tensors tensors, std::string prefix, std::int64_t offset);

  std::int64_t channels() const override { return channels_; }
  std::vector<data::pictures::PreviewImage> decode(std::span<const float> latents, std::int64_t height,
                                                   std::int64_t width) const override;

 private:
  std::string nameOf(std::int64_t layer, const char* part) const {
    return prefix_ + std::to_string(layer + offset_) + "." + part;
  }
  at::Tensor take(std::int64_t layer, const char* part, at::IntArrayRef shape) const;
  void check() const;
  at::Tensor convolve(const at::Tensor& x, std::int64_t layer, const char* part, bool bias) const;
  at::Tensor block(const at::Tensor& x, std::int64_t layer) const;
  at::Tensor run(const at::Tensor& latents) const;

  std::filesystem::path path_;
  Tensors tensors_;
  std::string prefix_;
  std::int64_t offset_ = 0, channels_ = 0;
};

Taesd::Taesd(const std::filesystem::path& path, Tensors tensors, std::string prefix, std::int64_t offset)
    : path_(path), tensors_(std::move(tensors)), prefix_(std::move(prefix)), offset_(offset) {
  const auto& first = tensors_.at(nameOf(kFirst, "weight"));
  if (first.dim() == 4) channels_ = first.size(1);
  check();
}

/// A tensor of that shape. Throws Error BadData naming it.
at::Tensor Taesd::take(std::int64_t layer, const char* part, at::IntArrayRef shape) const {
  const auto name = nameOf(layer, part);
  const auto found = tensors_.find(name);
  const char* remedy = "choose a file such as taesd_decoder.safetensors";
  if (found == tensors_.end())
    throw Error(ErrorKind::BadData, path_, "this is no TAESD decoder: it has no tensor " + name, remedy);
  if (found->second.sizes() != shape) {
    throw Error(ErrorKind::BadData, path_,
                "this is no TAESD decoder: " + name + " is " + shapeText(found->second.sizes()) + " instead of " +
                    shapeText(shape),
                remedy);
  }
  return found->second;
}

void Taesd::check() const {
  for (std::int64_t i = kFirst; i <= kLast; ++i) {
    const std::int64_t inside[] = {kWidth, kWidth, 3, 3}, width[] = {kWidth};
    switch (kLayers[i - kFirst]) {
      case Layer::First:
        take(i, "weight", {kWidth, channels_, 3, 3});
        take(i, "bias", width);
        break;
      case Layer::Block:
        for (const char* part : {"conv.0.weight", "conv.2.weight", "conv.4.weight"}) take(i, part, inside);
        for (const char* part : {"conv.0.bias", "conv.2.bias", "conv.4.bias"}) take(i, part, width);
        break;
      case Layer::Plain: take(i, "weight", inside); break;
      case Layer::Last:
        take(i, "weight", {3, kWidth, 3, 3});
        take(i, "bias", {3});
        break;
      case Layer::Relu:
      case Layer::Upsample: break;
    }
  }
}

at::Tensor Taesd::convolve(const at::Tensor& x, std::int64_t layer, const char* part, bool bias) const {
  const std::string name = std::string(part) + (*part == '\0' ? "" : ".");
  const auto& weight = tensors_.at(nameOf(layer, (name + "weight").c_str()));
  const auto offset = bias ? tensors_.at(nameOf(layer, (name + "bias").c_str())) : at::Tensor();
  return at::conv2d(x, weight, offset, 1, 1);
}

at::Tensor Taesd::block(const at::Tensor& x, std::int64_t layer) const {
  auto y = at::relu(convolve(x, layer, "conv.0", true));
  y = at::relu(convolve(y, layer, "conv.2", true));
  return at::relu(convolve(y, layer, "conv.4", true) + x);
}

at::Tensor Taesd::run(const at::Tensor& latents) const {
  auto x = at::tanh(latents / kClamp) * kClamp;
  for (std::int64_t i = kFirst; i <= kLast; ++i) {
    switch (kLayers[i - kFirst]) {
      case Layer::Relu: x = at::relu(x); break;
      case Layer::Block: x = block(x, i); break;
      case Layer::Upsample: x = at::upsample_nearest2d(x, {2 * x.size(2), 2 * x.size(3)}); break;
      case Layer::Plain: x = convolve(x, i, "", false); break;
      case Layer::First:
      case Layer::Last: x = convolve(x, i, "", true); break;
    }
  }
  return x;
}

std::vector<data::pictures::PreviewImage> Taesd::decode(std::span<const float> latents, std::int64_t height,
                                                        std::int64_t width) const {
  const auto size = channels_ * height * width;
  if (size <= 0 || static_cast<std::int64_t>(latents.size()) % size != 0) {
    throw Error(ErrorKind::Usage, path_, "this decoder takes latents of " + countText(channels_, "channel"),
                "choose the decoder that belongs to these latents");
  }
  training::computeInThisThreadOnly();
  const c10::InferenceMode inference;
  std::vector<data::pictures::PreviewImage> pictures;
  for (std::size_t begin = 0; begin < latents.size(); begin += static_cast<std::size_t>(size)) {
    const auto one =
        at::from_blob(const_cast<float*>(latents.data() + begin), {1, channels_, height, width}, at::kFloat);
    const auto bytes = (run(one).clamp(0.0, 1.0) * 255.0 + 0.5)
                           .to(at::kByte)
                           .squeeze(0)
                           .permute({1, 2, 0})
                           .contiguous();  // [8 H, 8 W, 3]
    const auto* data = bytes.const_data_ptr<std::uint8_t>();
    pictures.push_back(
        {static_cast<int>(bytes.size(1)), static_cast<int>(bytes.size(0)), {data, data + bytes.numel()}});
  }
  return pictures;
}

}  // namespace

std::shared_ptr<const LatentDecoder> openLatentDecoder(const std::filesystem::path& path) {
  Tensors tensors;
  for (const auto& [name, tensor] : weights::tensors::readTensors(path)) tensors.emplace(name, tensor.to(at::kFloat));
  // diffusers does not count the clamp.
  for (const auto& [prefix, offset] : {std::pair{"", 0}, {"decoder.layers.", -1}, {"decoder.", 0}}) {
    if (!tensors.contains(prefix + std::to_string(kFirst + offset) + ".weight")) continue;
    return std::make_shared<Taesd>(path, std::move(tensors), prefix, offset);
  }
  throw Error(ErrorKind::BadData, path,
              "this is no TAESD decoder: it has neither a tensor 1.weight nor decoder.layers.0.weight",
              "choose a file such as taesd_decoder.safetensors");
}

}  // namespace dw::inference::networks
