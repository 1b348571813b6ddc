// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <filesystem>
#include <vector>

#include "run/measurements.h"
#include "run/record_file.h"

namespace dw::run {

inline constexpr const char* kValidationFile = "validation.bin";
inline constexpr const char* kUpdatesFile = "updates.bin";
inline constexpr RecordKind kValidationKind{"DWBVALI1", sizeof(ValidationPoint)};
inline constexpr RecordKind kUpdatesKind{"DWBUPDT1", sizeof(UpdateRatio)};
static_assert(sizeof(ValidationPoint) == 104 && sizeof(UpdateRatio) == 16, "the files' formats depend on it");

/// Of a run folder, steps rising; empty where there is no such file. Throws Error BadData.
inline std::vector<ValidationPoint> readValidation(const std::filesystem::path& run) {
  return readRecordsAs<ValidationPoint>(run / kValidationFile, kValidationKind);
}
inline std::vector<UpdateRatio> readUpdateRatios(const std::filesystem::path& run) {
  return readRecordsAs<UpdateRatio>(run / kUpdatesFile, kUpdatesKind);
}

}  // namespace dw::run
