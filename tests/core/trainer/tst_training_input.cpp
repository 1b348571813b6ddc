// SPDX-License-Identifier: GPL-3.0-or-later
#include <QTemporaryDir>
#include <QTest>
#include <algorithm>
#include <limits>

#include "../../support/pt_builder.h"
#include "data/dataset_identity.h"
#include "trainer/failure.h"
#include "trainer/training_input.h"

using namespace dw;
namespace fs = std::filesystem;
using trainer::InputRequest;
using trainer::TrainingInput;

/// A dataset on its way to a run or a trial: what is fitted, found, refused and left out.
class TestTrainingInput : public QObject {
  Q_OBJECT

  static constexpr int kSamples = 300, kOfOne = 4 * 8 * 8;  // more than a trial looks at

  QTemporaryDir home_;
  std::vector<std::string> activities_;
  std::vector<messages::Warning> warnings_;

  /// Channel c of [300, 4, 8, 8] has mean c and moves by c + 1; one of `bad` holds a NaN.
  std::string dataset(const std::string& name, const std::vector<int>& bad = {}, int constantChannel = -1) const {
    const auto path = fs::path(home_.path().toStdString()) / name;
    auto npy = test::npyHead("<f4", std::to_string(kSamples) + ", 4, 8, 8");
    for (int i = 0; i < kSamples * kOfOne; ++i) {
      const int sample = i / kOfOne, channel = i / 64 % 4;
      auto value = static_cast<float>(channel) + (i % 2 == 0 ? 1.0F : -1.0F) * static_cast<float>(channel + 1);
      if (channel == constantChannel) value = 2.5F;
      if (i % kOfOne == 70 && std::ranges::find(bad, sample) != bad.end())
        value = std::numeric_limits<float>::quiet_NaN();
      npy.append(reinterpret_cast<const char*>(&value), sizeof value);
    }
    test::writeFile(path, npy);
    return path.string();
  }
  static config::Recipe recipe() { return config::builtinRecipe("tiny"); }
  TrainingInput open(const InputRequest& request) {
    activities_.clear();
    warnings_.clear();
    return trainer::openTrainingInput(
        request,
        [this](const std::string& activity, double) {
          if (activities_.empty() || activities_.back() != activity) activities_.push_back(activity);
          return true;
        },
        [this](messages::Warning warning) { warnings_.push_back(std::move(warning)); });
  }
  bool told(const std::string& part) const {
    return std::ranges::any_of(activities_,
                               [&](const auto& activity) { return activity.find(part) != std::string::npos; });
  }
  /// What the user would be told.
  messages::Failed failureOf(const InputRequest& request) {
    try {
      open(request);
    } catch (...) {
      return trainer::describeFailure(std::current_exception(), 0);
    }
    return {.sentence = "it was taken", .remedy = {}};
  }

 private Q_SLOTS:
  void initTestCase() { QVERIFY(home_.isValid()); }

  void theRecipeIsFittedToTheData() {
    auto fits = recipe();
    fits.model.inputDim = 0;
    const auto input = open({.recipe = fits, .data = dataset("good.npy")});
    QCOMPARE(input.recipe.model.inputDim, std::int64_t{4});
    QCOMPARE(input.source->info().samples, std::int64_t{kSamples});
    QVERIFY(input.skipped.empty());
    QVERIFY(data::sameDataset(input.identity, data::toJson(data::datasetIdentity(*input.source))));
    QVERIFY(told("opening the dataset") && told("checking every number"));
  }

  void theWrongDataIsTheDatasetsFault() {
    const auto data = dataset("good.npy");
    auto other = recipe();
    other.model.inputDim = 3;
    const auto unfit = failureOf({.recipe = other, .data = data});
    QVERIFY2(unfit.inData, unfit.sentence.c_str());
    const auto gone = failureOf({.recipe = recipe(), .data = data + ".gone"});
    QVERIFY2(gone.inData, gone.sentence.c_str());
  }

  void anotherDatasetIsRefused() {
    const auto data = dataset("good.npy");
    const auto good = open({.recipe = recipe(), .data = data}).identity;
    QVERIFY(!open({.recipe = recipe(), .data = data, .mustBe = good}).identity.is_null());
    const auto failure = failureOf({.recipe = recipe(), .data = dataset("flat.npy", {}, 2), .mustBe = good});
    QVERIFY(failure.inData);
    QVERIFY2(failure.sentence.find("this is not the dataset the run was trained on") != std::string::npos,
             failure.sentence.c_str());
    QVERIFY(failure.kind == ErrorKind::BadData);
    QVERIFY(failureOf({.recipe = recipe(), .data = data, .mustBe = nlohmann::json()})
                .inData);  // of a run that does not know any more
  }

  void theScaleIsFoundOrKept() {
    const auto data = dataset("good.npy");
    auto standard = recipe();
    standard.data.standardize = true;
    standard.data.scale = 1.0;
    const auto found = open({.recipe = standard, .data = data}).scale;
    QCOMPARE(found.mean.size(), std::size_t{4});
    for (std::size_t c = 0; c < 4; ++c) {
      QVERIFY(std::abs(found.mean[c] - static_cast<double>(c)) < 1e-9);
      QVERIFY(std::abs(found.factor[c] - 1.0 / static_cast<double>(c + 1)) < 1e-9);
    }
    const data::ValueScale known{.mean = {1, 2, 3, 4}, .factor = {5, 6, 7, 8}};
    const auto kept = open({.recipe = standard, .data = data, .scale = data::toJson(known)}).scale;
    QVERIFY(kept == known);
  }

  void notFiniteIsRefusedOrLeftOut() {
    const auto data = dataset("bad.npy", {7, 8, 299});
    auto wanted = recipe();
    const auto failure = failureOf({.recipe = wanted, .data = data});
    QVERIFY(failure.kind == ErrorKind::BadData);
    QVERIFY2(failure.sentence.find("sample 7, crop 0, channel 1") != std::string::npos, failure.sentence.c_str());
    QVERIFY(!failure.inData);  // it is where it was
    wanted.data.skipNotFinite = true;
    for (const bool forRun : {true, false}) {
      QCOMPARE(open({.recipe = wanted, .data = data, .forRun = forRun}).skipped,
               (std::vector<std::int64_t>{7, 8, 299}));
    }
  }

  void aConstantChannelIsAWarning() {
    open({.recipe = recipe(), .data = dataset("flat.npy", {}, 2)});
    const auto about = std::ranges::count_if(warnings_, [](const auto& w) {
      return w.sentence.starts_with("channel 2 of the dataset has the same value (2.5) everywhere");
    });
    QCOMPARE(about, 1);
  }

  /// A trial looks at what it needs only.
  void aTrialReadsLittle() {
    const auto data = dataset("bad.npy", {299});
    auto plain = recipe();
    plain.data.standardize = false;
    const auto input = open({.recipe = plain, .data = data, .forRun = false});
    QCOMPARE(activities_, (std::vector<std::string>{"opening the dataset"}));
    QVERIFY(input.identity.is_null() && input.skipped.empty() && warnings_.empty());
    plain.data.standardize = true;
    const auto scaled = open({.recipe = plain, .data = data, .forRun = false});
    QVERIFY(told("looking at the dataset") && !told("into memory"));
    QCOMPARE(scaled.scale.mean.size(), std::size_t{4});
    QVERIFY(scaled.skipped.empty());
  }

  /// Given up at any of its activities, it is nobody's fault.
  void givenUp() {
    const auto data = dataset("good.npy");
    for (const char* at :
         {"opening the dataset", "reading the dataset into memory", "checking every number of the dataset"}) {
      std::string outcome = "taken";
      try {
        trainer::openTrainingInput({.recipe = recipe(), .data = data},
                                   [at](const std::string& activity, double) { return activity != at; });
      } catch (const trainer::DatasetError&) {
        outcome = "the dataset's fault";
      } catch (const Error& e) {
        outcome = e.kind() == ErrorKind::Cancelled ? "given up" : e.what();
      }
      QVERIFY2(outcome == "given up", (at + (": " + outcome)).c_str());
    }
  }

  void nobodyNeedListen() {
    QCOMPARE(trainer::openTrainingInput({.recipe = recipe(), .data = dataset("good.npy")}, {}).source->info().samples,
             std::int64_t{kSamples});
  }
};

QTEST_GUILESS_MAIN(TestTrainingInput)
#include "tst_training_input.moc"
