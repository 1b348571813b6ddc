// SPDX-License-Identifier: GPL-3.0-or-later
#include <QTemporaryDir>
#include <QTest>
#include <algorithm>
#include <cmath>
#include <stdexcept>

#include "base/error.h"
#include "data/pictures/rgb_projection.h"
#include "formats/safetensors.h"
#include "inference/networks/taesd_decoder.h"

using namespace dw;

namespace {

struct Made {
  std::string name;
  std::vector<std::int64_t> shape;
  std::vector<float> values;
};

/// The tensors of a TAESD decoder, small pseudo-random numbers in them.
std::vector<Made> taesd(const std::string& prefix = {}, int offset = 0, std::int64_t channels = 4) {
  std::vector<Made> all;
  int salt = 0;
  const auto add = [&](int layer, const std::string& part, std::vector<std::int64_t> shape) {
    std::int64_t size = 1;
    for (const auto n : shape) size *= n;
    std::vector<float> values(static_cast<std::size_t>(size));
    for (std::size_t i = 0; i < values.size(); ++i)
      values[i] = 0.05F * std::sin(static_cast<float>(i * 7 + static_cast<std::size_t>(++salt % 1000)));
    all.push_back({prefix + std::to_string(layer + offset) + "." + part, std::move(shape), std::move(values)});
  };
  add(1, "weight", {64, channels, 3, 3});
  add(1, "bias", {64});
  for (const int layer : {3, 4, 5, 8, 9, 10, 13, 14, 15, 18}) {
    for (const char* part : {"conv.0.", "conv.2.", "conv.4."}) {
      add(layer, part + std::string("weight"), {64, 64, 3, 3});
      add(layer, part + std::string("bias"), {64});
    }
  }
  for (const int layer : {7, 12, 17}) add(layer, "weight", {64, 64, 3, 3});
  add(19, "weight", {3, 64, 3, 3});
  add(19, "bias", {3});
  return all;
}

Made& named(std::vector<Made>& tensors, const std::string& name) {
  for (auto& tensor : tensors) {
    if (tensor.name == name) return tensor;
  }
  throw std::runtime_error("no tensor " + name);
}

}  // namespace

class TestTaesdDecoder : public QObject {
  Q_OBJECT

  QTemporaryDir home_;
  int count_ = 0;

  std::filesystem::path write(const std::vector<Made>& tensors) {
    const auto path =
        std::filesystem::path(home_.path().toStdString()) / ("decoder" + std::to_string(++count_) + ".safetensors");
    std::vector<formats::TensorToWrite> out;
    for (const auto& tensor : tensors)
      out.push_back({tensor.name, "F32", tensor.shape, std::as_bytes(std::span(tensor.values))});
    formats::writeSafetensors(path, out);
    return path;
  }
  std::string refusal(const std::vector<Made>& tensors) {
    try {
      inference::networks::openLatentDecoder(write(tensors));
    } catch (const Error& error) {
      return error.what();
    }
    return {};
  }
  static std::vector<float> latents(std::size_t pictures) {
    std::vector<float> values(pictures * 4 * 3 * 5);
    for (std::size_t i = 0; i < values.size(); ++i) values[i] = std::sin(0.3F * static_cast<float>(i));
    return values;
  }

 private Q_SLOTS:
  void picturesAreEightTimesTheirLatents() {
    const auto decoder = inference::networks::openLatentDecoder(write(taesd()));
    QCOMPARE(decoder->channels(), 4);
    const auto pictures = decoder->decode(latents(2), 3, 5);
    QCOMPARE(pictures.size(), std::size_t{2});
    QCOMPARE(pictures[0].width, 40);
    QCOMPARE(pictures[0].height, 24);
    QCOMPARE(pictures[0].rgb.size(), std::size_t{40 * 24 * 3});
    QVERIFY(pictures[0].rgb != pictures[1].rgb);
  }

  void namesOfDiffusersAreTheSameNetwork() {
    const auto a = inference::networks::openLatentDecoder(write(taesd()))->decode(latents(1), 3, 5);
    const auto b =
        inference::networks::openLatentDecoder(write(taesd("decoder.layers.", -1)))->decode(latents(1), 3, 5);
    QVERIFY(a[0].rgb == b[0].rgb);
  }

  /// With a last layer that lets through nothing but its bias, that bias is the colour.
  void valuesAreSharesOfFullColour() {
    auto tensors = taesd();
    std::ranges::fill(named(tensors, "19.weight").values, 0.0F);
    named(tensors, "19.bias").values = {1.5F, 0.5F, -0.2F};
    const auto picture = inference::networks::openLatentDecoder(write(tensors))->decode(latents(1), 3, 5)[0];
    QCOMPARE(picture.rgb[0], std::uint8_t{255});
    QCOMPARE(picture.rgb[1], std::uint8_t{128});
    QCOMPARE(picture.rgb[2], std::uint8_t{0});
  }

  void latentsAreSoftlyKeptWithinThree() {
    const auto decoder = inference::networks::openLatentDecoder(write(taesd()));
    auto far = latents(1), farther = far;
    for (std::size_t i = 0; i < far.size(); ++i) {
      far[i] = far[i] < 0.0F ? -100.0F : 100.0F;
      farther[i] = 50.0F * far[i];
    }
    QVERIFY(decoder->decode(far, 3, 5)[0].rgb == decoder->decode(farther, 3, 5)[0].rgb);
  }

  void whatDoesNotFitIsNamed() {
    QVERIFY(refusal({{"weight", {2, 2}, {1, 2, 3, 4}}}).find("1.weight") != std::string::npos);
    auto tensors = taesd();
    std::erase_if(tensors, [](const Made& tensor) { return tensor.name == "13.conv.2.bias"; });
    QVERIFY(refusal(tensors).find("13.conv.2.bias") != std::string::npos);
    tensors = taesd();
    auto& last = named(tensors, "19.weight");
    last.shape = {4, 48, 3, 3};
    QVERIFY(refusal(tensors).find("4 x 48 x 3 x 3 instead of 3 x 64 x 3 x 3") != std::string::npos);
    const auto sixteen = inference::networks::openLatentDecoder(write(taesd({}, 0, 16)));
    QCOMPARE(sixteen->channels(), 16);
    QVERIFY_EXCEPTION_THROWN(sixteen->decode(latents(1), 3, 5), Error);
  }

  void unscaledLatentsAreScaled() {
    const std::vector<float> scaled{1.0F, -1.0F}, raw{10.0F, -10.0F};
    QCOMPARE(data::pictures::decoderScaled(scaled), scaled);
    QCOMPARE(data::pictures::decoderScaled(raw)[0], 1.8215F);
  }
};

QTEST_APPLESS_MAIN(TestTaesdDecoder)
#include "tst_taesd_decoder.moc"
