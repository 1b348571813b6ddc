# SPDX-License-Identifier: GPL-3.0-or-later
# A room is one folder, one static library. Other rooms write `#include "room/file.h"`, and find it only if they link the
# room: each room's headers hang under an include root of its own (a link in the build folder), so that who may include
# whom is decided by what a target links, not by good will.

# dw_room(NAME [INCLUDE_AS path] [TORCH | TORCH_INSIDE] [SOURCES ...] [PUBLIC libs] [PRIVATE libs])
# Without SOURCES: every .cpp of the folder, so that a new file needs no line here.
# NAME base -> target dw_base, alias dw::base, headers as "base/...". A room in a sub-folder (ui/panels/data) passes
# INCLUDE_AS panels/data. TORCH: compiled with the shared precompiled torch header. TORCH_INSIDE: so are its sources, but its headers show no tensor.
# Other rooms are compiled with the precompiled headers of the target that the variable room_pch names.
function(dw_room name)
  cmake_parse_arguments(R "TORCH;TORCH_INSIDE" "INCLUDE_AS" "SOURCES;PUBLIC;PRIVATE" ${ARGN})
  if(NOT R_INCLUDE_AS)
    set(R_INCLUDE_AS ${name})
  endif()
  if(NOT R_SOURCES)
    file(GLOB R_SOURCES CONFIGURE_DEPENDS *.cpp)
  endif()
  set(root ${PROJECT_BINARY_DIR}/rooms/${name})
  get_filename_component(parent ${root}/${R_INCLUDE_AS} DIRECTORY)
  file(MAKE_DIRECTORY ${parent})
  file(CREATE_LINK ${CMAKE_CURRENT_SOURCE_DIR} ${root}/${R_INCLUDE_AS} SYMBOLIC)
  add_library(dw_${name} STATIC ${R_SOURCES})
  add_library(dw::${name} ALIAS dw_${name})
  target_include_directories(dw_${name} PUBLIC ${root})
  target_link_libraries(dw_${name} PUBLIC dw_flags ${R_PUBLIC} PRIVATE ${R_PRIVATE})
  if(R_TORCH)
    target_link_libraries(dw_${name} PUBLIC LibTorch::LibTorch)
    target_precompile_headers(dw_${name} REUSE_FROM dw_torch_pch)
  elseif(R_TORCH_INSIDE)
    target_precompile_headers(dw_${name} REUSE_FROM dw_torch_pch)
  elseif(room_pch)  # of the folder that the room stands in
    dwb_reuse_headers(dw_${name} ${room_pch})
  endif()
endfunction()

# dwb_precompiled(NAME library <header> ...)
# A target that has these headers precompiled, with the flags of the folder, for targets that link the same library.
function(dwb_precompiled name library)
  add_library(${name} OBJECT ${PROJECT_SOURCE_DIR}/packaging/cmake/precompiled.cpp)
  target_link_libraries(${name} PUBLIC dw_flags ${library})
  target_precompile_headers(${name} PRIVATE ${ARGN})
endfunction()

# dwb_reuse_headers(target pch): the precompiled headers of that target.
function(dwb_reuse_headers target pch)
  target_precompile_headers(${target} REUSE_FROM ${pch})
  if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
    target_compile_options(${target} PRIVATE -Wno-stringop-overflow -Wno-array-bounds)  # false alarms of GCC 12 where <string> is precompiled
  endif()
endfunction()

# dw_test(tst_name [TORCH] [GUI] [ONE_THREAD] [STARTS_PROGRAMS] [SOURCES extra.cpp] LIBS dw::room ... [LABELS unit])
# One Qt Test program from tst_name.cpp in this folder, registered with ctest under its labels (default: unit).
# ONE_THREAD: neither the test nor what it tests starts a thread, so ThreadSanitizer has nothing to find: left out of its build.
# STARTS_PROGRAMS: by QProcess, whose vfork marks the test as forked for ThreadSanitizer: it would refuse the next thread of
# QtTest's watchdog. Races are still reported, in the test and in the program.
function(dw_test name)
  cmake_parse_arguments(T "TORCH;GUI;ONE_THREAD;STARTS_PROGRAMS" "TIMEOUT" "SOURCES;LIBS;LABELS;ENVIRONMENT" ${ARGN})
  if(T_ONE_THREAD AND DWB_SANITIZE MATCHES "thread")
    return()
  endif()
  if(NOT T_LABELS)
    set(T_LABELS unit)
  endif()
  if(NOT T_TIMEOUT)
    set(T_TIMEOUT 300)
  endif()
  add_executable(${name} ${name}.cpp ${T_SOURCES})
  set_target_properties(${name} PROPERTIES AUTOMOC ON RUNTIME_OUTPUT_DIRECTORY ${PROJECT_BINARY_DIR}/tests)
  target_compile_definitions(${name} PRIVATE DWB_SOURCE_DIR="${PROJECT_SOURCE_DIR}" DWB_BIN_DIR="${CMAKE_RUNTIME_OUTPUT_DIRECTORY}")
  target_link_libraries(${name} PRIVATE dw_flags Qt6::Test ${T_LIBS})
  if(T_TORCH)
    target_precompile_headers(${name} REUSE_FROM dw_torch_test_pch)
  elseif(T_GUI)
    dwb_reuse_headers(${name} dw_ui_test_pch)
  else()
    dwb_reuse_headers(${name} dw_test_pch)
  endif()
  # Mostly empty: loading the precompiled header would be all that its compilation does.
  set_source_files_properties(${CMAKE_CURRENT_BINARY_DIR}/${name}_autogen/mocs_compilation.cpp PROPERTIES SKIP_PRECOMPILE_HEADERS ON)
  add_test(NAME ${name} COMMAND ${name})
  set_tests_properties(${name} PROPERTIES LABELS "${T_LABELS}" TIMEOUT ${T_TIMEOUT})
  if(T_GUI)
    list(APPEND T_ENVIRONMENT QT_QPA_PLATFORM=offscreen)
  endif()
  if(T_ENVIRONMENT)
    set_tests_properties(${name} PROPERTIES ENVIRONMENT "${T_ENVIRONMENT}")
  endif()
  if(DWB_SANITIZE MATCHES "thread")
    set(options "TSAN_OPTIONS=path_list_append:suppressions=${PROJECT_SOURCE_DIR}/tests/support/tsan.supp")
    if(T_STARTS_PROGRAMS)
      list(APPEND options "TSAN_OPTIONS=path_list_append:die_after_fork=0")
    endif()
    set_tests_properties(${name} PROPERTIES ENVIRONMENT_MODIFICATION "${options}")
  endif()
endfunction()
