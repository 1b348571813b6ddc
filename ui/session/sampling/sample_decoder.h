// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QObject>
#include <QString>
#include <QThreadPool>
#include <atomic>
#include <filesystem>
#include <functional>
#include <memory>
#include <vector>

#include "inference/latent_decoder.h"

namespace dw::inference {
struct SampleSet;
}

namespace dw::ui {

/// Turns samples into pictures with a decoder from a file of the user's, on a thread of its own, one picture after the
/// other. Lives in the GUI thread.
class SampleDecoder : public QObject {
  Q_OBJECT

 public:
  using Opener = std::function<std::shared_ptr<const inference::LatentDecoder>(const std::filesystem::path& file)>;
  using Pictures = std::vector<data::pictures::PreviewImage>;

  explicit SampleDecoder(Opener opener, QObject* parent = nullptr);
  ~SampleDecoder() override;

  /// This build can decode.
  bool isAvailable() const { return static_cast<bool>(opener_); }
  bool isOpen() const { return decoder_ != nullptr; }
  /// Answer: opened or refused.
  void open(const QString& path);
  void close();
  /// As many pictures as are decoded; asks for the others. Answer: decoded for each, refused if the decoder does not fit.
  Pictures picturesOf(const std::shared_ptr<const inference::SampleSet>& samples);

 Q_SIGNALS:
  void opened();
  void decoded(const std::shared_ptr<const dw::inference::SampleSet>& samples, int index,
               const dw::data::pictures::PreviewImage& picture);
  void refused(const QString& sentence, const QString& remedy);

 private:
  struct Job {
    std::shared_ptr<const inference::SampleSet> samples;
    Pictures pictures;
  };
  void begin(const std::shared_ptr<const inference::SampleSet>& samples);
  void take(const std::shared_ptr<const inference::SampleSet>& samples, data::pictures::PreviewImage picture);

  Opener opener_;
  std::shared_ptr<const inference::LatentDecoder> decoder_;
  QString path_;
  std::vector<Job> jobs_;  ///< of A and B: the last two that were asked for
  std::shared_ptr<std::atomic<bool>> stop_;
  QThreadPool thread_;  // last: it waits for its job
};

}  // namespace dw::ui
