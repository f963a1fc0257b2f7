#include "vmsystem/app/metrics_reading.hpp"

#include "vmsystem/models/text.hpp"

#include <charconv>
#include <limits>
#include <utility>

namespace vmsystem {

namespace {

bool is_name_part(char c, bool first, bool colon) {
  const bool letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
  const bool digit = c >= '0' && c <= '9';
  return letter || c == '_' || (colon && c == ':') || (digit && !first);
}

/// Takes a name off the front of `text`; empty when none is there.
std::string_view take_name(std::string_view& text, bool colon) {
  std::size_t size = 0;
  while (size < text.size() && is_name_part(text[size], size == 0, colon))
    ++size;
  const auto name = text.substr(0, size);
  text.remove_prefix(size);
  return name;
}

bool skip(std::string_view& text, char wanted) {
  if (text.empty() || text.front() != wanted)
    return false;
  text.remove_prefix(1);
  return true;
}

void skip_blanks(std::string_view& text) {
  while (skip(text, ' ') || skip(text, '\t'))
    continue;
}

/// Takes what stands in quotes, with its escapes resolved.
std::optional<std::string> take_quoted(std::string_view& text) {
  if (!skip(text, '"'))
    return std::nullopt;
  std::string result;
  while (!text.empty()) {
    const char c = text.front();
    text.remove_prefix(1);
    if (c == '"')
      return result;
    if (c != '\\') {
      result += c;
      continue;
    }
    if (skip(text, 'n'))
      result += '\n';
    else if (skip(text, '\\'))
      result += '\\';
    else if (skip(text, '"'))
      result += '"';
    else
      return std::nullopt;
  }
  return std::nullopt;
}

/// Takes labels in braces, if there are any.
/// @returns whether they are well.
bool take_labels(std::string_view& text, metrics_reading::labels& to) {
  if (!skip(text, '{'))
    return true;
  for (;;) {
    skip_blanks(text);
    if (skip(text, '}'))
      return true;
    const auto name = take_name(text, false);
    skip_blanks(text);
    if (name.empty() || !skip(text, '='))
      return false;
    skip_blanks(text);
    auto value = take_quoted(text);
    if (!value || !to.emplace(name, *std::move(value)).second)
      return false;
    skip_blanks(text);
    if (!skip(text, ',') && (text.empty() || text.front() != '}'))
      return false;
  }
}

std::optional<double> number_of(std::string_view text) {
  if (text == "NaN")
    return std::numeric_limits<double>::quiet_NaN();
  if (text == "+Inf" || text == "Inf")
    return std::numeric_limits<double>::infinity();
  if (text == "-Inf")
    return -std::numeric_limits<double>::infinity();
  // Its own words for what is no number, and hexadecimal digits, are not ours.
  if (text.find_first_not_of("0123456789+-.eE") != std::string_view::npos)
    return std::nullopt;
  if (skip(text, '+') && !text.empty() && text.front() == '-')
    return std::nullopt;
  double value = 0;
  const auto* const last = text.data() + text.size();
  const auto [end, error] = std::from_chars(text.data(), last, value);
  if (error != std::errc{} || end != last)
    return std::nullopt;
  return value;
}

bool is_time(std::string_view text) {
  skip(text, '-');
  return !text.empty()
         && text.find_first_not_of("0123456789") == std::string_view::npos;
}

/// Whether a line with `#` is well: help, a type, or a remark.
bool is_remark(std::string_view line) {
  skip(line, '#');
  skip_blanks(line);
  const auto word = cut(line, ' ');
  if (word != "HELP" && word != "TYPE")
    return true;
  const auto name = take_name(line, true);
  if (name.empty())
    return false;
  if (word == "HELP")
    return line.empty() || line.front() == ' ';
  return line == " counter" || line == " gauge" || line == " histogram"
         || line == " summary" || line == " untyped";
}

struct sample {
  std::string_view name;
  metrics_reading::labels labels;
  double value = 0;
};

std::optional<sample> read_sample(std::string_view line) {
  sample result;
  result.name = take_name(line, true);
  if (result.name.empty())
    return std::nullopt;
  const bool labelled = !line.empty() && line.front() == '{';
  if (!take_labels(line, result.labels))
    return std::nullopt;
  if (!labelled && (line.empty() || line.front() != ' '))
    return std::nullopt;
  skip_blanks(line);
  const auto value = number_of(cut(line, ' '));
  if (!value)
    return std::nullopt;
  skip_blanks(line);
  if (!line.empty() && !is_time(line))
    return std::nullopt;
  result.value = *value;
  return result;
}

failure malformed(std::size_t line) {
  return fail(ec::validation_error,
              "line " + std::to_string(line) + " of the metrics is malformed");
}

bool has(const metrics_reading::labels& all,
         const metrics_reading::labels& wanted) {
  for (const auto& [name, value] : wanted) {
    const auto found = all.find(name);
    if (found == all.end() || found->second != value)
      return false;
  }
  return true;
}

} // namespace

expected<metrics_reading> metrics_reading::parse(std::string_view text) {
  if (text.size() > max_bytes)
    return fail(ec::validation_error, "the metrics are too long");
  if (text.empty() || text.back() != '\n')
    return fail(ec::validation_error, "the metrics break off");
  metrics_reading result;
  for (std::size_t number = 1; !text.empty(); ++number) {
    const auto line = cut(text, '\n');
    if (line.empty())
      continue;
    if (line.front() == '#') {
      if (!is_remark(line))
        return malformed(number);
      continue;
    }
    auto read = read_sample(line);
    if (!read
        || !result.samples_[std::string{read->name}]
              .emplace(std::move(read->labels), read->value)
              .second)
      return malformed(number);
  }
  return result;
}

std::optional<double> metrics_reading::sum(std::string_view name,
                                           const labels& wanted) const {
  const auto found = samples_.find(name);
  if (found == samples_.end())
    return std::nullopt;
  std::optional<double> result;
  for (const auto& [its, value] : found->second)
    if (has(its, wanted))
      result = result.value_or(0) + value;
  return result;
}

std::map<std::string, double>
metrics_reading::by_label(std::string_view name,
                          const std::string& label) const {
  std::map<std::string, double> result;
  const auto found = samples_.find(name);
  if (found == samples_.end())
    return result;
  for (const auto& [its, value] : found->second)
    if (const auto at = its.find(label); at != its.end())
      result[at->second] += value;
  return result;
}

std::string metrics_reading::label_of(std::string_view name,
                                      const std::string& label) const {
  const auto found = samples_.find(name);
  if (found == samples_.end() || found->second.empty())
    return {};
  const auto& first = found->second.begin()->first;
  const auto at = first.find(label);
  return at == first.end() ? std::string{} : at->second;
}

} // namespace vmsystem
