// SPDX-License-Identifier: GPL-3.0-or-later
#include "h5_walk.h"

#include <array>
#include <stdexcept>
#include <vector>

namespace dw::h5probe {
namespace {

using nlohmann::json;
constexpr std::size_t kMostObjects = 10'000;
constexpr int kMostRank = H5S_MAX_RANK;

const char* className(H5T_class_t kind) {
  switch (kind) {
    case H5T_INTEGER: return "integer";
    case H5T_FLOAT: return "float";
    case H5T_STRING: return "string";
    case H5T_COMPOUND: return "compound";
    case H5T_ENUM: return "enumeration";
    case H5T_ARRAY: return "array";
    case H5T_VLEN: return "list of varying length";
    case H5T_REFERENCE: return "reference";
    default: return "other";
  }
}

/// IEEE float16/32/64 or bfloat16, told by where sign, exponent and mantissa lie; empty for anything else.
std::string floatName(hid_t type) {
  std::size_t sign = 0, exponentAt = 0, exponentBits = 0, mantissaAt = 0, mantissaBits = 0;
  if (H5Tget_fields(type, &sign, &exponentAt, &exponentBits, &mantissaAt, &mantissaBits) < 0 || mantissaAt != 0 ||
      exponentAt != mantissaBits || sign != mantissaBits + exponentBits || H5Tget_offset(type) != 0 ||
      H5Tget_norm(type) != H5T_NORM_IMPLIED || H5Tget_ebias(type) != (std::size_t{1} << (exponentBits - 1)) - 1) {
    return {};
  }
  const std::array<std::size_t, 3> facts{H5Tget_size(type), exponentBits, mantissaBits};
  if (facts == std::array<std::size_t, 3>{2, 5, 10}) return "float16";
  if (facts == std::array<std::size_t, 3>{2, 8, 7}) return "bfloat16";
  if (facts == std::array<std::size_t, 3>{4, 8, 23}) return "float32";
  if (facts == std::array<std::size_t, 3>{8, 11, 52}) return "float64";
  return {};
}

std::string typeName(hid_t type, H5T_class_t kind) {
  const auto bits = std::to_string(8 * H5Tget_size(type));
  if (kind == H5T_INTEGER) return (H5Tget_sign(type) == H5T_SGN_NONE ? "uint" : "int") + bits;
  if (kind == H5T_FLOAT) {
    const auto name = floatName(type);
    return name.empty() ? "unusual float of " + bits + " bits" : name;
  }
  return className(kind);
}

json filtersOf(hid_t properties) {
  json filters = json::array();
  for (int i = 0; i < H5Pget_nfilters(properties); ++i) {
    unsigned flags = 0, config = 0;
    std::size_t count = 0;
    std::array<char, 128> name{};
    const auto id = H5Pget_filter2(properties, static_cast<unsigned>(i), &flags, &count, nullptr, name.size() - 1,
                                   name.data(), &config);
    if (id < 0) throw std::runtime_error("a filter cannot be read");
    const auto known = json(std::string(name.data())).dump(-1, ' ', false, json::error_handler_t::replace);
    filters.push_back({{"id", id}, {"name", json::parse(known)}, {"available", H5Zfilter_avail(id) > 0}});
  }
  return filters;
}

void addLayout(hid_t dataset, json& facts) {
  const hid_t properties = H5Dget_create_plist(dataset);
  if (properties < 0) throw std::runtime_error("a dataset's properties cannot be read");
  const auto layout = H5Pget_layout(properties);
  facts["layout"] = layout == H5D_CONTIGUOUS ? "contiguous"
                    : layout == H5D_CHUNKED  ? "chunked"
                    : layout == H5D_COMPACT  ? "compact"
                                             : "virtual";
  facts["external"] = H5Pget_external_count(properties) > 0;
  facts["filters"] = filtersOf(properties);
  const auto offset = layout == H5D_CONTIGUOUS ? H5Dget_offset(dataset) : HADDR_UNDEF;
  facts["offset"] = offset == HADDR_UNDEF ? std::int64_t{-1} : static_cast<std::int64_t>(offset);
  if (layout == H5D_CHUNKED) {
    std::array<hsize_t, kMostRank> chunk{};
    const int rank = H5Pget_chunk(properties, kMostRank, chunk.data());
    if (rank < 0) throw std::runtime_error("a dataset's chunks cannot be read");
    facts["chunk"] = std::vector<hsize_t>(chunk.begin(), chunk.begin() + rank);
  }
  H5Pclose(properties);
}

json factsOf(hid_t dataset, const std::string& name) {
  const hid_t space = H5Dget_space(dataset), type = H5Dget_type(dataset);
  if (space < 0 || type < 0) throw std::runtime_error("the dataset '" + name + "' cannot be read");
  std::array<hsize_t, kMostRank> shape{};
  const int rank = H5Sget_simple_extent_dims(space, shape.data(), nullptr);
  const auto kind = H5Tget_class(type);
  if (rank < 0 || kind == H5T_NO_CLASS)
    throw std::runtime_error("shape or type of the dataset '" + name + "' cannot be read");
  json facts{{"name", name}, {"class", className(kind)}, {"dtype", typeName(type, kind)}};
  facts["shape"] = std::vector<hsize_t>(shape.begin(), shape.begin() + rank);
  facts["big_endian"] = (kind == H5T_FLOAT || kind == H5T_INTEGER) && H5Tget_order(type) == H5T_ORDER_BE;
  addLayout(dataset, facts);
  H5Tclose(type);
  H5Sclose(space);
  return facts;
}

struct Visit {
  hid_t file;
  json datasets = json::array();
  std::size_t objects = 0;
  std::string failure = {};
};

/// Exceptions must not pass through the C library: they are kept and thrown after it.
herr_t onObject(hid_t, const char* name, const H5O_info_t* info, void* data) {
  auto& visit = *static_cast<Visit*>(data);
  try {
    if (++visit.objects > kMostObjects) throw std::runtime_error("the file holds more than 10000 objects");
    if (info->type != H5O_TYPE_DATASET) return 0;
    const hid_t dataset = H5Dopen2(visit.file, name, H5P_DEFAULT);
    if (dataset < 0) throw std::runtime_error("the dataset '" + std::string(name) + "' cannot be opened");
    visit.datasets.push_back(factsOf(dataset, name));
    H5Dclose(dataset);
    return 0;
  } catch (const std::exception& problem) {
    visit.failure = problem.what();
    return -1;
  }
}

}  // namespace

json walk(hid_t file) {
  Visit visit{.file = file};
#if H5_VERSION_GE(1, 12, 0)
  const auto done = H5Ovisit3(file, H5_INDEX_NAME, H5_ITER_NATIVE, onObject, &visit, H5O_INFO_BASIC);
#else
  const auto done = H5Ovisit1(file, H5_INDEX_NAME, H5_ITER_NATIVE, onObject, &visit);
#endif
  if (done < 0)
    throw std::runtime_error(visit.failure.empty() ? "its list of contents is damaged: " + lastHdf5Error()
                                                   : visit.failure);
  return visit.datasets;
}

std::string lastHdf5Error() {
  std::string text = "unknown reason";
  const auto keep = [](unsigned, const H5E_error2_t* error, void* data) -> herr_t {
    if (error->desc != nullptr) *static_cast<std::string*>(data) = error->desc;
    return 0;
  };
  H5Ewalk2(H5E_DEFAULT, H5E_WALK_DOWNWARD, keep, &text);
  return text;
}

}  // namespace dw::h5probe
