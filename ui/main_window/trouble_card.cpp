// SPDX-License-Identifier: GPL-3.0-or-later
#include "main_window/trouble_card.h"

#include <QCoreApplication>

#include "numbers/number_text.h"
#include "session/training/training_session.h"

namespace dw::ui {
namespace {

QString tr(const char* text) { return QCoreApplication::translate("TroubleCard", text); }

QString samplesText(const std::vector<std::int64_t>& samples) {
  constexpr std::size_t kNamed = 8;
  QStringList numbers;
  for (std::size_t i = 0; i < std::min(kNamed, samples.size()); ++i) numbers.append(QString::number(samples[i]));
  const QString list = numbers.join(QStringLiteral(", "));
  return samples.size() > kNamed
             ? tr("%1 and %2 more").arg(list, count(static_cast<std::int64_t>(samples.size() - kNamed)))
             : list;
}

}  // namespace

Card troubleCard(const messages::Trouble& trouble, TrainingSession* session) {
  Card card;
  card.id = QStringLiteral("trouble");
  card.severity = Severity::Error;
  card.sentence = QString::fromStdString(trouble.sentence);
  if (!card.sentence.isEmpty()) card.sentence[0] = card.sentence[0].toUpper();
  QStringList facts{tr("The run is paused on the good weights of step %1.").arg(count(trouble.step))};
  if (!trouble.tensor.empty())
    facts.append(tr("First tensor that is not finite: %1.").arg(QString::fromStdString(trouble.tensor)));
  if (!trouble.samples.empty()) facts.append(tr("Samples of the batch: %1.").arg(samplesText(trouble.samples)));
  if (trouble.kind == ErrorKind::OutOfMemory)
    facts.append(tr("Close other programs and resume, or begin anew: %1.").arg(QString::fromStdString(trouble.remedy)));
  card.remedy = facts.join(QLatin1Char(' '));
  const auto add = [&card](const QString& text, std::function<void()> action) {
    card.buttons.append({text, std::move(action)});
  };
  if (trouble.halveRate) add(tr("Go on with half the rate"), [session] { session->resumeAtHalfRate(); });
  if (trouble.skipBatch) add(tr("Leave this batch out"), [session] { session->skipBatch(); });
  if (trouble.goBackTo >= 0)
    add(tr("Back to the checkpoint of step %1").arg(count(trouble.goBackTo)), [session] { session->goBack(); });
  return card;
}

void watchTrouble(TrainingSession* session, CardStack* cards) {
  QObject::connect(session, &TrainingSession::troubled, cards,
                   [=](const messages::Trouble& trouble) { cards->show(troubleCard(trouble, session)); });
  QObject::connect(session, &TrainingSession::stateChanged, cards, [=](messages::State state) {
    if (state != messages::State::Paused) cards->dismiss(QStringLiteral("trouble"));
  });
  QObject::connect(session, &TrainingSession::wentBack, cards, [=](const messages::WentBack& back) {
    cards->show({QStringLiteral("trouble"), Severity::Note,
                 tr("The run stands at the checkpoint of step %1 again.").arg(count(back.to)),
                 tr("The steps after it stay in its files, but count no more. Resume goes on from here."), tr("Resume"),
                 [session] { session->resume(); }});
  });
}

}  // namespace dw::ui
