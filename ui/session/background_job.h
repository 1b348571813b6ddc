// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QCoreApplication>
#include <QMetaObject>
#include <QPointer>
#include <QString>
#include <QThreadPool>
#include <exception>
#include <memory>
#include <utility>

#include "base/error.h"

namespace dw::ui {

/// Why a background job ended without a result, in words for the user.
struct JobFailure {
  QString sentence, remedy;
};

/// Runs call in the GUI thread if receiver still lives then. Any thread: the guard is only looked at in the GUI thread.
template <typename Receiver, typename Call>
void postTo(QPointer<Receiver> receiver, Call call) {
  QMetaObject::invokeMethod(
      QCoreApplication::instance(),
      [receiver, call = std::move(call)] {
        if (receiver) call();
      },
      Qt::QueuedConnection);
}

/// Runs work on a thread pool; then done(result) or failed(JobFailure) in the GUI thread, unless receiver is gone by
/// then. Whoever asks twice compares ids in done() and drops the stale answer: the latest wins. work captures by value.
template <typename Receiver, typename Work, typename Done, typename Failed>
void runInPool(QThreadPool* pool, Receiver* receiver, Work work, Done done, Failed failed) {
  pool->start([guard = QPointer<Receiver>(receiver), work = std::move(work), done = std::move(done),
               failed = std::move(failed)] {
    JobFailure failure;
    try {
      auto result = std::make_shared<decltype(work())>(work());
      postTo(guard, [done, result] { done(*result); });
      return;
    } catch (const Error& error) {
      failure = {QString::fromStdString(error.what()), QString::fromStdString(error.remedy())};
    } catch (const std::bad_alloc&) {
      failure = {QCoreApplication::translate("JobFailure", "There is not enough memory for this."),
                 QCoreApplication::translate("JobFailure", "Close other programs and try again.")};
    } catch (const std::exception& error) {
      failure = {QString::fromUtf8(error.what()), QString()};
    }
    postTo(guard, [failed, failure] { failed(failure); });
  });
}

/// The same on the pool that all share.
template <typename Receiver, typename Work, typename Done, typename Failed>
void runInBackground(Receiver* receiver, Work work, Done done, Failed failed) {
  runInPool(QThreadPool::globalInstance(), receiver, std::move(work), std::move(done), std::move(failed));
}

}  // namespace dw::ui
