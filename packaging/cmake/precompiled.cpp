// SPDX-License-Identifier: GPL-3.0-or-later
// Compiled only so that CMake has a target on which to precompile headers (dwb_precompiled).
