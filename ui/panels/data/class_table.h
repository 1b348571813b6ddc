// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QTableWidget>
#include <cstdint>
#include <vector>

namespace dw::ui {

class DatasetSession;

/// Samples of each class, with a bar as long as its share of the largest.
class ClassTable : public QTableWidget {
  Q_OBJECT

 public:
  explicit ClassTable(QWidget* parent = nullptr);
  void fill(const DatasetSession& session, const std::vector<std::int64_t>& perClass);
};

}  // namespace dw::ui
