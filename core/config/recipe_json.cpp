// SPDX-License-Identifier: GPL-3.0-or-later
#include "config/recipe_json.h"

#include <filesystem>

#include "base/error.h"
#include "config/field_text.h"
#include "config/recipe_fields.h"

namespace dw::config {
namespace {

using nlohmann::json;
constexpr int kFormat = 1;

json fieldValue(const Field& field, const Recipe& recipe) {
  const auto text = field.get(recipe);
  switch (field.kind) {
    case FieldKind::Integer:
    case FieldKind::Number:
    case FieldKind::Flag: return json::parse(text);
    case FieldKind::IntegerList: return json::parse("[" + text + "]");
    case FieldKind::Choice:
    case FieldKind::Text: break;
  }
  return text;
}

json& at(json& root, const std::string& dottedKey) {
  json* node = &root;
  std::size_t begin = 0;
  for (auto dot = dottedKey.find('.'); dot != std::string::npos; dot = dottedKey.find('.', begin)) {
    node = &(*node)[dottedKey.substr(begin, dot - begin)];
    begin = dot + 1;
  }
  return (*node)[dottedKey.substr(begin)];
}

std::string valueText(const json& value) {
  if (value.is_string()) return value.get<std::string>();
  if (!value.is_array()) return value.dump();
  std::string text;
  for (const auto& item : value) text += (text.empty() ? "" : ",") + item.dump();
  return text;
}

void readInto(Recipe& recipe, const json& node, const std::string& prefix) {
  for (const auto& [name, value] : node.items()) {
    const auto key = prefix + name;
    if (value.is_object()) {
      readInto(recipe, value, key + ".");
      continue;
    }
    const auto problems = setField(recipe, key, valueText(value));
    if (!hasErrors(problems)) continue;
    // Sentences about numbers name the field already.
    const auto& sentence = problems.front().sentence;
    const auto* field = findField(key);
    const bool named =
        sentence.starts_with(key) || (field != nullptr && sentence.find(field->label) != std::string::npos);
    std::string text = named ? "" : key + ": ";
    text += sentence;
    throw Error(ErrorKind::BadData, text, problems.front().remedy);
  }
}

template <typename Value>
void take(const json& source, const char* key, Value& value) {
  const auto found = source.find(key);
  if (found == source.end()) return;
  if constexpr (std::is_integral_v<Value> && !std::is_same_v<Value, bool>) {
    if (found->is_number_float())
      throw Error(ErrorKind::BadData, std::string("model setting ") + key + " is no whole number",
                  "write it without a point");
    value = found->is_null() ? Value{0} : found->get<Value>();
  } else {
    value = found->get<Value>();
  }
}

void takeBlocks(const json& source, const char* key, std::vector<std::int64_t>& blocks) {
  const auto found = source.find(key);
  if (found == source.end()) return;
  blocks = found->is_array() ? found->get<std::vector<std::int64_t>>() : std::vector{found->get<std::int64_t>()};
}

/// null for 0, as the reference writes "none".
json orNull(std::int64_t value) { return value == 0 ? json(nullptr) : json(value); }

json blocksJson(const std::vector<std::int64_t>& blocks) { return blocks.size() == 1 ? json(blocks[0]) : json(blocks); }

}  // namespace

json parseJson(std::string_view text, const std::filesystem::path& source) {
  // Nothing of ours nests deeper; copying or writing what nests a million deep would overflow the stack.
  constexpr int kDeepest = 64;
  const auto shallow = [&](int depth, json::parse_event_t, json&) {
    if (depth > kDeepest)
      throw Error(ErrorKind::BadData, source, "this JSON nests too deep to be one of ours", "choose another file");
    return true;
  };
  try {
    return json::parse(text, shallow);
  } catch (const json::parse_error& e) {
    throw Error(ErrorKind::BadData, source, "this is not valid JSON", "mend the text at that place", e.byte);
  } catch (const json::out_of_range&) {  // the grammar is right, the value is not: 1e400
    throw Error(ErrorKind::BadData, source, "this JSON holds a number that is too large for any field",
                "write a smaller one");
  }
}

std::string toLine(const json& value) { return value.dump(-1, ' ', false, json::error_handler_t::replace); }

void refuseNewerFormat(const json& object, int known, const std::filesystem::path& file, const std::string& what) {
  const auto format = object.find("format");
  if (format == object.end() || (format->is_number_integer() && *format <= known)) return;
  const auto sentence =
      what + " has format " + toLine(*format) + ", which this program does not know: a newer one wrote it";
  constexpr const char* kRemedy = "use that version of the program, or a newer one";
  if (file.empty()) throw Error(ErrorKind::BadData, sentence, kRemedy);
  throw Error(ErrorKind::BadData, file, sentence, kRemedy);
}

json toJson(const Recipe& recipe) {
  json out{{"format", kFormat}, {"name", recipe.name}};
  for (const auto& field : recipeFields()) at(out, field.key) = fieldValue(field, recipe);
  return out;
}

Recipe recipeFromJson(const json& source, const Recipe& base) {
  if (!source.is_object())
    throw Error(ErrorKind::BadData, "a recipe is a JSON object", "see app/cli/README.md for an example");
  auto rest = source;
  refuseNewerFormat(source, kFormat, {}, "this recipe");
  Recipe recipe = base;
  if (rest.contains("name") && rest["name"].is_string()) {
    recipe.name = rest["name"].get<std::string>();
    recipe.name = builtinRecipeCalled(recipe.name).value_or(recipe.name);  // of an earlier version
  }
  for (const char* own : {"format", "name", "base", "description", "order", "formerly"}) rest.erase(own);
  readInto(recipe, rest, "");
  return recipe;
}

ModelSettings modelSettingsFromJson(const json& source) {
  ModelSettings s;
  try {
    take(source, "patch_size", s.patchSize);
    take(source, "input_dim", s.inputDim);
    take(source, "dim", s.dim);
    take(source, "ctx_dim", s.ctxDim);
    take(source, "ctx_size", s.ctxSize);
    take(source, "heads", s.heads);
    take(source, "dim_head", s.dimHead);
    take(source, "mlp_dim", s.mlpDim);
    take(source, "depth", s.depth);
    takeBlocks(source, "enc_blocks", s.encBlocks);
    takeBlocks(source, "dec_blocks", s.decBlocks);
    take(source, "dec_ctx", s.decCtx);
    take(source, "class_cond", s.classCond);
    take(source, "shared_adaln", s.sharedAdaln);
    take(source, "concat_ctx", s.concatCtx);
    take(source, "use_dyt", s.useDyt);
    take(source, "double_t", s.doubleT);
    take(source, "addon_info_embs_dim", s.addonInfoEmbsDim);
    take(source, "gradient_checkpointing", s.gradientCheckpointing);
    if (const auto tread = source.find("tread_config"); tread != source.end() && !tread->is_null()) {
      s.tread.emplace();
      take(*tread, "prev_trns_depth", s.tread->prevTrnsDepth);
      take(*tread, "post_trns_depth", s.tread->postTrnsDepth);
      take(*tread, "dropout_ratio", s.tread->dropoutRatio);
    }
  } catch (const json::exception&) {
    throw Error(ErrorKind::BadData, "the model settings hold a value of the wrong kind",
                "see core/model/README.md for the settings");
  }
  return s;
}

json toJson(const ModelSettings& s) {
  json tread = nullptr;
  if (s.tread) {
    tread = {{"prev_trns_depth", s.tread->prevTrnsDepth},
             {"post_trns_depth", s.tread->postTrnsDepth},
             {"dropout_ratio", s.tread->dropoutRatio}};
  }
  return {{"patch_size", s.patchSize},
          {"input_dim", s.inputDim},
          {"dim", s.dim},
          {"ctx_dim", orNull(s.ctxDim)},
          {"ctx_size", s.ctxSize},
          {"heads", s.heads},
          {"dim_head", s.dimHead},
          {"mlp_dim", s.mlpDim},
          {"depth", s.depth},
          {"enc_blocks", blocksJson(s.encBlocks)},
          {"dec_blocks", blocksJson(s.decBlocks)},
          {"dec_ctx", s.decCtx},
          {"class_cond", s.classCond},
          {"shared_adaln", s.sharedAdaln},
          {"concat_ctx", s.concatCtx},
          {"use_dyt", s.useDyt},
          {"double_t", s.doubleT},
          {"addon_info_embs_dim", orNull(s.addonInfoEmbsDim)},
          {"tread_config", tread}};
}

}  // namespace dw::config
