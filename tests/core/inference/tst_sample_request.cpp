// SPDX-License-Identifier: GPL-3.0-or-later
#include <QTest>
#include <cmath>

#include "inference/sample_request.h"

using namespace dw;
using inference::ModelFacts;
using inference::SampleRequest;

namespace {

ModelFacts withClasses() {
  ModelFacts facts;
  facts.channels = 4;
  facts.height = facts.width = 8;
  facts.model.classCond = 3;
  facts.model.ctxDim = 0;
  return facts;
}

ModelFacts withContext() {
  auto facts = withClasses();
  facts.model.classCond = 0;
  facts.model.ctxDim = 2;
  facts.contextRows = 3;
  return facts;
}

/// Fields of all problems, one after the other.
std::string fields(const SampleRequest& request, const ModelFacts& facts) {
  std::string all;
  for (const auto& problem : inference::checkRequest(request, facts)) all += (all.empty() ? "" : " ") + problem.field;
  return all;
}

}  // namespace

/// What is wrong with a request, told without a model.
class TestSampleRequest : public QObject {
  Q_OBJECT

 private Q_SLOTS:
  void numbersOutOfRange() {
    QCOMPARE(fields({}, withClasses()), std::string());
    QCOMPARE(fields({.count = 0, .clip = -1.0, .batch = 0}, withClasses()), std::string("count batch clip"));
    QCOMPARE(fields({.count = 1'000'001}, withClasses()), std::string("count"));
    QCOMPARE(fields({.clip = std::nan("")}, withClasses()), std::string("clip"));
    auto odd = withClasses();
    odd.height = 9;
    QCOMPARE(fields({}, odd), std::string("height"));
  }

  void labels() {
    QCOMPARE(fields({.count = 2, .labels = {-1, 2}}, withClasses()), std::string());
    QCOMPARE(fields({.count = 2, .labels = {3}}, withClasses()), std::string("labels"));
    QCOMPARE(fields({.count = 2, .labels = {-2}}, withClasses()), std::string("labels"));
    QCOMPARE(fields({.count = 3, .labels = {0, 1}}, withClasses()), std::string("labels"));
    QCOMPARE(fields({.labels = {0}}, withContext()), std::string("labels"));
  }

  void contexts() {
    QCOMPARE(fields({.count = 2, .context = std::vector<float>(6)}, withContext()), std::string());
    QCOMPARE(fields({.count = 2, .context = std::vector<float>(12)}, withContext()), std::string());
    QCOMPARE(fields({.count = 2, .context = std::vector<float>(7)}, withContext()), std::string("context"));
    QCOMPARE(fields({.context = {1.0F}}, withClasses()), std::string("context"));
  }

  void guidanceNeedsACondition() {
    QCOMPARE(fields({.guidance = 2.0}, withClasses()), std::string("guidance"));
    QCOMPARE(fields({.guidance = 0.0}, withClasses()), std::string());
    QCOMPARE(fields({.guidance = 2.0, .labels = {1}}, withClasses()), std::string());
    QCOMPARE(fields({.guidance = std::nan(""), .labels = {1}}, withClasses()), std::string("guidance"));
    auto plain = withContext();
    plain.model.ctxDim = 0;
    QCOMPARE(fields({.guidance = 0.0}, plain), std::string("guidance"));
  }

  void theUsualSamplerGoesWithTheTarget() {
    auto facts = withClasses();
    QVERIFY(facts.defaultSampler() == config::SamplerKind::Ddim);
    facts.diffusion.target = config::Target::Flow;
    QVERIFY(facts.defaultSampler() == config::SamplerKind::Flow);
  }
};

QTEST_APPLESS_MAIN(TestSampleRequest)
#include "tst_sample_request.moc"
