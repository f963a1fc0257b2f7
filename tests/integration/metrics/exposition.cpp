#include "exposition.hpp"

#include "vmsystem/models/text.hpp"

#include <stdexcept>

namespace vmsystem::test {

namespace {

[[noreturn]] void refuse(std::string_view why, std::string_view line) {
  throw std::runtime_error{std::string{why} + ": " + std::string{line}};
}

/// Cuts `prefix` off the front of `text`.
bool skip(std::string_view& text, std::string_view prefix) {
  if (text.substr(0, prefix.size()) != prefix)
    return false;
  text.remove_prefix(prefix.size());
  return true;
}

} // namespace

exposition::exposition(std::string_view text) {
  if (text.empty() || text.back() != '\n')
    refuse("the text does not end with a line", text);
  std::string described;
  while (!text.empty()) {
    const auto line = cut(text, '\n');
    auto rest = line;
    if (skip(rest, "# HELP ")) {
      described = cut(rest, ' ');
      if (rest.empty())
        refuse("help without text", line);
    } else if (skip(rest, "# TYPE ")) {
      const auto name = std::string{cut(rest, ' ')};
      if (name != described)
        refuse("a type without help", line);
      if (!families_.emplace(name, rest).second)
        refuse("a family comes twice", line);
      current_ = name;
    } else {
      take_sample(line);
    }
  }
}

void exposition::take_sample(std::string_view line) {
  const auto space = line.rfind(' ');
  if (space == std::string_view::npos)
    refuse("a sample without a value", line);
  const auto series = std::string{line.substr(0, space)};
  if (current_.empty()
      || family_of(series.substr(0, series.find('{'))) != current_)
    refuse("a sample is not in its family", line);
  std::size_t used = 0;
  const auto number = std::string{line.substr(space + 1)};
  const auto value = std::stod(number, &used);
  if (used != number.size())
    refuse("a value is no number", line);
  if (!samples_.emplace(series, value).second)
    refuse("a sample comes twice", line);
}

double exposition::at(const std::string& series) const {
  const auto found = samples_.find(series);
  if (found == samples_.end())
    refuse("there is no such sample", series);
  return found->second;
}

std::string exposition::family_of(std::string name) const {
  if (families_.count(name) > 0)
    return name;
  for (const std::string suffix : {"_bucket", "_sum", "_count"}) {
    if (name.size() <= suffix.size()
        || name.compare(name.size() - suffix.size(), suffix.size(), suffix)
             != 0)
      continue;
    name.resize(name.size() - suffix.size());
    const auto found = families_.find(name);
    return found != families_.end() && found->second == "histogram" ? name : "";
  }
  return {};
}

} // namespace vmsystem::test
