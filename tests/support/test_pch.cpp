// SPDX-License-Identifier: GPL-3.0-or-later
// Compiled only so that CMake makes the header that the torch-free tests share precompiled (tests/CMakeLists.txt).
