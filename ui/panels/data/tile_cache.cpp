// SPDX-License-Identifier: GPL-3.0-or-later
#include "panels/data/tile_cache.h"

namespace dw::ui {

void TileCache::insert(const PreviewTile& tile) {
  const auto cost = 1 + 2 * tile.values->size() * sizeof(float) / 1024;  // numbers, and a picture of about the size
  tiles_.insert(tile.sample, new Entry{tile, {}, 0}, static_cast<int>(cost));
}

void TileCache::setLook(const TileLook& look) {
  look_ = look;
  ++generation_;
}

const PreviewTile* TileCache::tile(qint64 sample) const {
  const auto* entry = tiles_.object(sample);
  return entry ? &entry->tile : nullptr;
}

const QPixmap* TileCache::picture(qint64 sample) {
  auto* entry = tiles_.object(sample);
  if (!entry) return nullptr;
  if (entry->generation != generation_) {
    entry->picture = paintTile(entry->tile, look_);
    entry->generation = generation_;
  }
  return &entry->picture;
}

}  // namespace dw::ui
