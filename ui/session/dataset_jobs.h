// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QByteArray>
#include <QMetaType>
#include <QString>
#include <atomic>
#include <cstdint>
#include <functional>
#include <memory>
#include <vector>

#include "base/problem.h"
#include "data/latent_source.h"

namespace dw::ui {

/// How a sample is shown in small.
enum class PreviewKind {
  Colour,       ///< approximate RGB, a linear picture of the latent
  OneChannel,   ///< one channel, diverging colours symmetric about 0
  AllChannels,  ///< every channel side by side, same colours and limits
};

/// One small picture that somebody wants to see.
struct PreviewWish {
  std::int64_t sample = 0;
  std::int64_t crop = 0;
  PreviewKind kind = PreviewKind::Colour;
  std::int64_t channel = 0;  ///< of OneChannel
  float limit = 0.0F;        ///< values -limit .. limit span the colour map; 0 = the quick look's
  bool operator==(const PreviewWish&) const = default;
};

/// Plain pixels, 3 bytes (RGB) each, rows without padding. AllChannels: C pictures beside each other, width C * W.
struct PreviewPixels {
  int width = 0;
  int height = 0;
  QByteArray rgb;
};

/// Statistics of one channel of one crop, or of the whole dataset.
struct ChannelSummary {
  double mean = 0.0, std = 0.0, min = 0.0, max = 0.0;
  std::int64_t notFinite = 0;  ///< NaN and infinities, left out of the other figures
};

/// All numbers of one crop of one sample.
struct SampleValues {
  std::int64_t sample = 0, crop = 0;
  std::int64_t channels = 0, height = 0, width = 0;
  std::shared_ptr<const std::vector<float>> values;  ///< [C, H, W]
  std::vector<ChannelSummary> summaries;             ///< one per channel
  PreviewPixels colour;                              ///< approximate RGB
  std::vector<PreviewPixels> pictures;               ///< one per channel
};

/// What a few evenly spaced samples say, read while opening.
struct QuickLook {
  float limit = 1.0F;  ///< 99.5 % of their |values| lie below it: the shared limit of the colour map
};

/// Result of reading everything once.
struct CheckUp {
  std::vector<ChannelSummary> channels;  ///< stored values, every crop of every sample
  double suggestedScale = 1.0;           ///< 1 / standard deviation of all values; 0 if unknown
  double seconds = 0.0;
  std::int64_t samplesRead = 0;
  bool complete = false;                 ///< false: stopped before the end
  Problems problems;                     ///< NaN with sample and channel, constant channels, ...
};

/// Turns latents into pictures. Safe to call from several threads at once.
class PreviewMaker {
 public:
  explicit PreviewMaker(std::shared_ptr<const data::LatentSource> source, float defaultLimit);
  ~PreviewMaker();
  /// Reads one crop and paints it. Throws Error.
  PreviewPixels make(const PreviewWish& wish) const;
  /// Reads one crop and paints every channel of it large and as colours. limit as in PreviewWish. Throws Error.
  SampleValues makeSample(std::int64_t sample, std::int64_t crop, float limit) const;
  /// The colours from -limit (left) to limit (right), one row of that many pixels.
  static PreviewPixels legend(int width);

 private:
  struct Projection;
  std::shared_ptr<const data::LatentSource> source_;
  float defaultLimit_;
  std::unique_ptr<const Projection> projection_;
};

/// The jobs, run on the thread pool by DatasetSession. All throw Error when reading fails.
QuickLook takeQuickLook(const data::LatentSource& source);
/// progress(fraction) is called now and then; stop is looked at as often.
CheckUp runCheckUp(const data::LatentSource& source, const std::atomic<bool>& stop,
                   const std::function<void(double)>& progress);

}  // namespace dw::ui

Q_DECLARE_METATYPE(dw::ui::PreviewWish)
Q_DECLARE_METATYPE(dw::ui::PreviewPixels)
Q_DECLARE_METATYPE(dw::ui::SampleValues)
