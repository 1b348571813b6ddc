// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QMap>
#include <QObject>
#include <QString>
#include <QStringList>
#include <optional>

#include "config/recipe.h"

namespace dw::ui {

/// The recipe that the next run will have, as forms edit it. Never the one of a running run: that one took a copy.
class RecipeDraft : public QObject {
  Q_OBJECT

 public:
  /// Starts as the first of the built-in recipes (config::kFirstRecipe).
  explicit RecipeDraft(QObject* parent = nullptr);

  const config::Recipe& recipe() const { return recipe_; }
  /// Name of the recipe it began as, built in or the user's own.
  QString baseName() const { return QString::fromStdString(base_.name); }
  /// Differs from the recipe it began as.
  bool isModified() const;

  /// What a form shows for a field: its value, or the text the user typed where that is no value yet.
  QString text(const QString& key) const;
  /// Value of the field in the recipe it began as.
  QString baseText(const QString& key) const;
  /// Takes what the user typed. Text that is no value of the field's kind becomes a problem of that field and leaves the
  /// recipe as it was.
  void setField(const QString& key, const QString& text);
  /// Starts over from a built-in; an unknown name is ignored.
  void loadBuiltin(const QString& name);
  void setRecipe(const config::Recipe& recipe);
  /// The present values are those of a saved recipe from now on.
  void becameSaved(const QString& name);
  /// The next run begins with the weights of a file, which fix its model. Another recipe forgets them.
  void beginWith(const QString& weights, const config::ModelSettings& model);
  /// The next run begins with random weights again; the recipe stays.
  void beginFresh();
  /// Empty: random weights.
  QString weights() const { return weights_; }
  /// Weights of the file that the model does not have are left out.
  void setIgnoresExtras(bool ignores) { ignoresExtras_ = ignores; }
  bool ignoresExtras() const { return ignoresExtras_; }
  /// The dataset that the next run would train on; empty = none is open.
  void setDatasetShape(const std::optional<config::DatasetShape>& shape);

  /// Everything wrong with the draft, by itself and for the dataset.
  const Problems& problems() const { return problems_; }
  /// Problems at one field, errors first.
  Problems problemsOf(const QString& key) const;

  /// A run may start: a dataset is open and nothing is wrong.
  bool isReady() const { return shape_.has_value() && !hasErrors(problems_); }
  /// One sentence for the disabled Train button; empty when ready.
  QString whyNotReady() const;

 Q_SIGNALS:
  void changed();
  void problemsChanged();

 private:
  void check();

  config::Recipe recipe_;
  config::Recipe base_;
  QMap<QString, QString> unreadable_;  // texts that are no values, by key
  std::optional<config::DatasetShape> shape_;
  Problems problems_;
  QString weights_;
  bool ignoresExtras_ = false;
};

}  // namespace dw::ui
