// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "data/hdf5/h5_reader.h"
#include "data/latent_source.h"
#include "formats/number_type.h"

namespace dw::data::hdf5 {

/// Number type of a dataset; nothing for types that are not read.
std::optional<formats::NumberType> typeOf(const H5Dataset& dataset);

/// The one asked for; else the one called latents; else the only fitting one. Throws Error BadData with the list of what
/// there is.
std::size_t chooseDataset(const std::vector<H5Dataset>& datasets, const std::filesystem::path& path,
                          const std::string& asked);

/// The dataset called `name` in the group that `latents` lies in, if it can be read.
std::optional<std::size_t> readableBeside(const std::vector<H5Dataset>& datasets, const std::string& latents,
                                          const std::string& name);

/// Refuses, by Error BadData, datasets whose numbers lie in other files, need a filter that is not there, or claim more than
/// the file can hold. info: path, bytes.
void refuseUnreadable(const H5Dataset& dataset, const SourceInfo& info, const std::string& what);

}  // namespace dw::data::hdf5
