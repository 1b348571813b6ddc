// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <hdf5.h>

#include <filesystem>
#include <vector>

namespace dw::test {

struct H5Options {
  hid_t type = H5T_IEEE_F32LE;
  std::vector<hsize_t> shape{5, 2, 3, 4, 4};
  bool chunked = false;          ///< chunks of two along the first axis, packed
  std::vector<hsize_t> chunk{};  ///< chunks of this shape, not packed
  const char* name = "latents";
  hsize_t rowsWritten = 0;  ///< only so many along the first axis; 0: all
  float fill = 0.0F;        ///< value of what is not written
};

inline void writeH5(const std::filesystem::path& path, const std::vector<H5Options>& datasets,
                    const std::vector<float>& values) {
  const hid_t file = H5Fcreate(path.c_str(), H5F_ACC_TRUNC, H5P_DEFAULT, H5P_DEFAULT);
  const hid_t links = H5Pcreate(H5P_LINK_CREATE);
  H5Pset_create_intermediate_group(links, 1);
  for (const auto& options : datasets) {
    const hid_t space = H5Screate_simple(static_cast<int>(options.shape.size()), options.shape.data(), nullptr);
    const hid_t properties = H5Pcreate(H5P_DATASET_CREATE);
    auto chunk = options.shape;
    if (options.chunked) {
      chunk[0] = 2;
      H5Pset_chunk(properties, static_cast<int>(chunk.size()), chunk.data());
      H5Pset_shuffle(properties);
      H5Pset_deflate(properties, 4);
      H5Pset_fletcher32(properties);
    }
    if (!options.chunk.empty()) H5Pset_chunk(properties, static_cast<int>(options.chunk.size()), options.chunk.data());
    if (options.fill != 0.0F) H5Pset_fill_value(properties, H5T_NATIVE_FLOAT, &options.fill);
    const hid_t dataset = H5Dcreate2(file, options.name, options.type, space, links, properties, H5P_DEFAULT);
    auto written = options.shape;
    if (options.rowsWritten > 0) written[0] = options.rowsWritten;
    const hid_t part = H5Screate_simple(static_cast<int>(written.size()), written.data(), nullptr);
    const std::vector<hsize_t> zeros(written.size(), 0);
    H5Sselect_hyperslab(space, H5S_SELECT_SET, zeros.data(), nullptr, written.data(), nullptr);
    if (H5Sget_simple_extent_npoints(part) <= static_cast<hssize_t>(values.size()))
      H5Dwrite(dataset, H5T_NATIVE_FLOAT, part, space, H5P_DEFAULT, values.data());
    H5Sclose(part);
    H5Dclose(dataset);
    H5Pclose(properties);
    H5Sclose(space);
  }
  H5Pclose(links);
  H5Fclose(file);
}

inline hid_t float16Type() {
  const hid_t type = H5Tcopy(H5T_IEEE_F32LE);
  H5Tset_fields(type, 15, 10, 5, 0, 10);
  H5Tset_size(type, 2);
  H5Tset_ebias(type, 15);
  return type;
}

}  // namespace dw::test
