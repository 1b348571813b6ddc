// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

class QCoreApplication;

namespace dw::ui {

/// The words of the user's language where there is a translation, and the English plurals below them. Call once, before
/// the first widget.
void installTranslations(QCoreApplication* application);

}  // namespace dw::ui
