// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <filesystem>
#include <vector>

#include "messages/measurements.h"
#include "run_folder/record_file.h"

namespace dw::run_folder {

inline constexpr const char* kValidationFile = "validation.bin";
inline constexpr const char* kUpdatesFile = "updates.bin";
inline constexpr RecordKind kValidationKind{"DWBVALI1", sizeof(messages::ValidationPoint)};
inline constexpr RecordKind kUpdatesKind{"DWBUPDT1", sizeof(messages::UpdateRatio)};
static_assert(sizeof(messages::ValidationPoint) == 104 && sizeof(messages::UpdateRatio) == 16,
              "the files' formats depend on it");

/// Of a run folder, steps rising; empty where there is no such file. Throws Error BadData.
inline std::vector<messages::ValidationPoint> readValidation(const std::filesystem::path& run) {
  return readRecordsAs<messages::ValidationPoint>(run / kValidationFile, kValidationKind);
}
inline std::vector<messages::UpdateRatio> readUpdateRatios(const std::filesystem::path& run) {
  return readRecordsAs<messages::UpdateRatio>(run / kUpdatesFile, kUpdatesKind);
}

}  // namespace dw::run_folder
