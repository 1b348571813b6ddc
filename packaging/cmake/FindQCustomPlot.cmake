# SPDX-License-Identifier: GPL-3.0-or-later
# QCustomPlot built for Qt 6 (Debian: libqcustomplot-dev, library QCustomPlotQt6). Result: QCustomPlot::QCustomPlot.
find_path(QCustomPlot_INCLUDE_DIR qcustomplot.h)
find_library(QCustomPlot_LIBRARY NAMES QCustomPlotQt6 qcustomplot-qt6)
include(FindPackageHandleStandardArgs)
find_package_handle_standard_args(QCustomPlot REQUIRED_VARS QCustomPlot_INCLUDE_DIR QCustomPlot_LIBRARY)
if(QCustomPlot_FOUND AND NOT TARGET QCustomPlot::QCustomPlot)
  add_library(QCustomPlot::QCustomPlot INTERFACE IMPORTED)
  target_include_directories(QCustomPlot::QCustomPlot SYSTEM INTERFACE ${QCustomPlot_INCLUDE_DIR})
  target_link_libraries(QCustomPlot::QCustomPlot INTERFACE ${QCustomPlot_LIBRARY} Qt6::Widgets Qt6::PrintSupport)
endif()
