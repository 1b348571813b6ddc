# SPDX-License-Identifier: GPL-3.0-or-later
# Compiler-wide settings: the standard, warnings, sanitizers, ccache. Everything hangs on one interface target, dw_flags.
set(CMAKE_CXX_STANDARD 20)
set(CMAKE_CXX_STANDARD_REQUIRED ON)
set(CMAKE_CXX_EXTENSIONS OFF)
set(CMAKE_RUNTIME_OUTPUT_DIRECTORY ${PROJECT_BINARY_DIR}/bin)
if(NOT CMAKE_BUILD_TYPE)
  set(CMAKE_BUILD_TYPE Release CACHE STRING "" FORCE)
endif()

find_program(DWB_CCACHE ccache)
if(DWB_CCACHE AND NOT CMAKE_CXX_COMPILER_LAUNCHER)
  # pch_defines,time_macros: without them ccache refuses every file that uses a precompiled header.
  set(CMAKE_CXX_COMPILER_LAUNCHER
      ${CMAKE_COMMAND} -E env CCACHE_SLOPPINESS=pch_defines,time_macros,include_file_mtime,include_file_ctime ${DWB_CCACHE})
endif()

add_library(dw_flags INTERFACE)
target_compile_definitions(dw_flags INTERFACE QT_NO_KEYWORDS QT_NO_CAST_FROM_ASCII QT_NO_FOREACH)
target_compile_options(dw_flags INTERFACE -Wall -Wextra -Wpedantic -Wshadow -Wnon-virtual-dtor -Woverloaded-virtual)
if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
  # -Wno-restrict: false alarms of GCC 12 on std::string's operator+ (GCC bug 105651).
  target_compile_options(dw_flags INTERFACE -fpch-preprocess -Wno-restrict)
endif()
if(DWB_WERROR)
  target_compile_options(dw_flags INTERFACE -Werror)
endif()
if(DWB_SANITIZE)
  target_compile_options(dw_flags INTERFACE -fsanitize=${DWB_SANITIZE} -fno-omit-frame-pointer -fno-sanitize-recover=undefined)
  target_link_options(dw_flags INTERFACE -fsanitize=${DWB_SANITIZE})
endif()
if(DWB_FUZZ)
  if(NOT CMAKE_CXX_COMPILER_ID STREQUAL "Clang")
    message(FATAL_ERROR "DWB_FUZZ needs clang, which brings libFuzzer: set CMAKE_CXX_COMPILER to clang++-14 or newer")
  endif()
  target_compile_options(dw_flags INTERFACE -fsanitize=fuzzer-no-link)  # coverage, for every room
endif()
find_package(Threads REQUIRED)
target_link_libraries(dw_flags INTERFACE Threads::Threads)
