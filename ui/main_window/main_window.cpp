// SPDX-License-Identifier: GPL-3.0-or-later
#include "main_window/main_window.h"

#include <QCloseEvent>
#include <QDragEnterEvent>
#include <QHBoxLayout>
#include <QMimeData>
#include <QSettings>
#include <QStackedWidget>
#include <QStatusBar>
#include <QUrl>
#include <QVBoxLayout>
#include <algorithm>

#include "cards/card_stack.h"
#include "main_window/closing_guard.h"
#include "main_window/desktop_link.h"
#include "main_window/file_questions.h"
#include "main_window/main_menu.h"
#include "main_window/nav_column.h"
#include "main_window/pages.h"
#include "main_window/session_cards.h"
#include "main_window/status_line.h"
#include "run_bar/run_bar.h"
#include "session/dataset/dataset_session.h"
#include "session/training/training_session.h"
#include "theme/icons.h"
#include "workbench/workbench.h"

namespace dw::ui {
namespace {
const QString kGeometry = QStringLiteral("window/geometry");
}  // namespace

MainWindow::MainWindow(Workbench* workbench, theme::Theme* theme)
    : workbench_(workbench),
      guard_(new ClosingGuard(workbench->training(), this)),
      runBar_(new RunBar(workbench)),
      nav_(new NavColumn),
      pages_(new QStackedWidget),
      cards_(new CardStack) {
  setObjectName(QStringLiteral("mainWindow"));
  setWindowIcon(theme::appIcon());
  setAcceptDrops(true);
  buildPages();
  layOut();
  watchSessions(workbench_, cards_, this);
  new MainMenu(this, workbench_, runBar_, theme);  // its parent owns it, as it does the next
  new DesktopLink(workbench_->training(), this);
  connect(guard_, &ClosingGuard::mayClose, this, &QWidget::close);
  connect(runBar_, &RunBar::failed, this, [this](const QString& sentence, const QString& remedy) {
    showCard({QStringLiteral("recipe"), Severity::Error, sentence, remedy, {}, {}});
  });
  connect(workbench_->dataset(), &DatasetSession::opened, this, &MainWindow::showTitle);
  connect(workbench_->dataset(), &DatasetSession::closed, this, &MainWindow::showTitle);
  showTitle();
  resize(1280, 720);
  restoreGeometry(QSettings().value(kGeometry).toByteArray());
  workbench_->recallRecipe();
}

void MainWindow::buildPages() {
  pages_->setObjectName(QStringLiteral("pages"));
  for (const auto& page : allPages()) {
    nav_->addPage(page.buttonName(), QString::fromLatin1(page.icon), page.text(), QString::fromLatin1(page.shortcut));
    pages_->addWidget(page.make(*workbench_, *this));
  }
  connect(nav_, &NavColumn::chosen, this, [this](int index) { showPage(pages_->widget(index)); });
  nav_->setCurrent(0);
}

void MainWindow::layOut() {
  auto* main = new QVBoxLayout;
  main->setSpacing(0);
  main->addWidget(pages_, 1);
  main->addWidget(cards_);
  auto* row = new QHBoxLayout;
  row->setSpacing(0);
  row->addWidget(nav_);
  row->addLayout(main, 1);
  auto* central = new QWidget;
  auto* column = new QVBoxLayout(central);
  column->setContentsMargins(0, 0, 0, 0);
  column->setSpacing(0);
  column->addWidget(runBar_);
  column->addLayout(row, 1);
  setCentralWidget(central);
  statusBar()->setSizeGripEnabled(false);
  statusBar()->addWidget(new StatusLine(workbench_->training()), 1);
}

void MainWindow::showTitle() {
  const auto& dataset = *workbench_->dataset();
  setWindowTitle(dataset.isOpen() ? tr("%1 - Diffusion Workbench").arg(dataset.displayName())
                                  : tr("Diffusion Workbench"));
}

void MainWindow::showPage(const QString& id) {
  const auto all = allPages();
  const auto found =
      std::find_if(all.begin(), all.end(), [&id](const Page& page) { return id == QLatin1String(page.id); });
  if (found != all.end()) showPage(pages_->widget(static_cast<int>(found - all.begin())));
}

void MainWindow::showPage(const QWidget* page) {
  const int index = pages_->indexOf(page);
  if (index < 0) return;
  pages_->setCurrentIndex(index);
  nav_->setCurrent(index);
}

bool MainWindow::isAtStart() const { return pages_->currentIndex() == 0; }

void MainWindow::showCard(const Card& card) { cards_->show(card); }

void MainWindow::dismissCard(const QString& id) { cards_->dismiss(id); }

void MainWindow::chooseFile() { askForData(workbench_, this); }

void MainWindow::closeCleanly() { guard_->stopAndClose(); }

void MainWindow::closeEvent(QCloseEvent* event) {
  if (!guard_->allowsClose()) return event->ignore();
  QSettings().setValue(kGeometry, saveGeometry());
  workbench_->rememberRecipe();
  event->accept();
}

void MainWindow::changeEvent(QEvent* event) {
  QMainWindow::changeEvent(event);
  if (event->type() == QEvent::WindowStateChange) workbench_->training()->setVisible(!isMinimized());
}

void MainWindow::dragEnterEvent(QDragEnterEvent* event) {
  if (event->mimeData()->hasUrls() && event->mimeData()->urls().first().isLocalFile()) event->acceptProposedAction();
}

void MainWindow::dropEvent(QDropEvent* event) {
  event->acceptProposedAction();
  workbench_->open(event->mimeData()->urls().first().toLocalFile());
}

}  // namespace dw::ui
