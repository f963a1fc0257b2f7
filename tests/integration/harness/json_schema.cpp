#include "json_schema.hpp"

#include <algorithm>
#include <regex>
#include <set>

namespace vmsystem::test {

namespace {

using faults = std::vector<std::string>;

void add(faults& to, const std::string& place, const std::string& what) {
  to.push_back((place.empty() ? "the value" : place) + ": " + what);
}

std::string type_of(const json_value& x) {
  const auto& raw = x.raw();
  if (x.is_object())
    return "object";
  if (x.is_array())
    return "array";
  if (x.is_string())
    return "string";
  if (raw == "true" || raw == "false")
    return "boolean";
  if (raw == "null")
    return "null";
  return raw.find_first_of(".eE") == std::string::npos ? "integer" : "number";
}

bool is_type(const json_value& x, const std::string& wanted) {
  const auto type = type_of(x);
  return type == wanted || (wanted == "number" && type == "integer");
}

/// The types that a schema allows; empty for any.
std::vector<std::string> types_of(const json_value& schema) {
  const auto type = schema.field("type");
  std::vector<std::string> result;
  if (type.is_string())
    result.push_back(type.text());
  for (const auto& one : type.elements())
    result.push_back(one.text());
  return result;
}

class checker {
public:
  explicit checker(const json_value& document) : document_{document} {}

  void check(const std::string& place, const json_value& asked,
             const json_value& value) {
    auto schema = asked;
    if (const auto link = asked.field("$ref"); link.present())
      schema = resolve(document_, link.text());
    const auto types = types_of(schema);
    if (!types.empty()
        && std::none_of(types.begin(), types.end(),
                        [&](const std::string& type) {
                          return is_type(value, type);
                        }))
      return add(found, place, value.raw() + " is no " + types.front());
    check_text(place, schema, value);
    check_number(place, schema, value);
    if (value.is_object())
      check_fields(place, schema, value);
    const auto items = schema.field("items");
    if (!items.present())
      return;
    std::size_t index = 0;
    for (const auto& one : value.elements())
      check(place + '/' + std::to_string(index++), items, one);
  }

  faults found;

private:
  void check_text(const std::string& place, const json_value& schema,
                  const json_value& value) {
    const auto allowed = schema.field("enum").elements();
    if (!allowed.empty()
        && std::none_of(allowed.begin(), allowed.end(),
                        [&](const json_value& one) {
                          return one.raw() == value.raw();
                        }))
      add(found, place, value.raw() + " is not in the list");
    if (!value.is_string())
      return;
    const auto text = value.text();
    if (const auto pattern = schema.field("pattern");
        pattern.present()
        && !std::regex_search(text, std::regex{pattern.text()}))
      add(found, place, text + " is not like " + pattern.text());
    if (const auto least = schema.field("minLength");
        least.present() && text.size() < std::stoul(least.raw()))
      add(found, place, "is too short");
    if (const auto most = schema.field("maxLength");
        most.present() && text.size() > std::stoul(most.raw()))
      add(found, place, "is too long");
  }

  void check_number(const std::string& place, const json_value& schema,
                    const json_value& value) {
    if (!is_type(value, "number"))
      return;
    const auto number = std::stod(value.raw());
    if (const auto least = schema.field("minimum");
        least.present() && number < std::stod(least.raw()))
      add(found, place, value.raw() + " is too small");
    if (const auto most = schema.field("maximum");
        most.present() && number > std::stod(most.raw()))
      add(found, place, value.raw() + " is too large");
  }

  void check_fields(const std::string& place, const json_value& schema,
                    const json_value& value) {
    for (const auto& name : schema.field("required").elements())
      if (value.field(name.text()).raw().empty())
        add(found, place, "has no " + name.text());
    const auto known = schema.field("properties");
    const auto others = schema.field("additionalProperties");
    for (const auto& [name, one] : value.fields()) {
      const auto own = known.field(name);
      const auto where = place + '/' + name;
      if (own.present())
        check(where, own, one);
      else if (others.raw() == "false")
        add(found, where, "is unknown");
      else if (others.is_object())
        check(where, others, one);
    }
  }

  const json_value& document_;
};

const std::set<std::string>& keywords() {
  static const std::set<std::string> all{"$ref",       "additionalProperties",
                                         "default",    "description",
                                         "enum",       "format",
                                         "items",      "maxLength",
                                         "maximum",    "minLength",
                                         "minimum",    "pattern",
                                         "properties", "required",
                                         "type"};
  return all;
}

const std::set<std::string>& type_names() {
  static const std::set<std::string> all{"array",  "boolean", "integer", "null",
                                         "number", "object",  "string"};
  return all;
}

void check_schema_at(const json_value& document, const json_value& schema,
                     const std::string& place, faults& found) {
  if (!schema.is_object())
    return add(found, place, "is no schema");
  for (const auto& [name, value] : schema.fields())
    if (keywords().count(name) == 0)
      add(found, place, "has the keyword " + name);
  if (const auto link = schema.field("$ref");
      link.present() && !resolve(document, link.text()).is_object())
    add(found, place, "refers to nothing: " + link.text());
  for (const auto& type : types_of(schema))
    if (type_names().count(type) == 0)
      add(found, place, "has the type " + type);
  const auto properties = schema.field("properties");
  for (const auto& [name, one] : properties.fields())
    check_schema_at(document, one, place + '/' + name, found);
  for (const auto& name : schema.field("required").elements())
    if (properties.field(name.text()).raw().empty())
      add(found, place, "requires what it does not have: " + name.text());
  if (const auto items = schema.field("items"); items.present())
    check_schema_at(document, items, place + "/items", found);
  if (const auto others = schema.field("additionalProperties");
      others.is_object())
    check_schema_at(document, others, place + "/*", found);
  if (const auto value = schema.field("default"); value.present())
    for (auto& fault : check_value(document, schema, value))
      found.push_back(place + "/default: " + fault);
}

} // namespace

json_value resolve(const json_value& document, const std::string& pointer) {
  if (pointer.rfind("#/", 0) != 0)
    return {};
  auto result = document;
  for (std::size_t begin = 2; begin <= pointer.size();) {
    const auto end = std::min(pointer.find('/', begin), pointer.size());
    result = result.field(pointer.substr(begin, end - begin));
    begin = end + 1;
  }
  return result;
}

std::vector<std::string> check_schema(const json_value& document,
                                      const json_value& schema) {
  faults found;
  check_schema_at(document, schema, {}, found);
  return found;
}

std::vector<std::string> check_value(const json_value& document,
                                     const json_value& schema,
                                     const json_value& value) {
  checker all{document};
  all.check({}, schema, value);
  return std::move(all.found);
}

} // namespace vmsystem::test
