// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <vector>

#include "base/error.h"
#include "config/recipe.h"
#include "data/latent_source.h"
#include "data/value_scale.h"
#include "messages/messages.h"

namespace dw::trainer {

/// A dataset as a run or a trial trains on it.
struct TrainingInput {
  std::shared_ptr<const data::LatentSource> source;
  config::Recipe recipe;              ///< fitted to the data
  data::ValueScale scale;             ///< from stored numbers to the model's
  std::vector<std::int64_t> skipped;  ///< samples with NaN or infinity, in rising order
  nlohmann::json identity;            ///< data/dataset_identity.h; null where nothing was to be kept
};

struct InputRequest {
  config::Recipe recipe;
  std::string data;                        ///< path of the dataset, or "demo"
  std::string axes{};                      ///< roles of its axes, where the recipe names none
  nlohmann::json scale{};                  ///< figures that are kept to; null = found in the data
  std::optional<nlohmann::json> mustBe{};  ///< identity that the dataset must have
  /// all of it is checked and, where that is small, read into memory. Else only what a trial needs
  bool forRun = true;
};

/// Told how far it is; false gives up, by Error Cancelled.
using InputProgress = std::function<bool(const std::string& activity, double fraction)>;

/// Told what is odd about the recipe or the data, as soon as it is seen.
using InputWarning = std::function<void(messages::Warning)>;

/// What is wrong is the dataset: it is not where it was, is another one, or does not fit the recipe.
class DatasetError : public Error {
 public:
  explicit DatasetError(const Error& error) : Error(error) {}
};

/// Opens the dataset, fits the recipe to it, checks both, and finds scale and samples to leave out. Throws Error: Usage, BadData,
/// Io, Cancelled; DatasetError where it is the dataset's fault.
TrainingInput openTrainingInput(const InputRequest& request, const InputProgress& progress,
                                const InputWarning& warn = {});

}  // namespace dw::trainer
