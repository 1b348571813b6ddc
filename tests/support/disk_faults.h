// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <algorithm>
#include <cerrno>
#include <filesystem>
#include <fstream>
#include <map>
#include <memory>
#include <mutex>
#include <random>
#include <sstream>
#include <string>
#include <utility>
#include <vector>

#include "base/disk_hook.h"

namespace dw::test {

/// Puts a hook in place for as long as it lives.
class HookInPlace {
 public:
  explicit HookInPlace(DiskHook& hook) { setDiskHook(&hook); }
  ~HookInPlace() { setDiskHook(nullptr); }
  HookInPlace(const HookInPlace&) = delete;
  HookInPlace& operator=(const HookInPlace&) = delete;
};

/// Lets one disk call fail, the n-th from 0, or all from the n-th on.
class FailingDisk : public DiskHook {
 public:
  FailingDisk(int n, int code, bool allAfter) : n_(n), code_(code), allAfter_(allAfter) {}
  int before(DiskAction, const std::filesystem::path&, const std::filesystem::path&) override {
    const std::lock_guard lock(mutex_);
    const int now = calls_++;
    return now == n_ || (allAfter_ && now > n_) ? code_ : 0;
  }
  void after(DiskAction, const std::filesystem::path&, const std::filesystem::path&) override {}
  /// False: what was done ended before the n-th call.
  bool struck() const {
    const std::lock_guard lock(mutex_);
    return calls_ > n_;
  }

 private:
  mutable std::mutex mutex_;
  const int n_, code_;
  const bool allAfter_;
  int calls_ = 0;
};

/// A disk that loses its power at the n-th call. It knows what of a folder must have reached the disk by then: the data of
/// files that were synced, and names in folders that were synced. The rest may have reached it or not, in each folder from
/// the oldest change on (a model of what POSIX promises, no less harsh than ext4, xfs or btrfs).
class PowerCut : public DiskHook {
 public:
  /// What becomes of what was not synced.
  struct Luck {
    bool names = false, data = false;  ///< kept
    unsigned seed = 0;                 ///< not 0: each name and each file by chance instead, torn data among it
  };

  PowerCut(std::filesystem::path root, int n) : root_(std::move(root)), n_(n), tree_(load(root_)) {}

  int before(DiskAction, const std::filesystem::path&, const std::filesystem::path&) override {
    const std::lock_guard lock(mutex_);
    return calls_++ >= n_ ? EIO : 0;
  }

  void after(DiskAction action, const std::filesystem::path& path, const std::filesystem::path& to) override {
    const std::lock_guard lock(mutex_);
    if (calls_ > n_) return;  // a call of another thread that ended after the cut
    if (action == DiskAction::Sync && path == root_) return sync(*tree_);
    const auto parent = find(path.parent_path());
    if (!parent) return;
    const auto name = path.filename().string();
    auto& known = parent->live[name];
    const bool isNew = !known;
    if (isNew) known = std::make_shared<Node>();
    const auto node = known;
    if (action == DiskAction::MakeFolder) node->folder = true;
    const bool changed = action == DiskAction::Create || action == DiskAction::Write || action == DiskAction::Truncate;
    if (changed || (isNew && !node->folder)) node->now = read(path);
    if (action == DiskAction::Sync) sync(*node);
    if (action == DiskAction::Remove)
      change(*parent, {{name, nullptr}});
    else if (action == DiskAction::Rename)
      change(*parent, {{name, nullptr}, {to.filename().string(), node}});
    else if (isNew)
      change(*parent, {{name, node}});
  }

  bool struck() const {
    const std::lock_guard lock(mutex_);
    return calls_ > n_;
  }

  /// What stands on the disk when the power is back, written to a new folder.
  void rebuild(const std::filesystem::path& into, Luck luck) const {
    const std::lock_guard lock(mutex_);
    std::mt19937 random(luck.seed);
    rebuild(*tree_, into, luck, random);
  }

 private:
  struct Node;
  using Names = std::map<std::string, std::shared_ptr<Node>>;
  struct Node {
    bool folder = false;
    std::string now, synced;     ///< of a file
    Names live, durable;         ///< of a folder
    std::vector<Names> pending;  ///< changes of names since the last sync, each whole or not at all; null: gone
  };

  static std::string read(const std::filesystem::path& path) {
    std::ostringstream text;
    text << std::ifstream(path, std::ios::binary).rdbuf();
    return text.str();
  }

  static std::shared_ptr<Node> load(const std::filesystem::path& path) {
    auto node = std::make_shared<Node>();
    node->folder = std::filesystem::is_directory(path);
    if (!node->folder) {
      node->now = node->synced = read(path);
      return node;
    }
    for (const auto& entry : std::filesystem::directory_iterator(path))
      node->live[entry.path().filename().string()] = load(entry.path());
    node->durable = node->live;
    return node;
  }

  static void apply(const Names& change, Names& names) {
    for (const auto& [name, node] : change) {
      if (node)
        names[name] = node;
      else
        names.erase(name);
    }
  }

  static void change(Node& folder, const Names& change) {
    apply(change, folder.live);
    folder.pending.push_back(change);
  }

  static void sync(Node& node) {
    node.synced = node.now;
    for (const auto& change : node.pending) apply(change, node.durable);
    node.pending.clear();
  }

  std::shared_ptr<Node> find(const std::filesystem::path& path) const {
    auto node = tree_;
    const auto below = path.lexically_relative(root_);
    if (below.empty() || *below.begin() == "..") return nullptr;
    for (const auto& part : below) {
      if (part == ".") continue;
      const auto next = node->live.find(part.string());
      if (next == node->live.end()) return nullptr;
      node = next->second;
    }
    return node;
  }

  static std::string dataOf(const Node& file, const Luck& luck, std::mt19937& random) {
    if (luck.seed == 0) return luck.data ? file.now : file.synced;
    auto data = file.now;
    switch (random() % 4) {
      case 0: return file.now;
      case 1: return file.synced;
      case 2: data.resize(data.empty() ? 0 : random() % data.size()); break;  // cut off
      default: {                                                              // full length, but blocks never written
        const auto from = data.empty() ? 0 : random() % data.size();
        std::fill(data.begin() + static_cast<std::ptrdiff_t>(from), data.end(), '\0');
      }
    }
    // What was synced as a beginning of what is there now stays.
    if (file.now.starts_with(file.synced)) {
      data.resize(std::max(data.size(), file.synced.size()));
      std::copy(file.synced.begin(), file.synced.end(), data.begin());
    }
    return file.now == file.synced ? file.now : data;
  }

  static void rebuild(const Node& node, const std::filesystem::path& path, const Luck& luck, std::mt19937& random) {
    if (!node.folder) {
      std::ofstream(path, std::ios::binary) << dataOf(node, luck, random);
      return;
    }
    std::filesystem::create_directories(path);
    auto names = node.durable;
    auto kept = luck.names ? node.pending.size() : 0;
    if (luck.seed != 0) kept = random() % (node.pending.size() + 1);
    for (std::size_t i = 0; i < kept; ++i) apply(node.pending[i], names);
    for (const auto& [name, child] : names) rebuild(*child, path / name, luck, random);
  }

  const std::filesystem::path root_;
  const int n_;
  mutable std::mutex mutex_;
  int calls_ = 0;
  std::shared_ptr<Node> tree_;
};

/// The ways in which a power cut can go.
inline std::vector<PowerCut::Luck> everyLuck() {
  std::vector<PowerCut::Luck> all{{false, false, 0}, {true, false, 0}, {false, true, 0}, {true, true, 0}};
  for (unsigned seed = 1; seed <= 4; ++seed) all.push_back({false, false, seed});
  return all;
}

}  // namespace dw::test
