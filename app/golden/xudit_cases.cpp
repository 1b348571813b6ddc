// SPDX-License-Identifier: GPL-3.0-or-later
#include "config/recipe_json.h"
#include "golden/cases.h"
#include "golden/gradient_case.h"
#include "model/xudit.h"

namespace dw::golden {

model::ForwardExtras extrasOf(const nlohmann::json& call, const Named& inputs) {
  const auto input = [&](const char* name) {
    const auto found = inputs.find(name);
    return found == inputs.end() ? torch::Tensor() : found->second;
  };
  model::ForwardExtras extras;
  extras.ctx = input("ctx");
  extras.posMap = input("pos_map");
  extras.r = input("r");
  extras.addonInfo = input("addon_info");
  extras.treadKeepIdx = input("tread_keep_idx");
  if (call.contains("tread_rate") && call["tread_rate"].is_number())
    extras.treadRate = call["tread_rate"].get<double>();
  extras.returnEncOut = call.contains("return_enc_out") && call["return_enc_out"] == true;
  return extras;
}

namespace {

PrecisionRun runIn(torch::ScalarType dtype, const Case& golden) {
  auto run = preparedRun(golden, dtype);
  const auto settings = config::modelSettingsFromJson(golden.manifest.at("config"));
  const auto model = std::make_shared<model::XUDiT>(settings);
  loadState(*model, golden, dtype);
  model->train(golden.manifest.at("call").at("training").get<bool>());

  const auto out = model->run(run.inputs.at("x"), run.inputs.at("t"), extrasOf(golden.manifest.at("call"), run.inputs));
  const auto loss = (out.y - run.inputs.at("target")).square().mean();
  loss.backward();
  run.outputs = {{"y", out.y}, {"loss", loss}};
  if (out.encOut.defined()) run.outputs["enc_out"] = out.encOut;
  collectGradients(model.get(), run);
  return run;
}

}  // namespace

Outcome runXudit(const Case& golden, TensorSink* computed) {
  Comparison comparison(golden.fullName());
  for (const auto dtype : {torch::kFloat64, torch::kFloat32}) {
    const auto run = runIn(dtype, golden);
    compareRun(golden, run, comparison);
    addToSink(run, computed);
  }
  return comparison.outcome();
}

}  // namespace dw::golden
