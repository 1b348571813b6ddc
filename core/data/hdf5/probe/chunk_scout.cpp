// SPDX-License-Identifier: GPL-3.0-or-later
#include "chunk_scout.h"

#if H5_VERSION_GE(1, 13, 0)
#include <H5FDdevelop.h>
#endif
#include <array>
#include <stdexcept>

namespace dw::h5probe {
namespace {

// The library's own driver, and a copy of it whose reading can be made to only note where numbers would be read.
const H5FD_class_t* plain = nullptr;
H5FD_class_t scout{};
bool scouting = false;
std::optional<data::hdf5::H5Place> noted;

herr_t readOrNote(H5FD_t* file, H5FD_mem_t type, hid_t transfer, haddr_t address, size_t size, void* buffer) {
  if (!scouting || type != H5FD_MEM_DRAW) return plain->read(file, type, transfer, address, size, buffer);
  noted = data::hdf5::H5Place{address, size};
  return 0;
}

}  // namespace

hid_t scoutingAccess(const char* path) {
  H5FD_t* file = H5FDopen(path, H5F_ACC_RDONLY, H5P_DEFAULT, HADDR_UNDEF);
  if (file == nullptr) throw std::runtime_error("the file could not be opened");
  plain = file->cls;  // lives as long as the library
  scout = *plain;
  H5FDclose(file);
  scout.name = "scout";
  scout.read = readOrNote;
  const hid_t driver = H5FDregister(&scout), access = H5Pcreate(H5P_FILE_ACCESS);
  if (driver < 0 || H5Pset_driver(access, driver, nullptr) < 0)
    throw std::runtime_error("the HDF5 library took no driver");
  return access;
}

std::optional<data::hdf5::H5Place> chunkPlace(hid_t dataset, std::int64_t index) {
  const hid_t space = H5Dget_space(dataset), properties = H5Dget_create_plist(dataset);
  std::array<hsize_t, H5S_MAX_RANK> shape{}, chunk{}, start{};
  const int rank = H5Sget_simple_extent_dims(space, shape.data(), nullptr);
  const bool chunked =
      H5Pget_layout(properties) == H5D_CHUNKED && H5Pget_chunk(properties, H5S_MAX_RANK, chunk.data()) == rank;
  H5Pclose(properties);
  H5Sclose(space);
  auto left = static_cast<hsize_t>(index);
  for (int axis = rank; chunked && index >= 0 && axis-- > 0;) {
    const auto k = static_cast<std::size_t>(axis);
    const auto count = shape[k] / chunk[k] + (shape[k] % chunk[k] != 0 ? 1 : 0);
    if (count == 0) return {};
    start[k] = left % count * chunk[k];
    left /= count;
  }
  if (!chunked || index < 0 || left != 0) return {};
  std::uint32_t filters = 0;
  char nothing = 0;  // never written to: readOrNote does not read
  noted.reset();
  scouting = true;
  const bool found = H5Dread_chunk(dataset, H5P_DEFAULT, start.data(), &filters, &nothing) >= 0;
  scouting = false;
  return found ? noted : std::nullopt;
}

}  // namespace dw::h5probe
