// SPDX-License-Identifier: GPL-3.0-or-later
// dwb runs verify | prune | note | rename | trash: care of runs that exist.
#include <cstdio>
#include <optional>
#include <set>

#include "base/error.h"
#include "base/text_format.h"
#include "cli/command.h"
#include "cli/print_json.h"
#include "cli/runs_command.h"
#include "run_folder/checkpoint_store.h"
#include "run_folder/liveness.h"
#include "run_folder/run_folder.h"
#include "run_folder/run_notes.h"
#include "run_library/run_actions.h"
#include "run_library/run_json.h"
#include "run_library/verify_run.h"

namespace dw::cli {
namespace {

int verify(const RunsOptions& o) {
  bool good = true;
  const auto shouldContinue = untilStopped("reading");
  for (const auto& name : o.names) {
    const auto run = o.find(name);
    const auto report = [&](const run_library::Verified& v) {
      if (o.json)
        printLine({{"run", run.filename().string()}, {"part", v.part}, {"good", v.good}, {"sentence", v.sentence}});
      else
        std::printf("%-6s %s/%s: %s\n", v.good ? "good" : "BAD", run.filename().c_str(), v.part.c_str(),
                    v.sentence.c_str());
    };
    good = run_library::verifyRun(run, report, shouldContinue) && good;
    if (wasStopped()) return kInterrupted;
  }
  return good ? kDone : kBadData;
}

int prune(const RunsOptions& o, const std::optional<std::int64_t>& keep) {
  const auto run = o.find(o.names[0]);
  const auto lock = run_folder::holdRun(run);
  run_folder::CheckpointStore store(run / "checkpoints");
  store.cleanUp();
  const auto before = store.listAll();
  if (before.empty()) return kDone;
  store.prune(keep.value_or(run_folder::readDescription(run).recipe.checkpoint.keep), before.back().step);
  std::set<std::int64_t> left;
  for (const auto& c : store.listAll()) left.insert(c.step);
  for (const auto& c : before) {
    if (left.contains(c.step)) continue;
    if (o.json)
      printLine({{"deleted", c.step}, {"bytes", c.bytes}});
    else
      std::printf("deleted the checkpoint of step %lld, %s\n", static_cast<long long>(c.step),
                  sizeText(c.bytes).c_str());
  }
  return kDone;
}

struct NoteOptions : RunsOptions {
  std::optional<std::string> text;
  bool archive = false, unarchive = false;
};

int note(const NoteOptions& o) {
  const auto run = o.find(o.names[0]);
  if (o.text) run_folder::setNote(run, *o.text);
  if (o.archive || o.unarchive) run_folder::setArchived(run, o.archive);
  const auto notes = run_folder::readNotes(run);
  if (o.json)
    printLine({{"run", run.filename().string()}, {"note", notes.note}, {"archived", notes.archived}});
  else
    std::printf("%s%s", notes.note.c_str(), notes.note.empty() || notes.note.ends_with('\n') ? "" : "\n");
  return kDone;
}

int rename(const RunsOptions& o, const std::string& name) {
  const auto path = run_library::renameRun(o.find(o.names[0]), name);
  if (o.json)
    printLine({{"folder", path.string()}});
  else
    std::printf("%s\n", path.c_str());
  return kDone;
}

struct TrashOptions : RunsOptions {
  bool list = false, empty = false;
  std::string restore;
};

int restore(const TrashOptions& o) {
  for (const auto& trashed : run_library::listTrash(o.runs(), false)) {  // newest first
    if (trashed.name != o.restore && trashed.folder.filename() != o.restore) continue;
    const auto path = run_library::restoreFromTrash(trashed.folder);
    if (o.json)
      printLine({{"folder", path.string()}});
    else
      std::printf("%s\n", path.c_str());
    return kDone;
  }
  throw Error(ErrorKind::Usage, "there is no run '" + o.restore + "' in the trash", "see dwb runs trash --list");
}

void printTrashed(const RunsOptions& o, const run_library::TrashedRun& run) {
  if (o.json)
    printLine(run_library::toJson(run));
  else
    std::printf("%s  %7s  %s\n", dateText(run.deleted).c_str(), sizeText(run.bytes).c_str(), run.name.c_str());
}

int trash(const TrashOptions& o) {
  if (!o.restore.empty()) return restore(o);
  for (const auto& name : o.names) printTrashed(o, run_library::moveToTrash(o.find(name)));
  if (o.list) {
    for (const auto& run : run_library::listTrash(o.runs())) printTrashed(o, run);
  }
  if (!o.empty) return kDone;
  const auto bytes = run_library::deleteForGood(run_library::listTrash(o.runs(), false), untilStopped("deleting"));
  const bool stopped = wasStopped();
  if (o.json)
    printLine({{"freed", bytes}});
  else
    std::printf("%s are free again\n", sizeText(bytes).c_str());
  return stopped ? kInterrupted : kDone;
}

}  // namespace

std::function<int()> declareRunsVerify(CLI::App& parser) {
  auto o = std::make_shared<RunsOptions>();
  addRunsOptions(parser, *o, Names::Some);
  return [o] { return verify(*o); };
}

std::function<int()> declareRunsPrune(CLI::App& parser) {
  auto o = std::make_shared<RunsOptions>();
  auto keep = std::make_shared<std::optional<std::int64_t>>();
  addRunsOptions(parser, *o, Names::One);
  parser.add_option("--keep", *keep, "newest checkpoints that stay (default: as its recipe says)")
      ->check(CLI::PositiveNumber);
  return [o, keep] { return prune(*o, *keep); };
}

std::function<int()> declareRunsNote(CLI::App& parser) {
  auto o = std::make_shared<NoteOptions>();
  addRunsOptions(parser, *o, Names::One);
  parser.add_option("--text", o->text, "the new note; without it the note is printed");
  parser.add_flag("--archive", o->archive, "put the run into the archive: lists leave it out");
  parser.add_flag("--unarchive", o->unarchive, "take it out again")->excludes("--archive");
  return [o] { return note(*o); };
}

std::function<int()> declareRunsRename(CLI::App& parser) {
  auto o = std::make_shared<RunsOptions>();
  auto name = std::make_shared<std::string>();
  addRunsOptions(parser, *o, Names::One);
  parser.add_option("name", *name, "the new name")->required();
  return [o, name] { return rename(*o, *name); };
}

std::function<int()> declareRunsTrash(CLI::App& parser) {
  auto o = std::make_shared<TrashOptions>();
  addRunsOptions(parser, *o, Names::Some);
  parser.get_option("run")->required(false);
  parser.add_flag("--list", o->list, "what is in the trash, with sizes");
  parser.add_option("--restore", o->restore, "bring this run back")->excludes("--list");
  parser.add_flag("--empty", o->empty, "delete all that is in the trash for good");
  return [o] {
    if (o->names.empty() && !o->list && !o->empty && o->restore.empty()) {
      throw Error(ErrorKind::Usage, "there is nothing to do", "name a run, or give --list, --restore or --empty");
    }
    return trash(*o);
  };
}

}  // namespace dw::cli
