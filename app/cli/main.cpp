// SPDX-License-Identifier: GPL-3.0-or-later
#include <array>
#include <cstdio>
#include <cstdlib>
#include <exception>
#include <filesystem>
#include <functional>
#include <new>

#include "base/error.h"
#include "base/malloc_tuning.h"
#include "base/standard_output.h"
#include "base/version.h"
#include "cli/command.h"
#include "trainer/failure.h"

namespace {

struct Row {
  const char* name;
  const char* summary;
  dw::cli::Declare declare;
};

constexpr std::array kCommands{
#ifdef DWB_WITH_TORCH
    Row{"train", "train a model on a dataset, or go on with a run", dw::cli::declareTrain},
    Row{"sample", "make pictures with a trained model", dw::cli::declareSample},
#endif
    Row{"noise", "show what noise makes of a sample at chosen timesteps", dw::cli::declareNoise},
    Row{"inspect", "say what a dataset, weight file or run holds, and what is wrong with it", dw::cli::declareInspect},
    Row{"convert", "write a dataset into a file of another format", dw::cli::declareConvert},
    Row{"runs", "list, look after, export and import runs", dw::cli::declareRuns},
#ifdef DWB_WITH_TORCH
    Row{"doctor", "say what this installation has and what is missing", dw::cli::declareDoctor},
    Row{"predict", "one forward pass, written to a file", dw::cli::declarePredict},
    Row{"golden", "compare with a folder of golden vectors", dw::cli::declareGolden},
#endif
};

int exitCodeOf(dw::ErrorKind kind) {
  switch (kind) {
    case dw::ErrorKind::Usage:
    case dw::ErrorKind::Busy: return dw::cli::kUsage;
    case dw::ErrorKind::Cancelled: return dw::cli::kInterrupted;
    case dw::ErrorKind::BadData:
    case dw::ErrorKind::Io: return dw::cli::kBadData;
    default: return dw::cli::kFailed;
  }
}

int runChosen(const std::function<int()>& chosen) {
  try {
    return chosen();
  } catch (const dw::Error& e) {
    dw::cli::printError(e);
    return exitCodeOf(e.kind());
  } catch (const std::filesystem::filesystem_error& e) {
    dw::cli::printError({dw::ErrorKind::Io, e.path1(), e.code().message(), "check that you may read and write there"});
    return dw::cli::kBadData;
  } catch (const std::bad_alloc&) {
    std::fprintf(stderr, "dwb: there is not enough memory for this\n     use a smaller batch or model\n");
    return dw::cli::kFailed;
  } catch (const std::exception& e) {
    const auto failure = dw::trainer::describeFailure(std::current_exception(), 0);
    if (failure.kind == dw::ErrorKind::OutOfMemory) {
      dw::cli::printError({failure.kind, failure.sentence, failure.remedy});
    } else {
      std::fprintf(stderr, "dwb: something unexpected failed: %s\n", e.what());
    }
    return dw::cli::kFailed;
  }
}

/// The code of a command of which not everything arrived that it printed.
int codeOfLostOutput(const std::string& command, int code) {
  const auto lost = dw::finishStandardOutput();
  if (!lost) return code;
  std::fprintf(stderr, "dwb: what was printed did not all get to its place: %s\n", lost->c_str());
  if (code != dw::cli::kDone) return code;
  return command == "train" ? dw::cli::kFailed : dw::cli::kBadData;
}

/// Ends the program without the destructors of its libraries: LibTorch takes a tenth of a second to take its operators back,
/// whatever the command was. The sanitizers tell what they found there, so under them the program ends as any other.
int leave(int code) {
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
  return code;
#else
  std::fflush(nullptr);
  std::_Exit(code);
#endif
}

}  // namespace

void dw::cli::printError(const Error& error) {
  std::fprintf(stderr, "dwb: %s\n", error.what());
  if (!error.remedy().empty()) std::fprintf(stderr, "     %s\n", error.remedy().c_str());
}

int main(int argc, char** argv) {
  dw::keepFreedMemory();
  dw::outliveClosedPipes();
  CLI::App app{"Diffusion Workbench on the command line: train small diffusion transformers and look into them.",
               "dwb"};
  app.set_version_flag("--version", std::string("dwb ") + dw::kProgramVersion);
  app.require_subcommand(1);
  std::function<int()> chosen;
  std::string command;
  for (const auto& row : kCommands) {
    auto* parser = app.add_subcommand(row.name, row.summary);
    parser->callback([&, name = row.name, run = row.declare(*parser)] {
      chosen = run;
      command = name;
    });
  }
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& e) {
    const int code = app.exit(e);  // prints help, version or the complaint
    return code == 0 ? dw::cli::kDone : dw::cli::kUsage;
  }
  const int code = runChosen(chosen);
  return leave(codeOfLostOutput(command, code));
}
