// SPDX-License-Identifier: GPL-3.0-or-later
#include "main_window/file_questions.h"

#include <QCoreApplication>
#include <QDir>
#include <QFileDialog>
#include <QFileInfo>

#include "session/dataset/dataset_session.h"
#include "workbench/workbench.h"

namespace dw::ui {
namespace {
QString tr(const char* text) { return QCoreApplication::translate("FileQuestions", text); }
}  // namespace

void askForData(Workbench* workbench, QWidget* window) {
  const QString last = DatasetSession::lastPath();
  const bool noFile = last.isEmpty() || last == QLatin1String("demo");
  const QString folder = noFile ? QDir::homePath() : QFileInfo(last).absolutePath();
  const QString path = QFileDialog::getOpenFileName(window, tr("Open data"), folder);
  if (!path.isEmpty()) workbench->open(path);
}

void askForMovedData(Workbench* workbench, QWidget* window) {
  if (!workbench->goingOn()) return;
  const auto last = QFileInfo(QString::fromStdString(trainer::dataOf(*workbench->goingOn())));
  const QString path =
      QFileDialog::getOpenFileName(window, tr("Where does the dataset of this run lie now?"), last.absolutePath());
  if (!path.isEmpty()) workbench->goOnWithData(path);
}

void askForWeights(Workbench* workbench, QWidget* window) {
  const QString path = QFileDialog::getOpenFileName(window, tr("Begin with the weights of a file"), QDir::homePath(),
                                                    tr("Weights (*.safetensors *.pt *.pth *.bin);;All files (*)"));
  if (!path.isEmpty()) workbench->beginWithWeights(path);
}

}  // namespace dw::ui
