// SPDX-License-Identifier: GPL-3.0-or-later
// JSON that people share: a recipe file, and recipe.json and state.json of a run folder.
#include "config/recipe.h"
#include "config/recipe_json.h"
#include "fuzz_input.h"
#include "run_folder/checkpoint_store.h"
#include "run_folder/run_folder.h"

namespace {

namespace fs = std::filesystem;

/// A folder in which both names lead to the file in memory.
class Folder {
 public:
  explicit Folder(const fs::path& file) : path_(fs::temp_directory_path() / ("dwb-fuzz-" + file.filename().string())) {
    const auto own = fs::read_symlink("/proc/self").string();
    path_ += "-" + own;
    fs::create_directories(path_);
    for (const char* name : {"recipe.json", "state.json"}) fs::create_symlink(file, path_ / name);
  }
  ~Folder() {
    std::error_code ignored;
    fs::remove_all(path_, ignored);
  }
  Folder(const Folder&) = delete;
  Folder& operator=(const Folder&) = delete;
  const fs::path& path() const { return path_; }

 private:
  fs::path path_;
};

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const unsigned char* data, std::size_t size) {
  const auto& file = dw::fuzz::asFile(std::as_bytes(std::span(data, size)));
  static const Folder folder(file);
  dw::fuzz::refusalsOnly([&] {
    const auto recipe = dw::config::loadRecipe(file.string());
    dw::config::validate(recipe);
    dw::config::validateAgainst(recipe,
                                {.samples = 8, .crops = 1, .channels = 4, .height = 8, .width = 8, .classes = 0});
    dw::config::toLine(dw::config::toJson(recipe));
  });
  dw::fuzz::refusalsOnly([&] {
    const std::string_view text(reinterpret_cast<const char*>(data), size);
    dw::config::toJson(dw::config::modelSettingsFromJson(dw::config::parseJson(text, file)));
  });
  dw::fuzz::refusalsOnly([&] { dw::run_folder::readDescription(folder.path()); });
  dw::fuzz::refusalsOnly([&] { dw::run_folder::verify(folder.path()); });
  return 0;
}
