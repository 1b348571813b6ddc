// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QDoubleSpinBox>
#include <QRegularExpression>

#include "numbers/typed_number.h"

namespace dw::ui {

/// A spin box that shows a decimal point on every desktop and reads what is typed by the rule of numbers/typed_number.h;
/// Qt's own drops the sign that is not the locale's, so that "0,5" became 5. What is refused leaves the value as it was.
class DecimalBox : public QDoubleSpinBox {
 public:
  DecimalBox() { setLocale(QLocale::c()); }

  QValidator::State validate(QString& text, int& /*cursor*/) const override {
    static const QRegularExpression beginning(QStringLiteral("^[-+0-9.,eE]*$"));
    const auto typed = typedNumber(text);
    if (typed && *typed >= minimum() && *typed <= maximum()) return QValidator::Acceptable;
    return beginning.match(text).hasMatch() ? QValidator::Intermediate : QValidator::Invalid;
  }

  void fixup(QString& /*text*/) const override {}  // Qt's makes 1000 of "1,000"

  double valueFromText(const QString& text) const override { return typedNumber(text).value_or(value()); }
};

}  // namespace dw::ui
