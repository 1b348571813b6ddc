// SPDX-License-Identifier: GPL-3.0-or-later
#include "formats/pt_file.h"

#include <algorithm>
#include <array>
#include <functional>
#include <map>
#include <set>

#include "base/error.h"
#include "base/text_format.h"
#include "formats/pickle_reader.h"
#include "formats/zip_directory.h"

namespace dw::formats {
namespace {

using Kind = PickleNode::Kind;
constexpr std::uint64_t kLargestPickle = 64ULL << 20;
constexpr std::uint64_t kOldMagic = 0x6A20F9469CFC6CULL;  // low 7 bytes of torch's legacy magic number
constexpr int kDeepest = 16;
constexpr std::size_t kLongestName = 1024;
constexpr std::size_t kMostForNames = 64U << 20;

struct Extent {
  std::uint64_t offset = 0, bytes = 0;
};
using Storages = std::function<Extent(const PickleNode& storage)>;

const char* kindName(Kind kind) {
  switch (kind) {
    case Kind::Tensor: return "tensor";
    case Kind::Dict: return "dict";
    case Kind::List: return "list";
    case Kind::Tuple: return "tuple";
    case Kind::Text: return "text";
    default: return "plain value";
  }
}

/// Walks dicts from the root and describes each tensor. Loops and repeats are cut: every dict is entered once.
class Collector {
 public:
  Collector(const Pickle& pickle, PtFile& out, bool bigEndian, Storages storages)
      : pickle_(pickle), out_(out), bigEndian_(bigEndian), storages_(std::move(storages)) {}

  void run() {
    out_.rootKind = kindName(pickle_[pickle_.root].kind);
    visit(pickle_.root, "", 0);
  }

 private:
  void visit(std::uint32_t index, const std::string& name, int depth) {
    const auto& node = pickle_[index];
    if (node.kind == Kind::Tensor) addTensor(node, name);
    if (node.kind != Kind::Dict || depth > kDeepest || !entered_.insert(index).second) return;
    for (std::size_t i = 0; i + 1 < node.items.size(); i += 2) {
      const auto& key = pickle_[node.items[i]];
      if (key.kind != Kind::Text) continue;
      charge(name.size() + key.text.size());
      if (depth == 0) out_.entries.push_back(key.text);
      visit(node.items[i + 1], name.empty() ? key.text : name + "." + key.text, depth + 1);
    }
  }

  /// A pickle may refer to one long name or one tensor in two bytes, any number of times, and each would be copied.
  void charge(std::size_t nameBytes) {
    constexpr std::size_t kForEachEntry = 256;
    charged_ += nameBytes + kForEachEntry;
    if (nameBytes > kLongestName || charged_ > kMostForNames) {
      throw Error(ErrorKind::BadData, out_.file->path(),
                  "the names in this file are too many or too long for those of tensors",
                  "save a dict of tensors with short names by torch.save");
    }
  }

  void addTensor(const PickleNode& node, const std::string& name) {
    const auto& storage = pickle_[static_cast<std::uint32_t>(node.integer)];
    const auto extent = storages_(storage);
    const auto size = sizeOf(storage.type);
    ArrayLayout layout{storage.type, bigEndian_, 0, node.shape, node.strides};
    const auto first = sum(static_cast<std::uint64_t>(node.offset), static_cast<std::uint64_t>(storage.offset));
    const auto bytes = first ? product(*first, size) : std::nullopt;
    const auto start = bytes ? sum(extent.offset, *bytes) : std::nullopt;
    if (!start) throw Error(ErrorKind::BadData, out_.file->path(), "the tensor '" + name + "' starts beyond any file");
    layout.byteOffset = *start;
    checkInside(layout, extent.offset, extent.bytes, out_.file->path(),
                name.empty() ? "the tensor" : "the tensor '" + name + "'");
    out_.tensors.push_back({name, std::move(layout)});
  }

  const Pickle& pickle_;
  PtFile& out_;
  const bool bigEndian_;
  const Storages storages_;
  std::set<std::uint32_t> entered_;
  std::size_t charged_ = 0;
};

/// torch.save never packs a record: one that is packed could unpack to a thousand times the file's size.
const ZipEntry& requireStored(const ZipEntry& entry, const std::string& what, const ReadFile& file) {
  if (entry.method == 0) return entry;
  throw Error(ErrorKind::BadData, file.path(), what + " are compressed, which torch.save never does",
              "save it again by torch.save");
}

void readZipLayout(PtFile& pt) {
  const auto& file = *pt.file;
  std::map<std::string, ZipEntry> records;
  for (auto& entry : readZipDirectory(file)) {
    const auto slash = entry.name.find('/');  // everything lies in one folder, whose name is free
    records[slash == std::string::npos ? entry.name : entry.name.substr(slash + 1)] = std::move(entry);
  }
  if (!records.contains("data.pkl")) {
    throw Error(ErrorKind::BadData, file.path(), "this zip file is not one of torch.save: it has no record 'data.pkl'",
                "save a dict of tensors by torch.save");
  }
  bool bigEndian = false;
  if (records.contains("byteorder")) {
    const auto order = readZipEntry(file, records["byteorder"], 16);
    bigEndian = !order.empty() && order[0] == std::byte{'b'};
  }
  const auto& description = requireStored(records["data.pkl"], "the contents of the record 'data.pkl'", file);
  const auto pickle = readPickle(readZipEntry(file, description, kLargestPickle), file.path(), description.dataOffset);
  Collector(pickle, pt, bigEndian, [&](const PickleNode& storage) {
    const auto found = records.find("data/" + storage.text);
    if (found == records.end()) {
      throw Error(ErrorKind::BadData, file.path(), "the numbers 'data/" + storage.text + "' of a tensor are missing",
                  "fetch the file again");
    }
    requireStored(found->second, "the numbers 'data/" + storage.text + "' of a tensor", file);
    return Extent{found->second.dataOffset, found->second.storedBytes};
  }).run();
}

/// Old layout: magic number, protocol version, facts of the machine, the object, the list of storage keys - five pickles -
/// then for each key a 64-bit count and the numbers.
void readOldLayout(PtFile& pt) {
  const auto& file = *pt.file;
  std::vector<std::byte> head(std::min(file.size(), kLargestPickle));
  file.read(0, head);
  std::size_t at = 0;
  const auto next = [&] {
    auto pickle = readPickle(std::span<const std::byte>(head).subspan(at), file.path(), at);
    at += pickle.bytes;
    return pickle;
  };
  const auto magic = next();
  if ((static_cast<std::uint64_t>(magic[magic.root].integer) & 0xFFFFFFFFFFFFFFULL) !=
      (kOldMagic & 0xFFFFFFFFFFFFFFULL)) {
    throw Error(ErrorKind::BadData, file.path(), "this is a pickle, but not one that torch.save wrote",
                "save a dict of tensors by torch.save");
  }
  next();  // protocol version
  next();  // byte order and sizes: files of big-endian machines are not met any more
  const auto object = next();
  const auto keys = next();
  std::map<std::string, NumberType> types;
  for (const auto& node : object.nodes) {
    if (node.kind == Kind::Storage) types[node.text] = node.type;
  }
  std::map<std::string, Extent> extents;
  std::uint64_t place = at;
  for (const auto item : keys[keys.root].items) {
    const auto type = types.find(keys[item].text);
    if (type == types.end())
      throw Error(ErrorKind::BadData, file.path(), "the list of storages does not fit the tensors",
                  "fetch the file again", place);
    std::uint64_t count = 0;
    file.read(place, std::as_writable_bytes(std::span(&count, 1)));
    const auto bytes = product(count, sizeOf(type->second));
    if (!bytes || *bytes > file.size() - place - 8) {
      throw Error(ErrorKind::BadData, file.path(), "a tensor's numbers go on behind the end of the file",
                  "it may be cut off: fetch it again", place);
    }
    extents[keys[item].text] = {place + 8, *bytes};
    place += 8 + *bytes;
  }
  Collector(object, pt, false, [&](const PickleNode& storage) {
    const auto found = extents.find(storage.text);
    if (found == extents.end())
      throw Error(ErrorKind::BadData, file.path(), "the numbers of a tensor are missing", "fetch the file again");
    return found->second;
  }).run();
}

}  // namespace

std::vector<std::int64_t> rowMajorStrides(const std::vector<std::int64_t>& shape) {
  std::vector<std::int64_t> strides(shape.size());
  std::uint64_t step = 1;  // unsigned: may wrap for impossible shapes, which checkInside refuses
  for (std::size_t i = shape.size(); i-- > 0; step *= static_cast<std::uint64_t>(shape[i]))
    strides[i] = static_cast<std::int64_t>(step);
  return strides;
}

void checkInside(const ArrayLayout& layout, std::uint64_t begin, std::uint64_t bytes, const std::filesystem::path& path,
                 const std::string& what) {
  const auto refuse = [&](const std::string& why) {
    throw Error(ErrorKind::BadData, path, what + " " + why,
                "the file may be cut off or damaged: fetch or save it again", begin);
  };
  std::optional<std::uint64_t> count = 1, last = 0;
  for (const auto size : layout.shape) {
    if (size < 0) refuse("has a negative size");
    count = count ? product(*count, static_cast<std::uint64_t>(size)) : count;
    if (!count) refuse("would have more numbers than any file holds");
  }
  if (*count == 0) return;
  for (std::size_t i = 0; i < layout.shape.size(); ++i) {
    if (layout.strides[i] < 0) refuse("has a negative stride");
    const auto reach =
        product(static_cast<std::uint64_t>(layout.shape[i] - 1), static_cast<std::uint64_t>(layout.strides[i]));
    last = reach && last ? sum(*last, *reach) : std::nullopt;
    if (!last) refuse("would reach beyond any file");
  }
  const auto numbers = sum(*last, 1);
  const auto need = numbers ? product(*numbers, sizeOf(layout.type)) : std::nullopt;
  const auto end = need ? sum(layout.byteOffset, *need) : std::nullopt;
  const auto limit = sum(begin, bytes);
  if (!end || !limit || layout.byteOffset < begin || *end > *limit) {
    refuse("needs more numbers than are stored for it (" + countText(bytes, "byte") + ")");
  }
}

PtFile readPtFile(const std::filesystem::path& path) {
  PtFile pt;
  pt.file = std::make_shared<const ReadFile>(path);
  std::array<std::byte, 2> head{};
  const auto got = pt.file->readSome(0, head);
  if (got == 0)
    throw Error(ErrorKind::BadData, path, "the file is empty", "it may still be being copied: fetch it again");
  if (head[0] == std::byte{'P'} && head[1] == std::byte{'K'}) {
    readZipLayout(pt);
  } else {
    readOldLayout(pt);
  }
  return pt;
}

}  // namespace dw::formats
