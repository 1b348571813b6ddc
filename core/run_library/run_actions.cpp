// SPDX-License-Identifier: GPL-3.0-or-later
#include "run_library/run_actions.h"

#include <nlohmann/json.hpp>

#include "base/atomic_file.h"
#include "base/error.h"
#include "run_folder/liveness.h"
#include "run_folder/run_folder.h"
#include "run_library/run_summary.h"

namespace dw::run_library {
namespace {

namespace fs = std::filesystem;

bool isUtf8(const std::string& text) {
  try {
    const auto quoted = nlohmann::json(text).dump();
    return quoted.size() >= text.size();
  } catch (const nlohmann::json::exception&) {
    return false;
  }
}

Problems problem(const char* sentence, const char* remedy) {
  return {{.field = "name", .severity = Severity::Error, .sentence = sentence, .remedy = remedy, .fix = {}}};
}

bool hasControlCharacter(const std::string& text) {
  for (const char c : text) {
    if (static_cast<unsigned char>(c) < 0x20 || c == 0x7F) return true;
  }
  return false;
}

}  // namespace

Problems checkRunName(const std::string& name) {
  constexpr std::size_t kLongest = 200;  // file systems take 255 bytes; the trash adds a time
  if (name.empty()) return problem("a run needs a name", "type one");
  if (name.find('/') != std::string::npos) return problem("a name cannot hold a '/'", "use '-' instead");
  if (name.front() == '.')
    return problem("a name cannot begin with a dot: such folders are hidden", "leave the dot out");
  if (name.front() == ' ' || name.back() == ' ')
    return problem("a name cannot begin or end with a space", "leave it out");
  if (hasControlCharacter(name) || !isUtf8(name))
    return problem("the name holds characters that no file name should", "type it anew");
  if (name.size() > kLongest) return problem("the name is too long", "use at most 200 bytes");
  return {};
}

Problems checkRunName(const fs::path& runs, const std::string& name) {
  auto problems = checkRunName(name);
  std::error_code ignored;
  if (problems.empty() && fs::exists(fs::symlink_status(runs / name, ignored))) {
    return problem("there is something of this name already", "choose another name");
  }
  return problems;
}

fs::path renameRun(const fs::path& run, const std::string& name) {
  auto target = run.parent_path() / name;
  if (name == run.filename().string()) return run;
  const auto lock = run_folder::holdRun(run);
  for (const auto& problem : checkRunName(run.parent_path(), name)) {
    throw Error(ErrorKind::Usage, run, "it cannot be named '" + name + "': " + problem.sentence, problem.remedy);
  }
  renameDurably(run, target);
  return target;
}

std::string freeName(const fs::path& runs, const std::string& wanted) {
  std::error_code ignored;
  auto name = wanted;
  for (int n = 2; fs::exists(fs::symlink_status(runs / name, ignored)); ++n) name = wanted + "-" + std::to_string(n);
  return name;
}

}  // namespace dw::run_library
