// SPDX-License-Identifier: GPL-3.0-or-later
#include <hdf5.h>

#include <algorithm>

#include "base/atomic_file.h"
#include "base/error.h"
#include "base/hdf5_lock.h"
#include "data/writers/dataset_writer.h"

namespace dw::data::writers {
namespace {

/// An HDF5 handle that closes itself; a negative one is an Error.
class Handle {
 public:
  Handle() = default;
  Handle(hid_t id, herr_t (*close)(hid_t), const std::filesystem::path& path) : id_(id), close_(close) {
    check(id, path);
  }
  ~Handle() { reset(); }
  Handle(const Handle&) = delete;
  Handle& operator=(const Handle&) = delete;
  Handle(Handle&& other) noexcept { *this = std::move(other); }
  Handle& operator=(Handle&& other) noexcept {
    std::swap(id_, other.id_);
    std::swap(close_, other.close_);
    return *this;
  }
  operator hid_t() const noexcept { return id_; }

  static void check(std::int64_t status, const std::filesystem::path& path) {
    if (status < 0)
      throw Error(ErrorKind::Io, path, "HDF5 could not write the file", "check that the disk has space left");
  }
  void reset() {
    if (id_ >= 0) close_(id_);
    id_ = -1;
  }

 private:
  hid_t id_ = -1;
  herr_t (*close_)(hid_t) = nullptr;
};

/// IEEE binary16, which HDF5 1.10 has no name for: sign bit 15, exponent 10..14 with bias 15, fraction 0..9.
hid_t makeHalfType() {
  const hid_t type = H5Tcopy(H5T_IEEE_F32LE);
  H5Tset_fields(type, 15, 10, 5, 0, 10);
  H5Tset_size(type, 2);
  H5Tset_ebias(type, 15);
  return type;
}

hid_t makeType(formats::NumberType type) {
  switch (type) {
    case formats::NumberType::Float16: return makeHalfType();
    case formats::NumberType::Int64: return H5Tcopy(H5T_STD_I64LE);
    case formats::NumberType::UInt8: return H5Tcopy(H5T_STD_U8LE);
    default: return H5Tcopy(H5T_IEEE_F32LE);
  }
}

std::vector<hsize_t> sizesOf(const std::vector<std::int64_t>& shape) { return {shape.begin(), shape.end()}; }

class Hdf5Writer : public DatasetWriter {
 public:
  explicit Hdf5Writer(DatasetToWrite dataset) : dataset_(std::move(dataset)) {
    const auto lock = lockHdf5();
    try {
      create();
    } catch (...) {
      close();  // while the lock is held
      throw;
    }
  }
  ~Hdf5Writer() override {
    const auto lock = lockHdf5();
    close();
  }
  Hdf5Writer(const Hdf5Writer&) = delete;
  Hdf5Writer& operator=(const Hdf5Writer&) = delete;

  void append(std::size_t array, std::span<const std::byte> numbers) override {
    const auto lock = lockHdf5();
    auto& set = sets_[array];
    auto count = sizesOf(dataset_.arrays[array].shape);
    count[0] = numbers.size() / dataset_.arrays[array].rowBytes();
    std::vector<hsize_t> start(count.size(), 0);
    start[0] = set.done;
    const Handle target(H5Dget_space(set.id), H5Sclose, dataset_.path);
    const Handle memory(H5Screate_simple(static_cast<int>(count.size()), count.data(), nullptr), H5Sclose,
                        dataset_.path);
    Handle::check(H5Sselect_hyperslab(target, H5S_SELECT_SET, start.data(), nullptr, count.data(), nullptr),
                  dataset_.path);
    Handle::check(H5Dwrite(set.id, set.type, memory, target, H5P_DEFAULT, numbers.data()), dataset_.path);
    set.done += count[0];
  }

  void finish() override {
    {
      const auto lock = lockHdf5();
      Handle::check(H5Fflush(file_, H5F_SCOPE_GLOBAL), dataset_.path);
      close();
    }
    syncPath(dataset_.path);
  }

 private:
  void create() {
    // When a disk refuses what HDF5 writes, the library (1.10) keeps a broken file open and crashes when the program ends and
    // it tidies up; so it must not tidy up. All that we open is closed by us.
    H5dont_atexit();
    H5Eset_auto2(H5E_DEFAULT, nullptr, nullptr);
    const auto& path = dataset_.path;
    file_ = Handle(H5Fcreate(path.c_str(), H5F_ACC_TRUNC, H5P_DEFAULT, H5P_DEFAULT), H5Fclose, path);
    for (const auto& array : dataset_.arrays) sets_.push_back(createSet(array));
  }

  struct Set {
    Handle type, id;
    hsize_t done = 0;  ///< rows written
  };

  Set createSet(const ArrayToWrite& array) {
    const auto& path = dataset_.path;
    Set set;
    set.type = Handle(makeType(array.type), H5Tclose, path);
    auto shape = sizesOf(array.shape);
    const Handle space(H5Screate_simple(static_cast<int>(shape.size()), shape.data(), nullptr), H5Sclose, path);
    const Handle properties(H5Pcreate(H5P_DATASET_CREATE), H5Pclose, path);
    Handle::check(H5Pset_fill_time(properties, H5D_FILL_TIME_NEVER), path);  // every number is written below
    if (array.chunk > 0) {
      shape[0] = static_cast<hsize_t>(std::min(array.chunk, array.shape[0]));
      Handle::check(H5Pset_chunk(properties, static_cast<int>(shape.size()), shape.data()), path);
    }
    set.id = Handle(H5Dcreate2(file_, array.name.c_str(), set.type, space, H5P_DEFAULT, properties, H5P_DEFAULT),
                    H5Dclose, path);
    return set;
  }
  /// HDF5 keeps a file open as long as anything in it is.
  void close() {
    sets_.clear();
    file_.reset();
  }

  DatasetToWrite dataset_;
  Handle file_;
  std::vector<Set> sets_;  ///< as dataset_.arrays
};

}  // namespace

std::unique_ptr<DatasetWriter> makeHdf5Writer(const DatasetToWrite& dataset) {
  return std::make_unique<Hdf5Writer>(dataset);
}

}  // namespace dw::data::writers
