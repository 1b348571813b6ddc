# SPDX-License-Identifier: GPL-3.0-or-later
# Finds LibTorch without TorchConfig.cmake: the config of the PyPI wheel insists on a CUDA toolkit, while we link only
# torch_cpu and c10 and open libtorch_cuda at run time (core/training/device.cpp).
# Looks in Torch_DIR, CMAKE_PREFIX_PATH, DWB_TORCH_ROOT (variable or environment), the cache that packaging/ fills, and
# the system. A copy older than the asked version is passed over with a line that says so.
# Result: LibTorch_FOUND, LibTorch_VERSION, imported target LibTorch::LibTorch.
set(_roots ${DWB_TORCH_ROOT} $ENV{DWB_TORCH_ROOT})
if(Torch_DIR)
  get_filename_component(_from_config "${Torch_DIR}/../../.." ABSOLUTE)
  list(APPEND _roots ${_from_config})
endif()
foreach(_prefix IN LISTS CMAKE_PREFIX_PATH)
  list(APPEND _roots ${_prefix} ${_prefix}/torch)
endforeach()
if(DEFINED ENV{XDG_CACHE_HOME})
  file(GLOB _cached "$ENV{XDG_CACHE_HOME}/diffusion-workbench/torch-*/torch")
else()
  file(GLOB _cached "$ENV{HOME}/.cache/diffusion-workbench/torch-*/torch")
endif()
list(SORT _cached COMPARE NATURAL ORDER DESCENDING)
list(APPEND _roots ${_cached} /usr/local/libtorch /opt/libtorch /usr)

unset(LibTorch_ROOT_DIR)
foreach(_root IN LISTS _roots)
  find_file(_version_header NAMES torch/headeronly/version.h torch/version.h
            PATHS ${_root}/include ${_root}/include/torch/csrc/api/include NO_DEFAULT_PATH NO_CACHE)
  if(_version_header)
    file(STRINGS ${_version_header} _lines REGEX "TORCH_VERSION_(MAJOR|MINOR|PATCH) [0-9]+")
    string(REGEX REPLACE ".*MAJOR ([0-9]+).*MINOR ([0-9]+).*PATCH ([0-9]+).*" "\\1.\\2.\\3" _version "${_lines}")
    if(_version VERSION_LESS LibTorch_FIND_VERSION)
      message(STATUS "LibTorch ${_version} at ${_root} is passed over: ${LibTorch_FIND_VERSION} or newer is needed")
    elseif(NOT LibTorch_ROOT_DIR)
      set(LibTorch_ROOT_DIR ${_root})
      set(LibTorch_VERSION ${_version})
    endif()
  endif()
  unset(_version_header)
endforeach()

if(LibTorch_ROOT_DIR)
  find_library(LibTorch_CPU_LIBRARY torch_cpu PATHS ${LibTorch_ROOT_DIR}/lib NO_DEFAULT_PATH)
  find_library(LibTorch_C10_LIBRARY c10 PATHS ${LibTorch_ROOT_DIR}/lib NO_DEFAULT_PATH)
endif()
include(FindPackageHandleStandardArgs)
find_package_handle_standard_args(
  LibTorch REQUIRED_VARS LibTorch_ROOT_DIR LibTorch_CPU_LIBRARY LibTorch_C10_LIBRARY VERSION_VAR LibTorch_VERSION
  REASON_FAILURE_MESSAGE "run packaging/run.sh, which fetches it, or set DWB_TORCH_ROOT to a LibTorch folder")

if(LibTorch_FOUND AND NOT TARGET LibTorch::LibTorch)
  add_library(LibTorch::LibTorch INTERFACE IMPORTED)
  # The wheel's own SYSTEM includes keep our warnings out of its headers.
  target_include_directories(LibTorch::LibTorch SYSTEM INTERFACE
    ${LibTorch_ROOT_DIR}/include ${LibTorch_ROOT_DIR}/include/torch/csrc/api/include)
  # at::parallel_for is a template: without OpenMP in our own files it would run on one thread. The wheel brings the
  # libgomp it was built with; the linker finds the system's for the same name.
  # -fPIC as Qt asks for it too: a precompiled torch header serves only files compiled with the same setting.
  target_compile_options(LibTorch::LibTorch INTERFACE -fopenmp -fPIC)
  target_link_libraries(LibTorch::LibTorch INTERFACE ${LibTorch_CPU_LIBRARY} ${LibTorch_C10_LIBRARY} gomp)
endif()
