// SPDX-License-Identifier: GPL-3.0-or-later
#include <torch/torch.h>

#include <QTemporaryDir>
#include <QTest>
#include <fstream>

#include "base/error.h"
#include "weights/tensors/tensor_file.h"

using namespace dw;

class TestTensorFile : public QObject {
  Q_OBJECT

  QTemporaryDir folder_;
  std::filesystem::path path(const char* name) const {
    return std::filesystem::path(folder_.path().toStdString()) / name;
  }

 private Q_SLOTS:
  void roundTrip() {
    const auto base = torch::randn({6, 4});
    const training::NamedTensors written{{"a", base},
                                         {"transposed", base.t()},
                                         {"half", base.to(torch::kFloat16)},
                                         {"long", torch::arange(5)},
                                         {"empty", torch::empty({0, 3})},
                                         {"scalar", torch::tensor(3.5, torch::kFloat64)}};
    weights::tensors::writeTensors(path("t.safetensors"), written, {{"step", "5"}});
    const auto read = weights::tensors::readTensors(path("t.safetensors"));
    QCOMPARE(read.size(), written.size());
    for (const auto& [name, tensor] : written) {
      const auto found = std::find_if(read.begin(), read.end(), [&, n = name](const auto& r) { return r.name == n; });
      QVERIFY(found != read.end());
      QVERIFY(found->tensor.scalar_type() == tensor.scalar_type());
      QVERIFY(torch::equal(found->tensor, tensor));
    }
  }

  void cutFileIsRefused() {
    weights::tensors::writeTensors(path("cut.safetensors"), {{"a", torch::randn({100})}});
    const auto whole = std::filesystem::file_size(path("cut.safetensors"));
    for (std::uintmax_t size = 0; size < whole; size += 13) {
      std::filesystem::resize_file(path("cut.safetensors"), size);
      QVERIFY_THROWS_EXCEPTION(Error, weights::tensors::readTensors(path("cut.safetensors")));
      weights::tensors::writeTensors(path("cut.safetensors"), {{"a", torch::randn({100})}});
    }
  }
};

QTEST_APPLESS_MAIN(TestTensorFile)
#include "tst_tensor_file.moc"
