// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <filesystem>
#include <string>

namespace dw::run_folder {

/// What the user says about a run; in notes.json of its folder: {"format":1,"note":"...","archived":false}.
struct RunNotes {
  std::string note;  ///< UTF-8
  bool archived = false;
  bool operator==(const RunNotes&) const = default;
};

/// A run without notes.json has empty ones. Throws Error BadData when it is damaged or of a newer format.
RunNotes readNotes(const std::filesystem::path& run);

/// Whole or not at all; may be done while the run is trained. Throws Error: Usage for a note that is not UTF-8 or longer
/// than 1 MiB, Io, DiskFull, and BadData if what stands there is of a newer format (it is left as it is).
void writeNotes(const std::filesystem::path& run, const RunNotes& notes);
void setNote(const std::filesystem::path& run, const std::string& note);
void setArchived(const std::filesystem::path& run, bool archived);

}  // namespace dw::run_folder
