// SPDX-License-Identifier: GPL-3.0-or-later
// How the Data page feels on a file: the first picture, scrolling, dragging the colour limits, memory. One JSON line.
//   QT_QPA_PLATFORM=offscreen bench_data_page [--warm] [--seconds 10] FILE
#include <QAbstractButton>
#include <QApplication>
#include <QElapsedTimer>
#include <QMouseEvent>
#include <QScrollBar>
#include <QSettings>
#include <QStandardPaths>
#include <QWheelEvent>
#include <algorithm>
#include <atomic>
#include <functional>
#include <iostream>
#include <nlohmann/json.hpp>
#include <thread>

#include "base/file.h"
#include "base/system_info.h"
#include "panels/data/data_page.h"
#include "panels/data/histogram_view.h"
#include "panels/data/sample_grid.h"
#include "session/dataset/dataset_session.h"

namespace {

using namespace dw;

/// Posts a beat into the event loop every millisecond, and notes how long the longest one had to wait there; watches the
/// memory meanwhile.
class Heartbeat : public QObject {
 public:
  Heartbeat() : thread_([this] { run(); }) {}
  ~Heartbeat() override {
    stop_ = true;
    thread_.join();
  }
  void restart() { longest_ = 0; }
  double longestMs() const { return static_cast<double>(longest_) / 1e6; }
  std::uint64_t peakMemory() const { return peak_; }

 private:
  void run() {
    for (int beat = 0; !stop_; ++beat) {
      if (!waiting_.exchange(true)) {
        const qint64 posted = clock_.nsecsElapsed();
        QMetaObject::invokeMethod(
            this,
            [this, posted] {
              longest_ = std::max(longest_, clock_.nsecsElapsed() - posted);
              waiting_ = false;
            },
            Qt::QueuedConnection);
      }
      if (beat % 20 == 0) peak_ = std::max<std::uint64_t>(peak_, residentMemory());
      std::this_thread::sleep_for(std::chrono::milliseconds(1));
    }
  }

  QElapsedTimer clock_ = [] {
    QElapsedTimer clock;
    clock.start();
    return clock;
  }();
  qint64 longest_ = 0;  // GUI thread only
  std::atomic<bool> waiting_{false}, stop_{false};
  std::atomic<std::uint64_t> peak_{0};
  std::thread thread_;
};

/// Counts what a widget paints.
class PaintCounter : public QObject {
 public:
  explicit PaintCounter(QWidget* widget) { widget->installEventFilter(this); }
  bool eventFilter(QObject*, QEvent* event) override {
    if (event->type() == QEvent::Paint) ++count;
    return false;
  }
  int count = 0;
};

struct Bench {
  ui::DatasetSession session;
  ui::DataPage page{&session};
  ui::SampleGrid* grid = page.findChild<ui::SampleGrid*>();
  PaintCounter paints{grid->viewport()};
  Heartbeat heart;

  qint64 visible() const {
    qint64 count = 0;
    const auto total = session.source()->info().samples;
    for (qint64 sample = 0; sample < total && grid->cellRect(sample).top() < grid->viewport()->height(); ++sample)
      ++count;
    return count;
  }

  /// Milliseconds until the first picture is on the screen, and until all that are seen are.
  nlohmann::json open(const QString& file, bool cold) {
    if (cold) dropFromMemory(file.toStdString());
    QString sentence;
    QObject::connect(&session, &ui::DatasetSession::failed, &page, [&](const QString& text) { sentence = text; });
    QElapsedTimer clock;
    QCoreApplication::processEvents();  // the beat that waited while the cache was dropped
    clock.start();
    heart.restart();
    session.open(file);
    const auto until = [&](const std::function<bool()>& reached) {
      while (!reached() && sentence.isEmpty() && clock.elapsed() < 60'000)
        QCoreApplication::processEvents(QEventLoop::WaitForMoreEvents);
      if (!sentence.isEmpty() || !session.isOpen()) throw std::runtime_error(sentence.toStdString());
      const int before = paints.count;
      grid->viewport()->update();  // what is reached may have been painted already, and then no other paint would come
      while (paints.count == before && clock.elapsed() < 60'000)
        QCoreApplication::processEvents(QEventLoop::WaitForMoreEvents);
      return static_cast<double>(clock.nsecsElapsed()) / 1e6;
    };
    const double first = until([&] { return session.isOpen() && grid->cachedPictures() > 0; });
    const double full = until([&] { return grid->cachedPictures() >= visible(); });
    return {{"cold", cold},
            {"first_picture_ms", first},
            {"screen_full_ms", full},
            {"pictures_on_screen", visible()},
            {"longest_gap_ms", heart.longestMs()}};
  }

  /// Acts again and again as fast as the event loop lets it, as one hand on the mouse would at most 125 times a second.
  nlohmann::json during(double seconds, const std::function<void(int)>& act) {
    QElapsedTimer clock;
    clock.start();
    heart.restart();
    paints.count = 0;
    int turn = 0;
    while (clock.elapsed() < seconds * 1e3) {
      if (clock.elapsed() >= turn * 8) act(turn = std::max<int>(turn + 1, static_cast<int>(clock.elapsed() / 8)));
      QCoreApplication::processEvents(QEventLoop::AllEvents);
      std::this_thread::sleep_for(std::chrono::microseconds(200));
    }
    return {{"frames_per_s", paints.count / (static_cast<double>(clock.nsecsElapsed()) / 1e9)},
            {"longest_gap_ms", heart.longestMs()}};
  }

  nlohmann::json scrollByWheel(double seconds) {
    const auto* viewport = grid->viewport();
    return during(seconds, [&](int) {
      QWheelEvent wheel(QPointF(viewport->rect().center()), viewport->mapToGlobal(QPointF(viewport->rect().center())),
                        QPoint(), QPoint(0, -120), Qt::NoButton, Qt::NoModifier, Qt::NoScrollPhase, false);
      QCoreApplication::sendEvent(grid->viewport(), &wheel);
    });
  }

  nlohmann::json scrollByBar(double seconds) {
    auto* bar = grid->verticalScrollBar();
    const int turns = static_cast<int>(seconds * 125);
    return during(seconds, [=](int turn) {
      bar->setValue(static_cast<int>(static_cast<qint64>(bar->maximum()) * (turn % turns) / turns));
    });
  }

  nlohmann::json dragLimit(double seconds) {
    auto* view = page.findChild<ui::HistogramView*>();
    const auto send = [&](QEvent::Type type, int x, Qt::MouseButtons held) {
      QMouseEvent event(type, QPointF(x, view->height() / 2), view->mapToGlobal(QPointF(x, view->height() / 2)),
                        type == QEvent::MouseMove ? Qt::NoButton : Qt::LeftButton, held, Qt::NoModifier);
      QCoreApplication::sendEvent(view, &event);
    };
    const int middle = view->xOf(0.0F), start = view->xOf(view->limit());
    send(QEvent::MouseButtonPress, start, Qt::LeftButton);
    const float before = view->limit();
    bool moved = false;
    auto result = during(seconds, [&](int turn) {
      const int reach = std::max(2, start - middle), place = turn % (2 * reach);
      send(QEvent::MouseMove, middle + 1 + (place < reach ? place : 2 * reach - place), Qt::LeftButton);
      moved = moved || view->limit() != before;
    });
    send(QEvent::MouseButtonRelease, start, Qt::NoButton);
    result["limit_moved"] = moved;
    return result;
  }
};

}  // namespace

int main(int argc, char** argv) {
  QApplication application(argc, argv);
  QStandardPaths::setTestModeEnabled(true);
  QCoreApplication::setOrganizationName(QStringLiteral("dwb-bench"));
  QSettings().clear();
  const QStringList words = application.arguments();
  const double seconds = words.contains(QStringLiteral("--seconds"))
                             ? words.value(words.indexOf(QStringLiteral("--seconds")) + 1).toDouble()
                             : 10.0;
  Bench bench;
  bench.page.resize(1200, 620);
  bench.page.show();
  QCoreApplication::processEvents();
  const auto begin = residentMemory();
  const auto mb = [&](std::uint64_t bytes) { return (static_cast<double>(bytes) - static_cast<double>(begin)) / 1e6; };
  try {
    nlohmann::json result{{"bench", "data_page"}, {"file", words.last().toStdString()}};
    result["open"] = bench.open(words.last(), !words.contains(QStringLiteral("--warm")));
    result["wheel"] = bench.scrollByWheel(seconds);
    result["scroll_bar"] = bench.scrollByBar(seconds);
    bench.page.findChild<QAbstractButton*>(QStringLiteral("kindAllChannels"))->click();
    result["drag_limit"] = bench.dragLimit(seconds);
    result["check_up_finished_meanwhile"] = bench.session.checkUp() != nullptr;
    result["memory_growth_mb"] = {{"end", mb(residentMemory())}, {"peak", mb(bench.heart.peakMemory())}};
    std::cout << result << std::endl;
  } catch (const std::exception& error) {
    std::cerr << words.last().toStdString() << ": " << error.what() << std::endl;
    return 1;
  }
  return 0;
}
