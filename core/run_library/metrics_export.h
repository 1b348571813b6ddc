// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <filesystem>
#include <functional>

namespace dw::run_library {

/// Asked while something long is done, with the share that is done; false = stop it.
using ShouldContinue = std::function<bool(double fraction)>;

/// The steps that count as CSV (RFC 4180, decimal point, shortest digits that read back to the same number): step, loss,
/// lr, grad_norm, step_ms, its phases, samples_seen, active_s. Whole or not at all; false = stopped by shouldContinue. Throws Error.
bool exportCsv(const std::filesystem::path& run, const std::filesystem::path& csv,
               const ShouldContinue& shouldContinue = {});

/// The steps that count as a TensorBoard event file (records of TFRecord with masked CRC-32C, each an Event message): the
/// scalars loss, lr, grad_norm and step_ms with their wall_time. target: a file whose name holds ".tfevents", else a folder
/// to put one into. Whole or not at all; false = stopped by shouldContinue. Throws Error.
bool exportTensorBoard(const std::filesystem::path& run, const std::filesystem::path& target,
                       const ShouldContinue& shouldContinue = {});

}  // namespace dw::run_library
