// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QObject>
#include <memory>
#include <optional>
#include <vector>

#include "base/problem.h"
#include "config/recipe.h"
#include "data/value_scale.h"
#include "schedule/custom_curve.h"
#include "schedule/forward_noise.h"
#include "session/dataset/dataset_jobs.h"

namespace dw::ui {

class DatasetSession;

/// A noise schedule with its tables.
struct ScheduleCurve {
  config::ScheduleSettings settings;
  schedule::NoiseSchedule tables;
};

/// One sample of the open dataset, one noise, one schedule, one t: what the Noise page looks at. Lives in the GUI thread;
/// mixing x_t costs microseconds and is done at once, reading a sample and schedules of very many steps are not.
class NoiseLab : public QObject {
  Q_OBJECT

 public:
  explicit NoiseLab(DatasetSession* dataset, QObject* parent = nullptr);
  ~NoiseLab() override;

  /// Impossible settings become problems() and leave the tables as they are.
  void setSettings(const config::ScheduleSettings& settings);
  const config::ScheduleSettings& settings() const { return settings_; }
  const Problems& problems() const { return problems_; }
  /// The schedule in force; never null.
  std::shared_ptr<const ScheduleCurve> curve() const { return curve_; }
  /// Points of a curve drawn by hand; empty where the schedule is of another kind, or they are typed wrong.
  std::vector<schedule::CurvePoint> curvePoints() const;
  /// Moves a point as far as the curve stays a falling one.
  void moveCurvePoint(int index, schedule::CurvePoint to);
  void addCurvePoint(schedule::CurvePoint point);
  /// The first and the last stay.
  void removeCurvePoint(int index);
  /// Another kind, with the same steps and betas, to look at beside it; empty = none.
  void setCompared(std::optional<config::ScheduleKind> kind);
  std::shared_ptr<const ScheduleCurve> compared() const { return compared_; }

  qint64 steps() const { return curve_->tables.steps(); }
  qint64 t() const { return t_; }
  /// Moves t, into 0..T-1 where it lies outside.
  void setT(qint64 t);

  qint64 sample() const { return sample_; }
  qint64 crop() const { return crop_; }
  /// Ignored where the dataset has no such sample. Answer: sampleChanged.
  void setSample(qint64 sample, qint64 crop);
  quint64 noiseSeed() const { return noiseSeed_; }
  void setNoiseSeed(quint64 seed);
  /// How stored numbers become the model's; the recipe's, or that of the weights that are asked.
  void setScale(const data::ValueScale& scale);

  bool hasSample() const { return x0_.values != nullptr; }
  /// In the model's scale, [C, H, W].
  const PreviewTile& x0() const { return x0_; }
  const PreviewTile& noise() const { return noise_; }
  PreviewTile noised(qint64 t) const;
  /// The same numbers in the scale of the file, which colours are made for.
  PreviewTile asStored(const PreviewTile& tile) const;
  /// A tile of the sample's shape.
  PreviewTile tileOf(std::vector<float> values) const;

 Q_SIGNALS:
  void problemsChanged();
  void scheduleChanged();
  void timeChanged(qint64 t);
  /// Sample, noise or scale: every picture is another one.
  void sampleChanged();
  void readFailed(const QString& sentence, const QString& remedy);

 private:
  void take(std::shared_ptr<const ScheduleCurve> curve, std::shared_ptr<const ScheduleCurve> compared);
  void setPoints(const std::vector<schedule::CurvePoint>& points);
  void recompute();
  void takeDataset();
  void readSample();
  void rescale();

  DatasetSession* dataset_;
  config::ScheduleSettings settings_;
  std::optional<config::ScheduleKind> comparedKind_;
  Problems problems_;
  std::shared_ptr<const ScheduleCurve> curve_, compared_;
  data::ValueScale scale_;
  std::vector<float> stored_;  ///< the sample as the file has it
  PreviewTile x0_, noise_;
  qint64 t_ = 0, sample_ = 0, crop_ = 0;
  quint64 noiseSeed_ = 0, scheduleId_ = 0, sampleId_ = 0;
};

}  // namespace dw::ui
