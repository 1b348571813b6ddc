// SPDX-License-Identifier: GPL-3.0-or-later
#include "main_window/session_cards.h"

#include <QCoreApplication>
#include <QDesktopServices>
#include <QUrl>

#include "cards/card_stack.h"
#include "main_window/file_questions.h"
#include "main_window/trouble_card.h"
#include "run_bar/run_text.h"
#include "session/dataset/dataset_session.h"
#include "session/training/recipe_draft.h"
#include "session/training/training_session.h"
#include "workbench/workbench.h"

namespace dw::ui {
namespace {

const QString kData = QStringLiteral("data");
const QString kRun = QStringLiteral("run");

QString tr(const char* text) { return QCoreApplication::translate("SessionCards", text); }

void offerFolder(Card* card, const QString& folder) {
  card->actionText = tr("Show the run folder");
  card->action = [folder] { QDesktopServices::openUrl(QUrl::fromLocalFile(folder)); };
}

Card endCard(Workbench* workbench) {
  const auto& session = *workbench->training();
  const QString folder = QString::fromStdString(session.run()->folder.string());
  Card card{kRun,
            Severity::Note,
            stateText(session) + QLatin1Char('.'),
            tr("Loss, weights and recipe are in %1").arg(folder),
            {},
            {}};
  if (session.last().step >= session.run()->totalSteps) {
    offerFolder(&card, folder);
  } else {
    card.actionText = tr("Go on with this run");
    card.action = [workbench, folder] { workbench->resumeRun(folder); };
  }
  return card;
}

Card failureCard(Workbench* workbench, const messages::Failed& failure, QWidget* window) {
  Card card{kRun, Severity::Error, QString::fromStdString(failure.sentence), QString::fromStdString(failure.remedy), {},
            {}};
  if (failure.inData && workbench->goingOn()) {
    card.actionText = tr("Choose where it lies now…");
    card.action = [workbench, window] { askForMovedData(workbench, window); };
  } else if (failure.extrasOnly && !workbench->draft()->weights().isEmpty()) {
    card.actionText = tr("Train without the unknown ones");
    card.action = [workbench] {
      workbench->draft()->setIgnoresExtras(true);
      workbench->train();
    };
  } else if (const auto& run = workbench->training()->run()) {
    offerFolder(&card, QString::fromStdString(run->folder.string()));
  }
  return card;
}

void watchDataset(Workbench* workbench, CardStack* cards, QWidget* window) {
  auto* dataset = workbench->dataset();
  QObject::connect(dataset, &DatasetSession::failed, cards, [=](const QString& sentence, const QString& remedy) {
    cards->show(
        {kData, Severity::Error, sentence, remedy, tr("Open another file…"), [=] { askForData(workbench, window); }});
  });
  QObject::connect(dataset, &DatasetSession::readFailed, cards, [=](const QString& sentence, const QString& remedy) {
    cards->show({kData, Severity::Error, sentence, remedy, tr("Reopen"), [dataset] { dataset->reopen(); }, tr("Close"),
                 [dataset] { dataset->close(); }});
  });
  QObject::connect(dataset, &DatasetSession::closed, cards, [cards] { cards->dismiss(kData); });
  QObject::connect(dataset, &DatasetSession::opening, cards, [cards] { cards->dismiss(kData); });
}

void watchTraining(Workbench* workbench, CardStack* cards, QWidget* window) {
  auto* session = workbench->training();
  watchTrouble(session, cards);
  QObject::connect(session, &TrainingSession::stateChanged, cards, [=](messages::State state) {
    if (state == messages::State::Finished && session->run()) cards->show(endCard(workbench));
  });
  QObject::connect(session, &TrainingSession::warningRaised, cards, [cards](const messages::Warning& warning) {
    cards->show({QString(),
                 Severity::Warning,
                 QString::fromStdString(warning.sentence),
                 QString::fromStdString(warning.remedy),
                 {},
                 {}});
  });
  QObject::connect(session, &TrainingSession::failed, cards,
                   [=](const messages::Failed& failure) { cards->show(failureCard(workbench, failure, window)); });
}

}  // namespace

void watchSessions(Workbench* workbench, CardStack* cards, QWidget* window) {
  watchDataset(workbench, cards, window);
  watchTraining(workbench, cards, window);
  QObject::connect(workbench, &Workbench::noticed, cards, [cards](const Notice& notice) {
    cards->show({notice.id, notice.severity, notice.sentence, notice.remedy, {}, {}});
  });
  QObject::connect(workbench, &Workbench::settled, cards, &CardStack::dismiss);
}

}  // namespace dw::ui
