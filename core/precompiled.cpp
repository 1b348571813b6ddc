// SPDX-License-Identifier: GPL-3.0-or-later
// Compiled only so that CMake makes the headers that the rooms without LibTorch share precompiled (CMakeLists.txt).
