#include "vmsystem/app/repl_completion.hpp"

#include "vmsystem/app/repl_tokens.hpp"
#include "vmsystem/models/json_writer.hpp"

#include <algorithm>
#include <cstddef>

namespace vmsystem {

namespace {

/// Takes a function that reads the first name, the path, and the start.
/// Prototypes are walked, and their number is bounded; so are the names.
constexpr std::string_view finder = R"((read, trusted, path, start) => {
  const { getOwnPropertyNames, getOwnPropertyDescriptor, getPrototypeOf }
    = Object;
  const depth = 100, most = 500, long = 10000;
  const find = (object, key) => {
    for (let n = 0; object !== null && n < depth; n++) {
      const found = getOwnPropertyDescriptor(object, key);
      if (found !== undefined)
        return found;
      object = getPrototypeOf(object);
    }
  };
  let value = globalThis;
  for (let i = 0; i < path.length; i++) {
    const found = find(Object(value), path[i]);
    if (i === 0 && (found === undefined || trusted))
      value = read();
    else if (found === undefined || !('value' in found))
      return [];
    else
      value = found.value;
    if (value === undefined || value === null)
      return [];
  }
  const names = new Set();
  let object = Object(value);
  for (let n = 0; object !== null && n < depth; n++) {
    const many = ArrayBuffer.isView(object) || object instanceof String
      || (Array.isArray(object) && object.length > long);
    for (const name of many ? [] : getOwnPropertyNames(object)) {
      if (name.startsWith(start) && /^[\p{L}$_][\p{L}\p{N}$_]*$/u.test(name)
          && (start !== '' || !name.startsWith('__')))
        names.add(name);
      if (names.size >= most)
        return [...names];
    }
    object = getPrototypeOf(object);
  }
  return [...names];
})";

} // namespace

std::optional<completion_place> completion_place_in(std::string_view text) {
  const auto tokens = tokenize_js(text);
  if (tokens.broken || tokens.list.empty()
      || tokens.list.back().end != text.size())
    return std::nullopt;
  completion_place place;
  auto i = tokens.list.size();
  const auto is_name = [&](std::size_t at) {
    return tokens.list[at].kind == js_token_kind::name;
  };
  const auto is_dot
    = [&](std::size_t at) { return tokens.is(at, ".") || tokens.is(at, "?."); };
  if (is_name(i - 1))
    place.start = tokens.text(--i);
  else if (!is_dot(i - 1))
    return std::nullopt;
  while (i > 0 && is_dot(i - 1)) {
    if (i < 2 || !is_name(i - 2))
      return std::nullopt;
    place.path.emplace_back(tokens.text(i - 2));
    i -= 2;
  }
  std::reverse(place.path.begin(), place.path.end());
  return place;
}

std::string completion_script(const completion_place& place, bool own_last) {
  json_writer path;
  path.begin_array();
  for (const auto& name : place.path)
    path.value(std::string_view{name});
  path.end_array();
  json_writer start;
  start.value(std::string_view{place.start});
  const auto first = place.path.empty() ? "undefined" : place.path.front();
  const bool trusted = own_last && first == "_";
  return '(' + std::string{finder} + ")(() => typeof " + first
         + " === 'undefined' ? undefined : " + first + ", "
         + (trusted ? "true" : "false") + ", " + path.text() + ", "
         + start.text() + ')';
}

std::vector<std::string> completions_in(const json_value& record) {
  std::vector<std::string> names;
  for (const auto& name : record.field("result").field("json").elements())
    names.push_back(name.text());
  std::sort(names.begin(), names.end());
  return names;
}

std::string common_start(const std::vector<std::string>& names) {
  if (names.empty())
    return {};
  // Of sorted names the first and the last differ the most.
  const auto [first, last] = std::minmax_element(names.begin(), names.end());
  std::size_t size = 0;
  while (size < first->size() && size < last->size()
         && (*first)[size] == (*last)[size])
    ++size;
  // Not in the middle of a character.
  while (size > 0 && size < first->size() && ((*first)[size] & 0xC0) == 0x80)
    --size;
  return first->substr(0, size);
}

} // namespace vmsystem
