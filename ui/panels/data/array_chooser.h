// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QWidget>
#include <vector>

#include "data/sources/candidates.h"
#include "session/dataset/dataset_choice.h"

class QLabel;
class QPushButton;
class QTableWidget;

namespace dw::ui {

/// "latents, 6 x 3 x 4 x 32 x 32, float16".
QString candidateText(const data::sources::Candidate& candidate);
/// How to open it. On three axes nothing is guessed by the core: they are taken for samples, height and width.
DatasetChoice choiceOf(const data::sources::Candidate& candidate);

/// Asks which array of a file is the dataset, where the file itself does not say.
class ArrayChooser : public QWidget {
  Q_OBJECT

 public:
  explicit ArrayChooser(QWidget* parent = nullptr);
  void ask(const QString& path, const QString& sentence, const std::vector<data::sources::Candidate>& candidates);

 Q_SIGNALS:
  void chosen(const QString& path, const dw::ui::DatasetChoice& choice);
  void cancelled();

 private:
  void fill();
  void accept();

  QString path_;
  std::vector<data::sources::Candidate> candidates_;
  QLabel* title_;
  QLabel* sentence_;
  QTableWidget* table_;
  QPushButton* open_;
};

}  // namespace dw::ui
