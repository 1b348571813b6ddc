// SPDX-License-Identifier: GPL-3.0-or-later
#include <cstdio>
#include <filesystem>
#include <memory>

#include "base/stop_signal.h"
#include "base/text_format.h"
#include "cli/command.h"
#include "cli/progress_line.h"
#include "data/sources/open_source.h"
#include "data/writers/convert.h"

namespace dw::cli {
namespace {

struct Options {
  std::string in, out;
  data::OpenOptions open;
  data::writers::ConvertSettings settings;
};

int convert(const Options& o) {
  catchStopSignals();
  std::shared_ptr<const data::LatentSource> source;
  bool done = false;
  {
    ProgressLine line;
    auto open = o.open;
    open.progress = [&line](const std::string& activity, double fraction) {
      line.show(activity, fraction);
      return stopSignalsSeen() == 0;
    };
    source = data::sources::openSource(o.in, open);
    done = data::writers::convertDataset(*source, o.out, o.settings,
                                         [&](double fraction) { return open.progress("converting", fraction); });
  }
  if (!done) {
    std::fprintf(stderr, "dwb: interrupted; nothing was written\n");
    return kInterrupted;
  }
  const auto& info = source->info();
  std::printf("%s: %s, %lld x %lld x %lld x %lld (crops, channels, height, width), %s\n", o.out.c_str(),
              countText(info.samples, "sample").c_str(), static_cast<long long>(info.crops),
              static_cast<long long>(info.channels), static_cast<long long>(info.height),
              static_cast<long long>(info.width), countText(std::filesystem::file_size(o.out), "byte").c_str());
  return kDone;
}

}  // namespace

std::function<int()> declareConvert(CLI::App& parser) {
  auto o = std::make_shared<Options>();
  parser.add_option("in", o->in, "dataset: a file, a folder, a pattern such as 'part-*.pt', or 'demo'")->required();
  parser.add_option("out", o->out, "new file; its ending chooses the format: .h5, .npz or .safetensors")->required();
  parser.add_option("--dataset", o->open.dataset, "which dataset inside the file; for pictures their side in pixels");
  parser.add_option("--axes", o->open.axes, "what each axis is, B T C H W, e.g. BHWC (default: guessed)");
  parser.add_option("--dtype", o->settings.dtype, "f16 or f32 (default: f16 for float16 data, else f32)");
  parser.add_option("--chunk", o->settings.chunk, "HDF5: samples in a chunk (default: one block, which reads fastest)");
  parser.add_flag("--force", o->settings.overwrite, "replace a file that is there");
  return [o] { return convert(*o); };
}

}  // namespace dw::cli
