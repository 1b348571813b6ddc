// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QWidget>
#include <optional>
#include <vector>

#include "base/problem.h"
#include "session/sampling/sampling_session.h"

class QCheckBox;
class QComboBox;
class QLineEdit;
class QSpinBox;

namespace dw::ui {

/// How and what to sample: sampler, steps, spacing, class, guidance, seed, how many. Fields that the model has no use for
/// cannot be filled in.
class SamplerFields : public QWidget {
  Q_OBJECT

 public:
  explicit SamplerFields(const inference::Backend& backend, QWidget* parent = nullptr);

  inference::SampleRequest request() const;
  /// Sample of the open dataset whose context is told; -1 = none.
  qint64 contextOf() const;
  /// What was typed that is no value, at the names of SampleRequest's members.
  Problems unreadable() const;
  /// Fits the fields to a model. contextSamples: of the open dataset, whose context vectors fit it; 0 = none do.
  void setModel(const inference::ModelFacts& model, qint64 contextSamples);
  /// Marks the fields that are named.
  void mark(const Problems& problems);
  /// Sets a field as the fix of a problem says.
  void mend(const Problem& problem);

 private:
  void build();
  void layOut();
  void showSampler();
  void setClasses(qint64 classes, const QStringList& names);
  const inference::SamplerChoice* sampler() const;
  QWidget* fieldOf(const std::string& name) const;

  std::vector<inference::SamplerChoice> samplers_;
  bool guided_ = false;                       ///< the model takes a condition
  std::optional<config::SamplerKind> usual_;  ///< of the model, where nobody chose one
  QComboBox* sampler_ = nullptr;
  QComboBox* spacing_ = nullptr;
  QComboBox* label_ = nullptr;
  QSpinBox* steps_ = nullptr;
  QSpinBox* count_ = nullptr;
  QSpinBox* context_ = nullptr;
  QLineEdit* eta_ = nullptr;
  QLineEdit* guidance_ = nullptr;
  QLineEdit* seed_ = nullptr;
  QCheckBox* karras_ = nullptr;
  std::vector<QWidget*> etaRow_, contextRow_;  ///< fields of some samplers or models only, with their labels
};

}  // namespace dw::ui
