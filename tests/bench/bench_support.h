// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QCoreApplication>
#include <QElapsedTimer>
#include <QEventLoop>
#include <QString>
#include <QTimer>
#include <algorithm>
#include <ctime>
#include <vector>

namespace dw::bench {

/// Runs an event loop that sleeps in between: processEvents() in a loop would keep one core from the trainer.
inline void shouldContinue(int ms) {
  QEventLoop loop;
  QTimer::singleShot(ms, Qt::PreciseTimer, &loop, &QEventLoop::quit);
  loop.exec();
}

/// Ends the program if the condition does not come true in time.
template <class Condition>
void waitFor(Condition condition, int limitMs = 120'000) {
  QElapsedTimer clock;
  clock.start();
  while (!condition() && clock.elapsed() < limitMs) shouldContinue(20);
  if (!condition()) qFatal("waited in vain");
}

/// Seconds of a processor that this thread has used.
inline double threadCpuSeconds() {
  timespec used{};
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &used);
  return static_cast<double>(used.tv_sec) + 1e-9 * static_cast<double>(used.tv_nsec);
}

inline double median(std::vector<double> values) {
  std::sort(values.begin(), values.end());
  return values[values.size() / 2];
}

/// What stands after that name on the command line.
inline QString option(const QString& name, const QString& usual) {
  const auto arguments = QCoreApplication::arguments();
  const auto at = arguments.indexOf(name);
  return at >= 0 && at + 1 < arguments.size() ? arguments[at + 1] : usual;
}

}  // namespace dw::bench
