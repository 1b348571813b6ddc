// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QCache>
#include <QPixmap>

#include "pictures/tile_painter.h"
#include "session/dataset/dataset_jobs.h"

namespace dw::ui {

/// Numbers and pictures of the samples that were seen lately. A change of look repaints a picture when it is next asked
/// for, out of the numbers: nothing is read, and what is not on the screen costs nothing.
class TileCache {
 public:
  explicit TileCache(int kibibytes) : tiles_(kibibytes) {}
  void insert(const PreviewTile& tile);
  bool contains(qint64 sample) const { return tiles_.contains(sample); }
  /// Every look stands for a generation: setLook makes pictures of earlier ones stale.
  void setLook(const TileLook& look);
  const PreviewTile* tile(qint64 sample) const;
  /// nullptr where nothing is known of the sample.
  const QPixmap* picture(qint64 sample);
  void clear() { tiles_.clear(); }
  qsizetype size() const { return tiles_.size(); }

 private:
  struct Entry {
    PreviewTile tile;
    QPixmap picture;
    quint64 generation = 0;
  };
  QCache<qint64, Entry> tiles_;  // by sample; cost in KiB
  TileLook look_;
  quint64 generation_ = 1;
};

}  // namespace dw::ui
