#include "vmsystem/engine/render.hpp"

#include "vmsystem/engine/supervision.hpp"
#include "vmsystem/engine/utf8.hpp"
#include "vmsystem/models/json_writer.hpp"

#include <array>
#include <charconv>
#include <cmath>
#include <string>
#include <string_view>

namespace vmsystem::engine::detail {

namespace {

constexpr std::string_view unrenderable = "[unrenderable]";

/// Cuts text that is longer than `max_bytes`, and says so.
void shorten(std::string& text, std::size_t max_bytes) {
  if (text.size() <= max_bytes)
    return;
  const auto size = text.size();
  constexpr std::size_t note_bytes = 40;
  truncate_utf8(text, max_bytes - note_bytes);
  text += "... " + std::to_string(size - text.size()) + " more bytes";
}

value_type type_of(guest& owner, js_value value) {
  switch (tag_of(value)) {
    case js_tag::integer:
    case js_tag::float64:
      return value_type::number;
    case js_tag::boolean:
      return value_type::boolean;
    case js_tag::null:
      return value_type::null;
    case js_tag::string:
    case js_tag::rope:
      return value_type::string;
    case js_tag::symbol:
      return value_type::symbol;
    case js_tag::bigint:
    case js_tag::short_bigint:
      return value_type::bigint;
    case js_tag::object:
      if (owner.call(Z_qwZ_JS_IsFunction, owner.layout.context, value) != 0)
        return value_type::function;
      return owner.call(Z_qwZ_JS_IsArray, value) != 0 ? value_type::array
                                                      : value_type::object;
    default:
      return value_type::undefined;
  }
}

void render_integer(int32_t number, value_payload& out) {
  std::array<char, 12> digits{};
  const auto end
    = std::to_chars(digits.data(), digits.data() + digits.size(), number).ptr;
  out.preview.assign(digits.data(), end);
  out.json.text = out.preview;
}

void render_double(guest& owner, js_value value, value_payload& out) {
  const auto number = double_of(value);
  const bool negative_zero = number == 0 && std::signbit(number);
  if (negative_zero)
    out.preview = "-0";
  else
    owner.append_text(value, out.preview);
  if (std::isfinite(number))
    out.json.text = negative_zero ? "0" : out.preview;
}

rendering render_string(guest& owner, js_value value,
                        std::size_t max_json_bytes, value_payload& out) {
  std::string& text = out.preview;
  if (!owner.append_text(value, text)) {
    text = unrenderable;
    return rendering::complete;
  }
  // The quotes.
  if (text.size() + 2 > max_json_bytes)
    return rendering::too_long;
  json_writer json;
  json.value(std::string_view{text});
  if (json.view().size() > max_json_bytes)
    return rendering::too_long;
  out.json.text = json.view();
  shorten(text, max_preview_bytes);
  return rendering::complete;
}

bool is_lone_surrogate_escape(std::string_view text) {
  const auto is_hex
    = [](char c) { return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f'); };
  return text.size() >= 6 && text[0] == '\\' && text[1] == 'u' && text[2] == 'd'
         && text[3] >= '8' && is_hex(text[3]) && is_hex(text[4])
         && is_hex(text[5]);
}

} // namespace

bool tidy_json(std::string& json) {
  std::size_t to = 0;
  std::size_t depth = 0;
  bool in_string = false;
  for (std::size_t from = 0; from < json.size(); ++from) {
    const char c = json[from];
    if (in_string && c == '\\') {
      if (is_lone_surrogate_escape(std::string_view{json}.substr(from))) {
        json.replace(to, 3, "\xef\xbf\xbd");
        to += 3;
        from += 5;
        continue;
      }
      json[to++] = c;
      json[to++] = json[++from];
      continue;
    }
    json[to++] = c;
    if (c == '"')
      in_string = !in_string;
    else if (!in_string && (c == '[' || c == '{') && ++depth > max_json_depth)
      return false;
    else if (!in_string && (c == ']' || c == '}'))
      --depth;
  }
  json.resize(to);
  return true;
}

namespace {

rendering render_json(guest& owner, js_value value, std::size_t max_json_bytes,
                      std::string& out) {
  // A value takes two characters at least, with its comma.
  owner.active->limit_json(max_json_bytes / 2 + 1);
  const auto text = owner.call(Z_qwZ_JS_JSONStringify, owner.layout.context,
                               value, owner.layout.json_guard, js_undefined);
  if (is_exception(text)) {
    owner.drop_exception();
    return owner.active->json_exceeded() ? rendering::too_long
                                         : rendering::complete;
  }
  if (!is_string(text)) {
    owner.free_value(text);
    return rendering::complete;
  }
  const bool got = owner.append_text(text, out, max_json_bytes + 1);
  owner.free_value(text);
  if (got && out.size() > max_json_bytes) {
    out.clear();
    return rendering::too_long;
  }
  if (!got || !tidy_json(out))
    out.clear();
  return rendering::complete;
}

/// Calls a function of the prelude with one value and what may come with it.
js_value call_prelude(guest& owner, js_value function, js_value value) {
  const auto argument = owner.layout.scratch + 32;
  owner.write64(argument, value);
  return owner.call(Z_qwZ_JS_Call, owner.layout.context, function, js_undefined,
                    1, argument);
}

void render_preview(guest& owner, js_value value, std::string& out) {
  const auto text = call_prelude(owner, owner.layout.inspect, value);
  if (is_exception(text))
    owner.drop_exception();
  else if (is_string(text))
    owner.append_text(text, out);
  owner.free_value(text);
  if (out.empty())
    out = unrenderable;
  shorten(out, max_preview_bytes);
}

} // namespace

rendering render_value(guest& owner, js_value value, std::size_t max_json_bytes,
                       value_payload& out) {
  out.type = type_of(owner, value);
  switch (tag_of(value)) {
    case js_tag::integer:
      render_integer(integer_of(value), out);
      return rendering::complete;
    case js_tag::float64:
      render_double(owner, value, out);
      return rendering::complete;
    case js_tag::boolean:
      out.preview = payload_of(value) != 0 ? "true" : "false";
      out.json.text = out.preview;
      return rendering::complete;
    case js_tag::null:
      out.preview = "null";
      out.json.text = out.preview;
      return rendering::complete;
    case js_tag::string:
    case js_tag::rope:
      return render_string(owner, value, max_json_bytes, out);
    case js_tag::bigint:
    case js_tag::short_bigint:
      if (!owner.append_text(value, out.preview))
        out.preview = unrenderable;
      else
        out.preview += 'n';
      shorten(out.preview, max_preview_bytes);
      return rendering::complete;
    case js_tag::symbol:
      render_preview(owner, value, out.preview);
      return rendering::complete;
    case js_tag::object:
      render_preview(owner, value, out.preview);
      if (out.type == value_type::function)
        return rendering::complete;
      return render_json(owner, value, max_json_bytes, out.json.text);
    default:
      out.preview = "undefined";
      return rendering::complete;
  }
}

error_kind render_error(guest& owner, js_value error, exception_payload& out) {
  // Answers [message, stack, kind].
  const auto parts = call_prelude(owner, owner.layout.describe_error, error);
  if (!is_object(parts)) {
    if (is_exception(parts))
      owner.drop_exception();
    owner.free_value(parts);
    if (out.message.empty())
      out.message = unrenderable;
    return error_kind::other;
  }
  const auto context = owner.layout.context;
  const auto message
    = owner.call(Z_qwZ_JS_GetPropertyUint32, context, parts, 0);
  const auto stack = owner.call(Z_qwZ_JS_GetPropertyUint32, context, parts, 1);
  const auto kind = owner.call(Z_qwZ_JS_GetPropertyUint32, context, parts, 2);
  owner.free_value(parts);
  out.message.clear();
  if (is_string(message))
    owner.append_text(message, out.message);
  shorten(out.message, max_message_bytes);
  if (is_string(stack))
    owner.append_text(stack, out.stack);
  shorten(out.stack, max_stack_bytes);
  owner.free_value(message);
  owner.free_value(stack);
  return tag_of(kind) == js_tag::integer
           ? static_cast<error_kind>(payload_of(kind))
           : error_kind::other;
}

} // namespace vmsystem::engine::detail
