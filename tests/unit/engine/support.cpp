#include "support.hpp"

#include <fstream>
#include <map>
#include <tuple>

namespace vmsystem::engine::test {

std::optional<end_reason>
recording_sink::console(console_level level, std::string_view text) noexcept {
  if (lines.size() >= max_lines)
    return reason;
  lines.push_back({level, std::string{text}});
  return std::nullopt;
}

std::string recording_sink::text() const {
  std::string result;
  for (const auto& one : lines)
    result.append(one.text).append(1, '\n');
  return result;
}

namespace {

using key = std::tuple<bool, bool, bool, uint32_t, uint32_t>;

std::map<key, std::shared_ptr<const image>>& images() {
  static std::map<key, std::shared_ptr<const image>> map;
  return map;
}

} // namespace

std::shared_ptr<const image> image_of(const image_options& options) {
  auto& found
    = images()[{options.runtime.esm, options.runtime.strict,
                options.runtime.console, options.mem_mb, options.stack_kb}];
  if (found == nullptr)
    found = must(image::build(options));
  return found;
}

void drop_images() {
  images().clear();
}

image_options default_options() {
  image_options options;
  options.mem_mb = 64;
  return options;
}

std::vector<printing_case> read_cases(const std::string& path) {
  std::ifstream file{path};
  constexpr std::string_view mark = ">>> ";
  std::vector<printing_case> cases;
  for (std::string line; std::getline(file, line);) {
    if (line.compare(0, mark.size(), mark) == 0)
      cases.push_back({line.substr(mark.size()), {}});
    else
      cases.back().expected.append(line).append(1, '\n');
  }
  return cases;
}

runtime::runtime(const image_options& options)
  : instance_{must(instance::clone(image_of(options)))} {}

run_outcome runtime::run(std::string_view source) {
  return run(source, limits);
}

run_outcome runtime::run(std::string_view source, run_options options) {
  options.source = source;
  options.sink = &sink;
  return instance_->run(options);
}

std::string runtime::eval(std::string_view source) {
  auto outcome = run(source);
  return outcome.reason == end_reason::ok ? outcome.value.preview
                                          : outcome.error.message;
}

milliseconds stopwatch::elapsed() const {
  return std::chrono::duration_cast<milliseconds>(
    std::chrono::steady_clock::now() - start_);
}

} // namespace vmsystem::engine::test
