// SPDX-License-Identifier: GPL-3.0-or-later
#include "run_folder/run_notes.h"

#include "base/atomic_file.h"
#include "base/error.h"
#include "base/file.h"
#include "config/recipe_json.h"

namespace dw::run_folder {
namespace {

constexpr int kFormat = 1;
constexpr std::size_t kLongest = 1U << 20;
constexpr const char* kFile = "notes.json";

nlohmann::json parse(const std::filesystem::path& path) {
  std::error_code absent;
  if (!std::filesystem::exists(path, absent)) return nlohmann::json::object();
  auto json = config::parseJson(readTextFile(path, 8 * kLongest), path);
  if (!json.is_object()) throw Error(ErrorKind::BadData, path, "these are not the notes of a run", "write them anew");
  return json;
}

RunNotes notesIn(const nlohmann::json& json) {
  const auto note = json.value("note", nlohmann::json()), archived = json.value("archived", nlohmann::json());
  return {.note = note.is_string() ? note.get<std::string>() : "",
          .archived = archived.is_boolean() && archived.get<bool>()};
}

/// What stands there and may be written over: damaged notes too, but never those of a newer program.
RunNotes replaceable(const std::filesystem::path& path) {
  nlohmann::json json;
  try {
    json = parse(path);
  } catch (const Error&) {
    return {};
  }
  config::refuseNewerFormat(json, kFormat, path, "the notes of this run");
  return notesIn(json);
}

}  // namespace

RunNotes readNotes(const std::filesystem::path& run) {
  const auto json = parse(run / kFile);
  config::refuseNewerFormat(json, kFormat, run / kFile, "the notes of this run");
  return notesIn(json);
}

void writeNotes(const std::filesystem::path& run, const RunNotes& notes) {
  const auto path = run / kFile;
  if (notes.note.size() > kLongest)
    throw Error(ErrorKind::Usage, path, "the note is longer than 1 MiB", "keep it in a file of its own");
  std::string text;
  try {
    text = nlohmann::json{{"format", kFormat}, {"note", notes.note}, {"archived", notes.archived}}.dump(1) + "\n";
  } catch (const nlohmann::json::exception&) {
    throw Error(ErrorKind::Usage, path, "the note is not UTF-8 text", "type it anew");
  }
  replaceable(path);
  writeFileAtomically(path, text);
}

void setNote(const std::filesystem::path& run, const std::string& note) {
  auto notes = replaceable(run / kFile);
  notes.note = note;
  writeNotes(run, notes);
}

void setArchived(const std::filesystem::path& run, bool archived) {
  auto notes = replaceable(run / kFile);
  notes.archived = archived;
  writeNotes(run, notes);
}

}  // namespace dw::run_folder
