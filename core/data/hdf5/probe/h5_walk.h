// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <hdf5.h>

#include <nlohmann/json.hpp>
#include <string>

namespace dw::h5probe {

/// Facts of every dataset that hard links reach (links to other files are never followed), as h5_protocol.h describes.
/// Throws std::runtime_error if the objects cannot be walked.
nlohmann::json walk(hid_t file);

/// What the HDF5 library itself says about its last failure: the innermost description.
std::string lastHdf5Error();

}  // namespace dw::h5probe
