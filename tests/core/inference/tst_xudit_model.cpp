// SPDX-License-Identifier: GPL-3.0-or-later
#include <QTemporaryDir>
#include <QTest>

#include <algorithm>
#include <cmath>
#include <fstream>
#include <new>

#include "base/error.h"
#include "data/plain_source.h"
#include "inference/networks/backend.h"
#include "inference/networks/checkpoint_model.h"
#include "run_folder/checkpoint_store.h"
#include "trainer/xudit/xudit_task.h"

using namespace dw;

namespace {

constexpr std::int64_t kSide = 8, kChannels = 2;

std::shared_ptr<const data::LatentSource> labelled(std::int64_t count = 60) {
  data::PlainSamples samples{.channels = kChannels,
                             .height = kSide,
                             .width = kSide,
                             .values = {},
                             .labels = {},
                             .classNames = {"low", "middle", "high"}};
  for (std::int64_t i = 0; i < count; ++i) {
    samples.labels.push_back(i % 3);
    for (std::int64_t p = 0; p < kChannels * kSide * kSide; ++p)
      samples.values.push_back(static_cast<float>(i % 3 - 1) + 0.3F * static_cast<float>(std::sin(i * 7 + p)));
  }
  return data::makePlainSource(std::move(samples));
}

config::Recipe recipe(config::Target target, config::TimestepKind timesteps = config::TimestepKind::Uniform) {
  auto r = config::builtinRecipe("quick");
  r.model.dim = 16;
  r.model.dimHead = 8;
  r.model.depth = 1;
  r.model.mlpDim = 32;
  r.model.inputDim = kChannels;
  r.model.classCond = 3;
  r.train.batch = 8;
  r.train.steps = 100;
  r.train.threads = 1;
  r.optim.warmup = 0;
  r.diffusion.target = target;
  r.diffusion.timesteps = timesteps;
  r.diffusion.labelDropout = 0.4;
  return r;
}

struct Training {
  explicit Training(const config::Recipe& r, const std::filesystem::path& checkpoint = {}, std::int64_t samples = 60)
      : live(config::initialLiveSettings(r)),
        task(trainer::xudit::makeXuditTask({.recipe = r,
                                            .data = labelled(samples),
                                            .scale = {.mean = {1.0, 2.0}, .factor = {0.5, 0.25}},
                                            .skipped = {},
                                            .checkpoint = checkpoint})) {
    task->prepare();
  }
  std::vector<double> steps(int count) {
    std::vector<double> losses;
    for (int i = 0; i < count; ++i) losses.push_back(task->step(live).loss);
    return losses;
  }
  config::LiveSettings live;
  std::unique_ptr<trainer::TrainingTask> task;
};

std::filesystem::path save(Training& training, std::int64_t step, const std::filesystem::path& run) {
  const auto snapshot = training.task->takeSnapshot(training.live);
  run_folder::CheckpointStore store(run / "checkpoints");
  return store.save(step, [&](const std::filesystem::path& folder) { snapshot->write(folder); }).folder;
}

double difference(const std::vector<float>& a, const std::vector<float>& b) {
  double largest = a.size() == b.size() && !a.empty() ? 0.0 : 1e9;
  for (std::size_t i = 0; i < std::min(a.size(), b.size()); ++i)
    largest = std::max(largest, static_cast<double>(std::abs(a[i] - b[i])));
  return largest;
}

}  // namespace

class TestXuditModel : public QObject {
  Q_OBJECT

  QTemporaryDir home_;
  std::filesystem::path checkpoint_;
  std::shared_ptr<const inference::Model> model_;

  std::filesystem::path path(const char* name) const { return home_.filePath(QString::fromLatin1(name)).toStdString(); }
  std::string refusal(const inference::SampleRequest& request) const {
    const auto problems = model_->check(request);
    return problems.empty() ? "" : problems.front().field;
  }

 private Q_SLOTS:
  void initTestCase();
  void checkpointTellsAll();
  void resumeIsBitExact_data();
  void resumeIsBitExact();
  void aFailedValidationLeavesTrainingAsItWas();
  void everySamplerEnds();
  void pictureDependsOnItsNumberOnly();
  void labelsAndGuidanceMatter();
  void statesArrive();
  void cancels();
  void refusals();
  void averagedAndPlainDiffer();
  void aCheckpointWithoutAnAverage();
  void weightFile();
  void aRestThatIsNoPatch();
  void shapeOfAnotherDataset();
  void aDamagedCheckpointIsRefused();
  void nowhere();
};

void TestXuditModel::initTestCase() {
  Training training(recipe(config::Target::Eps));
  training.steps(25);
  checkpoint_ = save(training, 25, path("run"));
  model_ = inference::networks::openModel(checkpoint_);
}

void TestXuditModel::checkpointTellsAll() {
  const auto& info = model_->facts();
  QCOMPARE(info.step, std::int64_t{25});
  QVERIFY(info.averaged);
  QCOMPARE(info.classes(), std::int64_t{3});
  QCOMPARE(info.classNames, (std::vector<std::string>{"low", "middle", "high"}));
  QCOMPARE(info.height, kSide);
  QCOMPARE(info.width, kSide);
  QCOMPARE(info.diffusion.target, config::Target::Eps);
  QCOMPARE(info.scale.mean, (std::vector<double>{1.0, 2.0}));
}

void TestXuditModel::resumeIsBitExact_data() {
  QTest::addColumn<int>("target");
  QTest::addColumn<int>("timesteps");
  for (const auto& target : config::choices<config::Target>()) {
    for (const auto& timesteps : config::choices<config::TimestepKind>()) {
      QTest::newRow((std::string(target.key) + " " + std::string(timesteps.key)).c_str())
          << static_cast<int>(target.value) << static_cast<int>(timesteps.value);
    }
  }
}

void TestXuditModel::resumeIsBitExact() {
  QFETCH(int, target);
  QFETCH(int, timesteps);
  auto r = recipe(static_cast<config::Target>(target), static_cast<config::TimestepKind>(timesteps));
  // With so few timesteps ten losses of each are soon measured: importance then really draws from them.
  r.schedule.steps = 4;
  Training straight(r);
  straight.steps(20);
  const auto folder = save(straight, 20, path("exact") / QTest::currentDataTag());
  const auto wanted = straight.steps(5);
  Training resumed(r, folder);
  QCOMPARE(resumed.steps(5), wanted);
}

/// Validation asks the model without dropping tokens; training must drop them again, whatever became of it.
void TestXuditModel::aFailedValidationLeavesTrainingAsItWas() {
  auto r = recipe(config::Target::Eps);
  r.model.tread = config::TreadSettings{.prevTrnsDepth = 1, .postTrnsDepth = 1, .dropoutRatio = 0.5};
  r.data.holdout = true;
  r.validation = {.every = 1, .samples = 20};
  Training undisturbed(r, {}, 600), disturbed(r, {}, 600);
  QVERIFY(undisturbed.task->validate([] { return true; }).has_value());
  QVERIFY_THROWS_EXCEPTION(std::bad_alloc, disturbed.task->validate([]() -> bool { throw std::bad_alloc(); }));
  QCOMPARE(disturbed.steps(3), undisturbed.steps(3));
}

void TestXuditModel::everySamplerEnds() {
  const auto backend = inference::networks::backend();
  for (const auto& choice : backend.samplers) {
    const auto result = model_->sample({.count = 2, .sampler = choice.kind, .steps = 5, .labels = {1}}).value();
    QCOMPARE(result.values.size(), static_cast<std::size_t>(2 * kChannels * kSide * kSide));
    QVERIFY(std::ranges::all_of(result.values, [](float x) { return std::isfinite(x); }));
  }
}

void TestXuditModel::pictureDependsOnItsNumberOnly() {
  for (const auto sampler : {config::SamplerKind::Ddim, config::SamplerKind::Ddpm}) {
    const inference::SampleRequest all{.count = 5, .sampler = sampler, .steps = 6, .labels = {2}, .seed = 4};
    auto inPieces = all;
    inPieces.batch = 2;
    auto last = all;
    last.first = 4;
    last.count = 1;
    const auto values = model_->sample(all).value().values;
    QVERIFY(difference(values, model_->sample(inPieces).value().values) < 1e-3);
    const std::vector<float> fifth(values.end() - kChannels * kSide * kSide, values.end());
    QVERIFY(difference(fifth, model_->sample(last).value().values) < 1e-3);
    auto other = all;
    other.seed = 5;
    QVERIFY(difference(values, model_->sample(other).value().values) > 0.1);
  }
}

void TestXuditModel::labelsAndGuidanceMatter() {
  inference::SampleRequest request{.count = 3, .steps = 8, .labels = {0}};
  const auto low = model_->sample(request).value().values;
  request.guidance = 3.0;
  const auto guided = model_->sample(request).value().values;
  request.guidance = 0.0;
  const auto toldNothing = model_->sample(request).value().values;
  QVERIFY(difference(low, guided) > 1e-4);
  QVERIFY(difference(low, toldNothing) > 1e-4);
  request.guidance = 1.0;
  request.labels = {-1};
  QVERIFY(difference(toldNothing, model_->sample(request).value().values) < 1e-4);
  request.labels.clear();
  QVERIFY(difference(toldNothing, model_->sample(request).value().values) < 1e-4);
  request.labels = {0, 1, 2};
  const auto each = model_->sample(request).value().values;
  const auto first = static_cast<std::ptrdiff_t>(kChannels * kSide * kSide);
  QVERIFY(difference({low.begin(), low.begin() + first}, {each.begin(), each.begin() + first}) < 1e-3);
  QVERIFY(difference({low.begin() + first, low.end()}, {each.begin() + first, each.end()}) > 1e-4);
}

void TestXuditModel::statesArrive() {
  std::vector<std::int64_t> steps, firsts;
  bool whole = true;
  std::vector<float> lastX;
  const auto result = model_->sample(
      {.count = 3, .sampler = config::SamplerKind::Euler, .steps = 4, .labels = {1}, .batch = 2},
      [&](const inference::SampleState& s) {
        steps.push_back(s.step);
        firsts.push_back(s.first);
        const auto size = static_cast<std::size_t>(s.count * kChannels * kSide * kSide);
        whole = whole && s.x.size() == size && s.x0.size() == size && s.steps == 4 && s.t >= 0.0 && s.t < 1000.0;
        lastX.assign(s.x.begin(), s.x.end());
        return true;
      });
  QVERIFY(whole);
  QCOMPARE(steps, (std::vector<std::int64_t>{1, 2, 3, 4, 1, 2, 3, 4}));
  QCOMPARE(firsts, (std::vector<std::int64_t>{0, 0, 0, 0, 2, 2, 2, 2}));
  QCOMPARE(difference(lastX, {result->values.end() - static_cast<std::ptrdiff_t>(lastX.size()), result->values.end()}),
           0.0);
}

void TestXuditModel::cancels() {
  int states = 0;
  const auto result =
      model_->sample({.count = 2, .steps = 10}, [&](const inference::SampleState&) { return ++states < 3; });
  QVERIFY(!result);
  QCOMPARE(states, 3);
  std::stop_source stop;
  stop.request_stop();
  states = 0;
  QVERIFY(!model_->sample(
      {.count = 2, .steps = 10}, [&](const inference::SampleState&) { return ++states > 0; }, stop.get_token()));
  QCOMPARE(states, 0);
}

void TestXuditModel::refusals() {
  QCOMPARE(refusal({}), std::string());
  QCOMPARE(refusal({.steps = 2000}), std::string("steps"));
  QCOMPARE(refusal({.count = 0}), std::string("count"));
  QCOMPARE(refusal({.labels = {3}}), std::string("labels"));
  QCOMPARE(refusal({.count = 4, .labels = {0, 1}}), std::string("labels"));
  QCOMPARE(refusal({.guidance = 2.0}), std::string("guidance"));
  QCOMPARE(refusal({.guidance = std::nan(""), .labels = {0}}), std::string("guidance"));
  QCOMPARE(refusal({.context = {1.0F}}), std::string("context"));
  QVERIFY_THROWS_EXCEPTION(Error, model_->sample({.count = 0}));
  auto r = recipe(config::Target::Eps);
  r.model.classCond = 0;
  Training plain(r);
  plain.steps(1);
  const auto model = inference::networks::openModel(save(plain, 1, path("plain")));
  QCOMPARE(model->check({.guidance = 2.0}).front().field, std::string("guidance"));
  QCOMPARE(model->check({.labels = {0}}).front().field, std::string("labels"));
}

void TestXuditModel::averagedAndPlainDiffer() {
  const auto plain = inference::networks::openModel(checkpoint_, {.weights = inference::WeightChoice::Last});
  QVERIFY(!plain->facts().averaged);
  const inference::SampleRequest request{.count = 1, .steps = 4, .labels = {1}};
  QVERIFY(difference(plain->sample(request).value().values, model_->sample(request).value().values) > 1e-5);
}

void TestXuditModel::aCheckpointWithoutAnAverage() {
  const auto folder = path("no average");
  std::filesystem::copy(checkpoint_, folder);
  std::filesystem::remove(folder / "ema.safetensors");
  using inference::WeightChoice;
  QVERIFY(!inference::networks::openModel(folder, {.verify = false})->facts().averaged);
  QVERIFY_THROWS_EXCEPTION(
      Error, inference::networks::openModel(folder, {.weights = WeightChoice::Averaged, .verify = false}));
}

void TestXuditModel::weightFile() {
  const auto& info = model_->facts();
  const auto file = inference::networks::openModel(
      checkpoint_ / "model.safetensors",
      {.schedule = info.schedule, .diffusion = info.diffusion, .height = kSide, .width = kSide});
  const inference::SampleRequest request{.count = 1, .steps = 4, .labels = {1}};
  const auto plain = inference::networks::openModel(checkpoint_, {.weights = inference::WeightChoice::Last});
  QCOMPARE(difference(plain->sample(request).value().values, file->sample(request).value().values), 0.0);
}

void TestXuditModel::aRestThatIsNoPatch() {
  const auto& info = model_->facts();
  const auto file = inference::networks::openModel(
      checkpoint_ / "model.safetensors",
      {.schedule = info.schedule, .diffusion = info.diffusion, .height = kSide + 1, .width = kSide});
  const auto problems = file->check({.count = 1, .steps = 2});
  QCOMPARE(problems.size(), std::size_t{1});
  QCOMPARE(problems.front().field, std::string("height"));
  QVERIFY_THROWS_EXCEPTION(Error, file->sample({.count = 1, .steps = 2}));
}

void TestXuditModel::shapeOfAnotherDataset() {
  QVERIFY(inference::compareShapes(model_->facts(), {.channels = kChannels, .height = kSide, .width = kSide}).empty());
  QCOMPARE(inference::compareShapes(model_->facts(), {.channels = 4, .height = 32, .width = 32}).front().field,
           std::string("checkpoint"));
}

/// One bit of a weight is another one: the file opens all the same, and only its hash tells.
void TestXuditModel::aDamagedCheckpointIsRefused() {
  const auto folder = path("damaged");
  std::filesystem::copy(checkpoint_, folder, std::filesystem::copy_options::recursive);
  QVERIFY(inference::networks::openModel(folder) != nullptr);
  std::fstream weights(folder / "model.safetensors", std::ios::binary | std::ios::in | std::ios::out);
  weights.seekg(-1, std::ios::end);
  const auto last = static_cast<char>(weights.get() ^ 1);
  weights.seekp(-1, std::ios::end);
  weights.put(last);
  weights.close();
  try {
    inference::networks::openModel(folder);
    QFAIL("it was opened");
  } catch (const Error& e) {
    QCOMPARE(e.kind(), ErrorKind::BadData);
    QVERIFY(std::string(e.what()).find("its hash differs") != std::string::npos);
  }
}

void TestXuditModel::nowhere() {
  QVERIFY_THROWS_EXCEPTION(Error, inference::networks::openModel(path("not there")));
  QVERIFY_THROWS_EXCEPTION(Error, inference::networks::openModel(path("run") / "checkpoints"));
  std::ofstream(path("text.safetensors")) << "no weights";
  QVERIFY_THROWS_EXCEPTION(Error, inference::networks::openModel(path("text.safetensors")));
}

QTEST_APPLESS_MAIN(TestXuditModel)
#include "tst_xudit_model.moc"
