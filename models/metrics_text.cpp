#include "vmsystem/models/metrics_text.hpp"

namespace vmsystem {

namespace {

std::string_view type_name(metric_type type) noexcept {
  switch (type) {
    case metric_type::counter:
      return "counter";
    case metric_type::gauge:
      return "gauge";
    default:
      return "histogram";
  }
}

enum class quotation : uint8_t { escaped, plain };

void append_escaped(std::string& to, std::string_view text, quotation quotes) {
  for (const char c : text) {
    if (c == '\n') {
      to += "\\n";
      continue;
    }
    if (c == '\\' || (c == '"' && quotes == quotation::escaped))
      to += '\\';
    to += c;
  }
}

void append_label(std::string& to, char mark, std::string_view name,
                  std::string_view value) {
  to += mark;
  to.append(name).append("=\"");
  append_escaped(to, value, quotation::escaped);
  to += '"';
}

/// Whole seconds and, without zeros at the end, what is left.
std::string seconds(uint64_t us) {
  constexpr uint64_t second = 1000000;
  auto result = std::to_string(us / second);
  if (us % second == 0)
    return result;
  // The leading one keeps the zeros behind the point.
  result += '.' + std::to_string(second + us % second).substr(1);
  result.erase(result.find_last_not_of('0') + 1);
  return result;
}

} // namespace

void metrics_text::family(std::string_view name, metric_type type,
                          std::string_view help, metric_unit unit) {
  name_ = name;
  unit_ = unit;
  text_.append("# HELP ").append(name).append(1, ' ');
  append_escaped(text_, help, quotation::plain);
  text_.append("\n# TYPE ").append(name).append(1, ' ');
  text_.append(type_name(type)).append(1, '\n');
}

void metrics_text::sample(uint64_t value, metric_labels labels) {
  line({}, labels, {}, number(value));
}

std::string metrics_text::number(uint64_t value) const {
  return unit_ == metric_unit::microseconds ? seconds(value)
                                            : std::to_string(value);
}

void metrics_text::bucket(uint64_t count, metric_labels labels,
                          std::string_view end) {
  line("_bucket", labels, end, std::to_string(count));
}

void metrics_text::line(std::string_view suffix, metric_labels labels,
                        std::string_view end, std::string_view value) {
  text_.append(name_).append(suffix);
  char mark = '{';
  for (const auto& [name, text] : labels) {
    append_label(text_, mark, name, text);
    mark = ',';
  }
  if (!end.empty()) {
    append_label(text_, mark, "le", end);
    mark = ',';
  }
  if (mark == ',')
    text_ += '}';
  text_.append(1, ' ').append(value).append(1, '\n');
}

} // namespace vmsystem
