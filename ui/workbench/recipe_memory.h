// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

namespace dw::ui {

class RecipeDraft;

/// The draft as the user left it, over the end of the program: the recipe it began as and the fields that differ.
void rememberRecipe(const RecipeDraft& draft);
void recallRecipe(RecipeDraft* draft);

}  // namespace dw::ui
