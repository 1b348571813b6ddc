// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QWidget>

class QComboBox;

namespace dw::ui {

class AxesEditor;
class DatasetSession;

/// How the file is read: which of its arrays, and what their axes are. A change opens the file again.
class FileBar : public QWidget {
  Q_OBJECT

 public:
  explicit FileBar(DatasetSession* session, QWidget* parent = nullptr);

 private:
  void showDataset();
  void showArrays();
  void chooseArray(int index);

  DatasetSession* session_;
  QWidget* arrayBox_;
  QComboBox* array_;
  AxesEditor* axes_;
};

}  // namespace dw::ui
