// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QComboBox>
#include <QCoreApplication>
#include <optional>
#include <string>
#include <string_view>

#include "config/choices.h"

namespace dw::ui {

/// Text of a table of choices in the window's language.
inline QString choiceText(std::string_view text) {
  return QCoreApplication::translate("Choices", std::string(text).c_str());
}

template <config::Choosable Kind>
QString choiceLabel(Kind value) {
  return choiceText(config::labelOf(value));
}

/// A row of a menu: its label, its key as data, why one would take it as tip.
template <typename Row>
void addChoice(QComboBox* box, const Row& row) {
  box->addItem(choiceText(row.label), QString::fromUtf8(row.key.data(), static_cast<qsizetype>(row.key.size())));
  box->setItemData(box->count() - 1, choiceText(row.why), Qt::ToolTipRole);
}

template <config::Choosable Kind>
void addChoices(QComboBox* box) {
  for (const auto& row : config::choices<Kind>()) addChoice(box, row);
}

template <config::Choosable Kind>
void choose(QComboBox* box, Kind value) {
  const auto key = config::keyOf(value);
  box->setCurrentIndex(box->findData(QString::fromUtf8(key.data(), static_cast<qsizetype>(key.size()))));
}

/// Of the current row; nothing for a row that is none of the choices ("nothing").
template <config::Choosable Kind>
std::optional<Kind> chosen(const QComboBox* box) {
  return config::fromKey<Kind>(box->currentData().toString().toStdString());
}

}  // namespace dw::ui
