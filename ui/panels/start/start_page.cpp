// SPDX-License-Identifier: GPL-3.0-or-later
#include "panels/start/start_page.h"

#include <QCommandLinkButton>
#include <QDesktopServices>
#include <QFileInfo>
#include <QHBoxLayout>
#include <QLabel>
#include <QPushButton>
#include <QToolButton>
#include <QUrl>
#include <QVBoxLayout>

#include "session/dataset/dataset_session.h"
#include "session/recent_list.h"
#include "theme/icons.h"
#include "workbench/page_host.h"
#include "workbench/workbench.h"

namespace dw::ui {
namespace {

constexpr int kWidth = 760;

void clear(QVBoxLayout* column) {
  while (auto* item = column->takeAt(0)) {
    if (auto* widget = item->widget()) {
      widget->hide();
      widget->deleteLater();  // its click may still be inside
    }
    delete item;
  }
}

QLabel* text(const QString& words, const char* property) {
  auto* label = new QLabel(words);
  label->setWordWrap(true);
  label->setProperty(property, true);
  return label;
}

QToolButton* recentButton(const QString& icon, const QString& path) {
  auto* button = new QToolButton;
  button->setObjectName(QStringLiteral("recentItem"));
  button->setProperty("flat", true);
  button->setIcon(theme::icon(icon));
  button->setToolButtonStyle(Qt::ToolButtonTextBesideIcon);
  const QString name = QFileInfo(path).fileName();
  button->setText(button->fontMetrics().elidedText(name, Qt::ElideMiddle, 240));
  button->setToolTip(path);
  button->setAccessibleName(name);
  return button;
}

}  // namespace

StartPage::StartPage(DatasetSession* session, QWidget* parent) : QWidget(parent), session_(session) {
  setObjectName(QStringLiteral("startPage"));
  auto* content = new QWidget;
  content->setMaximumWidth(kWidth);
  auto* column = new QVBoxLayout(content);
  column->setSpacing(8);
  column->addStretch(1);
  column->addWidget(text(tr("Diffusion Workbench"), "heading"));
  column->addWidget(
      text(tr("Train a small diffusion transformer on your own latents or pictures, and watch it learn."), "muted"));
  column->addSpacing(16);
  column->addWidget(buildChoices());
  busy_ = text({}, "muted");
  busy_->setObjectName(QStringLiteral("startBusy"));
  column->addWidget(busy_);
  column->addSpacing(8);
  column->addWidget(buildRecent());
  column->addStretch(2);
  column->addWidget(
      text(tr("Nothing leaves this machine: there is no account, no upload and no network use."), "muted"));
  auto* page = new QHBoxLayout(this);
  page->setContentsMargins(24, 16, 24, 16);
  page->addStretch(1);
  page->addWidget(content, 100);
  page->addStretch(1);
  connect(session_, &DatasetSession::opening, this, [this](const QString& path) {
    busy_->setText(path == QLatin1String("demo") ? tr("Getting the demo data ready…")
                                                 : tr("Opening %1…").arg(QFileInfo(path).fileName()));
  });
  connect(session_, &DatasetSession::opened, this, [this] { busy_->clear(); });
  connect(session_, &DatasetSession::failed, this, [this] { busy_->clear(); });
}

QWidget* StartPage::buildChoices() {
  auto* box = new QWidget;
  auto* row = new QHBoxLayout(box);
  row->setContentsMargins(0, 0, 0, 0);
  row->setSpacing(16);
  const auto add = [row](const char* name, const QString& icon, const QString& title, const QString& what) {
    auto* button = new QCommandLinkButton(title, what);
    button->setObjectName(QLatin1String(name));
    button->setAccessibleName(title);
    button->setAccessibleDescription(what);
    button->setIcon(theme::icon(icon, theme::IconTint::Accent));
    button->setIconSize(QSize(32, 32));
    button->setProperty("choice", true);
    row->addWidget(button, 1);
    return button;
  };
  auto* open = add("startOpen", QStringLiteral("open"), tr("Open data…"),
                   tr("Latents as HDF5, PyTorch, NumPy or safetensors; pictures as IDX. Or drop a file anywhere."));
  auto* demo = add("startDemo", QStringLiteral("demo"), tr("Try the demo data"),
                   tr("2,048 small pictures of coloured shapes, made by this program. Then click Train."));

  connect(open, &QPushButton::clicked, this, &StartPage::openRequested);
  connect(demo, &QPushButton::clicked, this, &StartPage::demoRequested);
  return box;
}

QWidget* StartPage::buildRecent() {
  auto* box = new QWidget;
  auto* row = new QHBoxLayout(box);
  row->setContentsMargins(0, 0, 0, 0);
  row->setSpacing(16);
  const auto add = [row](const QString& title) {
    auto* column = new QVBoxLayout;
    column->setSpacing(2);
    column->addWidget(text(title, "subheading"));
    auto* items = new QVBoxLayout;
    items->setSpacing(0);
    column->addLayout(items);
    column->addStretch(1);
    row->addLayout(column, 1);
    return items;
  };
  datasets_ = add(tr("Recent data"));
  runs_ = add(tr("Go on with a run"));
  return box;
}

void StartPage::refresh() {
  clear(datasets_);
  clear(runs_);
  for (const auto& path : DatasetSession::recentPaths()) {
    auto* button = recentButton(QStringLiteral("data"), path);
    connect(button, &QToolButton::clicked, this, [this, path] { Q_EMIT datasetRequested(path); });
    datasets_->addWidget(button, 0, Qt::AlignLeft);
  }
  if (datasets_->count() == 0) datasets_->addWidget(text(tr("Files that you open will be listed here."), "muted"));
  for (const auto& folder : RecentList(QStringLiteral("recent/runs")).existing()) {
    auto* line = new QWidget;
    auto* row = new QHBoxLayout(line);
    row->setContentsMargins(0, 0, 0, 0);
    row->setSpacing(0);
    auto* go = recentButton(QStringLiteral("run"), folder);
    go->setToolTip(tr("Go on with this run from its last checkpoint: %1").arg(folder));
    connect(go, &QToolButton::clicked, this, [this, folder] { Q_EMIT resumeRequested(folder); });
    auto* look = new QToolButton;
    look->setProperty("flat", true);
    look->setIcon(theme::icon(QStringLiteral("folder")));
    look->setToolTip(tr("Show the folder"));
    look->setAccessibleName(tr("Show the folder of %1").arg(QFileInfo(folder).fileName()));
    connect(look, &QToolButton::clicked, this, [folder] { QDesktopServices::openUrl(QUrl::fromLocalFile(folder)); });
    row->addWidget(go);
    row->addWidget(look);
    row->addStretch(1);
    runs_->addWidget(line);
  }
  if (runs_->count() == 0) runs_->addWidget(text(tr("Your training runs will be listed here."), "muted"));
}

void StartPage::showEvent(QShowEvent* event) {
  refresh();
  QWidget::showEvent(event);
}

QWidget* makeStartPage(Workbench& workbench, PageHost& host) {
  auto* page = new StartPage(workbench.dataset());
  QObject::connect(page, &StartPage::openRequested, page, [&host] { host.chooseFile(); });
  QObject::connect(page, &StartPage::demoRequested, &workbench,
                   [&workbench] { workbench.open(QStringLiteral("demo")); });
  QObject::connect(page, &StartPage::datasetRequested, &workbench, &Workbench::open);
  QObject::connect(page, &StartPage::resumeRequested, &workbench,
                   [&workbench](const QString& folder) { workbench.resumeRun(folder); });
  QObject::connect(workbench.dataset(), &DatasetSession::closed, page, [&host, page] { host.showPage(page); });
  return page;
}

}  // namespace dw::ui
