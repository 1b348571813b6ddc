// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <filesystem>
#include <memory>
#include <string>

#include "base/file_lock.h"
#include "base/problem.h"

namespace dw::run_library {

/// What is wrong with a name for a run (a path, a leading dot, control characters, ...); empty = good.
Problems checkRunName(const std::string& name);
/// As above, and whether it is taken below `runs`.
Problems checkRunName(const std::filesystem::path& runs, const std::string& name);

/// Gives the run's folder another name; returns where it is now. Throws Error: Busy while it is trained, Usage for a name
/// that checkRunName refuses, Io.
std::filesystem::path renameRun(const std::filesystem::path& run, const std::string& name);

/// A name that is free below `runs`: the wanted one, or with "-2", "-3", ... behind it.
std::string freeName(const std::filesystem::path& runs, const std::string& wanted);

}  // namespace dw::run_library
