#include "vmsystem/actors/http_handlers.hpp"

#include <charconv>

namespace vmsystem::http_handlers {

json_text detail_of(std::string_view name, std::string_view value) {
  json_writer to;
  to.begin_object();
  to.key(name);
  to.value(value);
  to.end_object();
  return to.ok() ? json_text{to.text()} : json_text{};
}

failure invalid(std::string_view name, std::string_view value,
                std::string_view reason) {
  return failure{ec::validation_error,
                 "parameter \"" + std::string{name} + "\" "
                   + std::string{reason},
                 detail_of(name, value)};
}

std::optional<uint32_t> parse_number(std::string_view text, uint32_t least,
                                     uint32_t most) noexcept {
  uint64_t number = 0;
  const auto* const last = text.data() + text.size();
  const auto [end, error] = std::from_chars(text.data(), last, number);
  if (error != std::errc{} || end != last || number < least || number > most)
    return std::nullopt;
  return static_cast<uint32_t>(number);
}

expected<std::optional<uint32_t>> read_number(const http::query_string& query,
                                              std::string_view name,
                                              uint32_t least, uint32_t most) {
  const auto text = query.find(name);
  if (!text)
    return std::optional<uint32_t>{};
  const auto number = parse_number(*text, least, most);
  if (!number)
    return invalid(name, *text,
                   "must be a whole number from " + std::to_string(least)
                     + " to " + std::to_string(most));
  return number;
}

void answer_fields(
  gateway_state& g, http_call call, uint16_t status,
  std::initializer_list<std::pair<std::string_view, std::string_view>> fields) {
  json_writer to;
  to.begin_object();
  for (const auto& [key, text] : fields) {
    to.key(key);
    to.value(text);
  }
  to.end_object();
  g.answer(call, status, to.view());
}

std::string
target_with(std::string_view path,
            std::initializer_list<std::pair<std::string_view, std::string_view>>
              parameters) {
  std::string result{path};
  char mark = '?';
  for (const auto& [name, value] : parameters) {
    if (value.empty())
      continue;
    result.append(1, mark).append(name).append("=").append(value);
    mark = '&';
  }
  return result;
}

std::string next_page_headers(std::string_view cursor,
                              std::string_view target) {
  std::string lines = "X-Next-Cursor: ";
  lines.append(cursor).append("\r\nLink: <").append(target);
  return lines + ">; rel=\"next\"\r\n";
}

} // namespace vmsystem::http_handlers
