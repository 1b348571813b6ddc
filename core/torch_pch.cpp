// SPDX-License-Identifier: GPL-3.0-or-later
// Exists so that CMake has a target on which to build the precompiled torch header that all tensor rooms share.
