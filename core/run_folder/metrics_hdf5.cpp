// SPDX-License-Identifier: GPL-3.0-or-later
#include <hdf5.h>

#include <functional>
#include <string>
#include <vector>

#include "base/atomic_file.h"
#include "base/error.h"
#include "base/hdf5_lock.h"
#include "run_folder/measurement_files.h"
#include "run_folder/metrics_file.h"
#include "run_folder/rolling_z.h"

namespace dw::run_folder {
namespace {

constexpr int kFormat = 1;

/// Everything that stands in the file.
struct Measured {
  std::vector<messages::StepMetrics> steps;
  std::vector<messages::ValidationPoint> validation;
  std::vector<messages::UpdateRatio> ratios;
};

/// An HDF5 handle that closes itself; a negative one is an Error.
class Handle {
 public:
  Handle(hid_t id, herr_t (*close)(hid_t), const std::filesystem::path& path) : id_(id), close_(close) {
    if (id < 0)
      throw Error(ErrorKind::Io, path, "HDF5 could not put the metrics together",
                  "they stand in metrics.bin all the same");
  }
  ~Handle() { close_(id_); }
  Handle(const Handle&) = delete;
  Handle& operator=(const Handle&) = delete;
  operator hid_t() const noexcept { return id_; }

 private:
  hid_t id_;
  herr_t (*close_)(hid_t);
};

template <typename Value>
hid_t nativeType();
template <>
hid_t nativeType<std::int64_t>() {
  return H5T_NATIVE_INT64;
}
template <>
hid_t nativeType<double>() {
  return H5T_NATIVE_DOUBLE;
}
template <>
hid_t nativeType<float>() {
  return H5T_NATIVE_FLOAT;
}

/// Writes members of records as datasets of one group.
template <typename Row>
class Writer {
 public:
  Writer(hid_t group, const std::filesystem::path& path, const std::vector<Row>& rows)
      : file_(group), path_(path), rows_(rows) {}

  template <typename Value>
  void column(const char* name, Value Row::*member) const {
    write(name, valuesOf(member), 1);
  }

  void bins(const char* name, std::array<float, messages::kTimestepBins> Row::*member) const {
    std::vector<float> values;
    values.reserve(rows_.size() * messages::kTimestepBins);
    for (const auto& row : rows_) values.insert(values.end(), (row.*member).begin(), (row.*member).end());
    write(name, values, messages::kTimestepBins);
  }

  void spikes(const char* name, double Row::*member) const { write(name, rollingZ(valuesOf(member)), 1); }

 private:
  template <typename Value>
  std::vector<Value> valuesOf(Value Row::*member) const {
    std::vector<Value> values;
    values.reserve(rows_.size());
    for (const auto& row : rows_) values.push_back(row.*member);
    return values;
  }

  template <typename Value>
  void write(const char* name, const std::vector<Value>& values, hsize_t width) const {
    const hsize_t sizes[2] = {rows_.size(), width};
    const Handle space(H5Screate_simple(width == 1 ? 1 : 2, sizes, nullptr), H5Sclose, path_);
    const Handle dataset(H5Dcreate2(file_, name, nativeType<Value>(), space, H5P_DEFAULT, H5P_DEFAULT, H5P_DEFAULT),
                         H5Dclose, path_);
    if (!values.empty() && H5Dwrite(dataset, nativeType<Value>(), H5S_ALL, H5S_ALL, H5P_DEFAULT, values.data()) < 0) {
      throw Error(ErrorKind::Io, path_, std::string("HDF5 could not take the column ") + name,
                  "the metrics stand in metrics.bin all the same");
    }
  }

  hid_t file_;
  const std::filesystem::path& path_;
  const std::vector<Row>& rows_;
};

/// The attribute `format` of the file.
void writeFormat(hid_t file, const std::filesystem::path& path) {
  const Handle space(H5Screate(H5S_SCALAR), H5Sclose, path);
  const Handle format(H5Acreate2(file, "format", H5T_STD_I32LE, space, H5P_DEFAULT, H5P_DEFAULT), H5Aclose, path);
  if (H5Awrite(format, H5T_NATIVE_INT, &kFormat) < 0) {
    throw Error(ErrorKind::Io, path, "HDF5 could not put the metrics together",
                "they stand in metrics.bin all the same");
  }
}

/// What is measured now and then has groups of its own, with its steps.
void writeMeasurements(hid_t file, const std::filesystem::path& path, const Measured& measured) {
  const auto group = [&](const char* name) { return H5Gcreate2(file, name, H5P_DEFAULT, H5P_DEFAULT, H5P_DEFAULT); };
  const Handle validation(group("validation"), H5Gclose, path);
  const Writer points(validation, path, measured.validation);
  points.column("step", &messages::ValidationPoint::step);
  points.column("loss", &messages::ValidationPoint::loss);
  points.column("ms", &messages::ValidationPoint::ms);
  points.bins("by_bin", &messages::ValidationPoint::byBin);
  const Handle updates(group("update_ratio"), H5Gclose, path);
  const Writer ratios(updates, path, measured.ratios);
  ratios.column("step", &messages::UpdateRatio::step);
  ratios.column("ratio", &messages::UpdateRatio::ratio);
}

/// The whole file as bytes. It is built in memory: when a disk refuses what HDF5 writes, the library keeps a broken file open
/// and crashes at the end of the program (1.10.8), so it is not let near a disk.
std::vector<std::byte> fileImage(const std::filesystem::path& path, const Measured& measured) {
  constexpr std::size_t kGrowBy = 1U << 20;
  const Handle access(H5Pcreate(H5P_FILE_ACCESS), H5Pclose, path);
  if (H5Pset_fapl_core(access, kGrowBy, false) < 0) throw Error(ErrorKind::Internal, "HDF5 cannot work in memory");
  const Handle file(H5Fcreate(path.c_str(), H5F_ACC_TRUNC, H5P_DEFAULT, access), H5Fclose, path);
  writeFormat(file, path);
  const Writer out(file, path, measured.steps);
  out.column("step", &messages::StepMetrics::step);
  out.column("loss", &messages::StepMetrics::loss);
  out.column("lr", &messages::StepMetrics::lr);
  out.column("grad_norm", &messages::StepMetrics::gradNorm);
  out.column("step_ms", &messages::StepMetrics::stepMs);
  out.column("data_ms", &messages::StepMetrics::dataMs);
  out.column("forward_ms", &messages::StepMetrics::forwardMs);
  out.column("backward_ms", &messages::StepMetrics::backwardMs);
  out.column("optimizer_ms", &messages::StepMetrics::optimizerMs);
  out.column("rest_ms", &messages::StepMetrics::restMs);
  out.column("samples_seen", &messages::StepMetrics::samplesSeen);
  out.column("active_s", &messages::StepMetrics::activeS);
  out.bins("t_bin_loss_sum", &messages::StepMetrics::lossSum);
  out.bins("t_bin_count", &messages::StepMetrics::lossCount);
  out.spikes("loss_z", &messages::StepMetrics::loss);
  out.spikes("grad_norm_z", &messages::StepMetrics::gradNorm);
  writeMeasurements(file, path, measured);
  const auto size = H5Fflush(file, H5F_SCOPE_GLOBAL) < 0 ? -1 : H5Fget_file_image(file, nullptr, 0);
  std::vector<std::byte> image(size > 0 ? static_cast<std::size_t>(size) : 0);
  if (size <= 0 || H5Fget_file_image(file, image.data(), image.size()) != size) {
    throw Error(ErrorKind::Io, path, "HDF5 could not put the metrics together",
                "they stand in metrics.bin all the same");
  }
  return image;
}

}  // namespace

void exportMetricsToHdf5(const std::filesystem::path& metricsBin, const std::filesystem::path& hdf5) {
  const auto run = metricsBin.parent_path();
  const Measured measured{
      .steps = readMetrics(metricsBin), .validation = readValidation(run), .ratios = readUpdateRatios(run)};
  std::vector<std::byte> image;
  {
    const auto lock = lockHdf5();
    image = fileImage(hdf5, measured);
  }
  writeFileAtomically(hdf5, image);
}

}  // namespace dw::run_folder
