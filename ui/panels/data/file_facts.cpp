// SPDX-License-Identifier: GPL-3.0-or-later
#include "panels/data/file_facts.h"

#include <QCoreApplication>
#include <QStringList>

#include "numbers/number_text.h"
#include "session/dataset/dataset_session.h"

namespace dw::ui {
namespace {

constexpr int kMostNames = 12;
QString words(const char* text) { return QCoreApplication::translate("FileFacts", text); }

QString labelsText(const data::SourceInfo& info) {
  if (info.classes <= 0) return words("no labels");
  QStringList names;
  for (const auto& one : info.classNames) names << QString::fromStdString(one);
  return QCoreApplication::translate("FileFacts", "%1 labels", nullptr, plural(info.classes)).arg(count(info.classes)) +
         (names.isEmpty() || names.size() > kMostNames ? QString()
                                                       : QStringLiteral(": ") + names.join(QStringLiteral(", ")));
}

QString axesText(const data::SourceInfo& info) {
  QStringList axes;
  for (const char role : info.axes) axes << QString(QLatin1Char(role));
  return axes.isEmpty() ? (info.hasCropAxis ? QStringLiteral("B, T, C, H, W") : QStringLiteral("B, C, H, W"))
                        : axes.join(QStringLiteral(", "));
}

QString storedShape(const data::SourceInfo& info) {
  QStringList lengths;
  for (const auto length : info.stored) lengths << count(length);
  if (lengths.isEmpty()) {
    for (const auto length : {info.samples, info.channels, info.height, info.width}) lengths << count(length);
  }
  return lengths.join(QStringLiteral(" × "));
}

}  // namespace

QString factsInLine(const DatasetSession& session) {
  const auto& info = session.source()->info();
  QStringList axes{
      QCoreApplication::translate("FileFacts", "%1 samples", nullptr, plural(info.samples)).arg(count(info.samples))};
  if (info.hasCropAxis)
    axes << QCoreApplication::translate("FileFacts", "%1 crops", nullptr, plural(info.crops)).arg(count(info.crops));
  axes << QCoreApplication::translate("FileFacts", "%1 channels", nullptr, plural(info.channels))
              .arg(count(info.channels))
       << words("%1 high").arg(count(info.height)) << words("%1 wide").arg(count(info.width));
  QStringList facts{axes.join(QStringLiteral(" × ")), QString::fromStdString(info.dtype)};
  if (info.bytes > 0) facts << sizeText(info.bytes);
  if (info.files > 1)
    facts << QCoreApplication::translate("FileFacts", "%1 files", nullptr, plural(info.files)).arg(count(info.files));
  facts << labelsText(info);
  return facts.join(QStringLiteral("   ·   "));
}

QString factsAsTable(const DatasetSession& session) {
  const auto& info = session.source()->info();
  QString rows;
  const auto add = [&rows](const QString& name, const QString& value) {
    if (value.isEmpty()) return;
    rows += QStringLiteral("<tr><td style='padding-right: 16px'>%1</td><td>%2</td></tr>")
                .arg(name.toHtmlEscaped(), value.toHtmlEscaped());
  };
  add(words("format"), QString::fromStdString(info.format));
  add(words("array"), QString::fromStdString(info.dataset));
  add(words("shape"), storedShape(info));
  add(words("axes"),
      axesText(info) + (session.choice().axes.isEmpty() ? words(" (guessed)") : words(" (as you said)")));
  add(words("type"), QString::fromStdString(info.dtype));
  add(words("size"), info.bytes > 0 ? sizeText(info.bytes) : QString());
  add(words("files"), info.files > 1 ? count(info.files) : QString());
  add(words("labels"), labelsText(info));
  if (const auto* context = session.source()->context()) {
    add(words("context"), QCoreApplication::translate("FileFacts", "%1 vectors of %2 numbers each sample", nullptr,
                                                      plural(context->info().height))
                              .arg(count(context->info().height), count(context->info().width)));
  }
  if (!session.source()->keys().empty())
    add(words("keys"), words("one each sample, the first is %1").arg(session.source()->keys()[0]));
  return QStringLiteral("<table cellspacing='0' cellpadding='1'>%1</table>").arg(rows);
}

}  // namespace dw::ui
