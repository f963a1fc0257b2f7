#include "vmsystem/pipeline/template_globals.hpp"

#include "vmsystem/models/json_reader.hpp"
#include "vmsystem/models/json_writer.hpp"

#include <algorithm>
#include <string>
#include <string_view>
#include <utility>

namespace vmsystem {

namespace {

bool is_identifier(std::string_view name) {
  const auto is_letter = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_'
           || c == '$';
  };
  return !name.empty() && is_letter(name.front())
         && std::all_of(name.begin(), name.end(), [&](char c) {
              return is_letter(c) || (c >= '0' && c <= '9');
            });
}

/// A text as a literal of JavaScript, which JSON's strings are.
std::string literal(std::string_view text) {
  json_writer writer;
  writer.value(text);
  return writer.text();
}

std::string parsed(const std::string& json) {
  return "JSON.parse(" + literal(json) + ")";
}

/// A statement that defines a constant; empty when there is no value.
std::string constant(const std::string& name, simdjson::dom::object config) {
  simdjson::dom::element value;
  if (!is_identifier(name) || config["value"].get(value))
    return {};
  return "Object.defineProperty(globalThis, " + literal(name) + ", { value: "
         + parsed(simdjson::minify(value)) + ", enumerable: true });\n";
}

/// Statements that set fields of `env`; empty when there are no values.
std::string variables(const std::string& name, simdjson::dom::object config) {
  std::string result;
  const auto set = [&](std::string_view key, std::string_view value) {
    result += "set(" + literal(key) + ", " + literal(value) + ");\n";
  };
  std::string_view text;
  if (!config["value"].get(text))
    set(name, text);
  simdjson::dom::object values;
  if (!config["values"].get(values))
    for (const auto& [key, value] : values)
      if (!value.get(text))
        set(key, text);
  return result;
}

} // namespace

std::shared_ptr<const engine::library> globals_of(const template_bundle& of) {
  std::string constants;
  std::string settings;
  std::string sets;
  for (const auto& one : of.capabilities) {
    const auto root = parse_json(one.config.text);
    simdjson::dom::object config;
    if (!one.enabled || !root || root.value().get(config))
      continue;
    if (one.kind == capability_kind::env)
      settings += variables(one.name, config);
    if (one.kind != capability_kind::global)
      continue;
    const auto statement = constant(one.name, config);
    constants += statement;
    if (!statement.empty())
      sets = one.name;
  }
  if (!settings.empty()) {
    constants
      += "{ const env = {};\n"
         "const set = (name, value) => Object.defineProperty(env, name, "
         "{ value, writable: true, enumerable: true, configurable: true "
         "});\n"
         + settings
         + "Object.defineProperty(globalThis, 'process', { value: { env "
           "}, writable: true, configurable: true }); }\n";
    sets = "process";
  }
  if (sets.empty())
    return nullptr;
  engine::library result;
  result.name = "capabilities";
  result.global = sets;
  result.sets = sets;
  result.source = std::move(constants);
  return std::make_shared<const engine::library>(std::move(result));
}

} // namespace vmsystem
