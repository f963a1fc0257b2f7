#include "scripts.hpp"

#include "vmsystem/models/end_reason.hpp"

#include <fstream>
#include <map>
#include <ostream>
#include <sstream>
#include <stdexcept>

namespace vmsystem::test {

namespace {

limits_config default_limits() {
  limits_config limits;
  limits.wall_ms = 400;
  limits.cpu_ms = 400;
  limits.mem_mb = 32;
  limits.max_events = 1000;
  limits.max_output_kb = 64;
  return limits;
}

void set_limit(limits_config& limits, const std::string& pair) {
  const std::map<std::string, uint32_t*> all{{"wall_ms", &limits.wall_ms},
                                             {"cpu_ms", &limits.cpu_ms},
                                             {"mem_mb", &limits.mem_mb},
                                             {"max_events", &limits.max_events},
                                             {"max_output_kb",
                                              &limits.max_output_kb}};
  const auto equals = pair.find('=');
  *all.at(pair.substr(0, equals))
    = static_cast<uint32_t>(std::stoul(pair.substr(equals + 1)));
}

/// Replaces each `<<N*text>>`.
std::string resolved(const std::string& text) {
  std::string result;
  std::size_t at = 0;
  for (;;) {
    const auto open = text.find("<<", at);
    const auto star = text.find('*', open);
    const auto close = text.find(">>", open);
    if (close == std::string::npos || star > close)
      return result + text.substr(at);
    result += text.substr(at, open - at);
    const auto times = std::stoul(text.substr(open + 2, star));
    const auto what = text.substr(star + 1, close - star - 1);
    for (std::size_t i = 0; i < times; ++i)
      result += what;
    at = close + 2;
  }
}

void read_property(hostile_script& one, const std::string& line) {
  const auto blank = line.find(' ');
  const auto word = line.substr(0, blank);
  const auto rest
    = blank == std::string::npos ? std::string{} : line.substr(blank + 1);
  std::istringstream words{rest};
  std::string next;
  if (word == "limits") {
    while (words >> next)
      set_limit(one.limits, next);
  } else if (word == "ends") {
    while (words >> next) {
      if (!value_of<end_reason>(next))
        throw std::runtime_error{one.name + ": no end reason: " + next};
      one.ends.insert(next);
    }
  } else if (word == "file") {
    one.as_file = true;
  } else if (word == "value") {
    one.value = rest;
  } else if (word == "then") {
    one.then = rest;
  } else if (!word.empty()) {
    throw std::runtime_error{one.name + ": unknown property: " + line};
  }
}

std::vector<hostile_script> read_scripts() {
  std::ifstream file{VMSYSTEM_HOSTILE_SCRIPTS};
  std::vector<hostile_script> result;
  bool in_source = false;
  for (std::string line; std::getline(file, line);) {
    if (line.rfind("=== ", 0) == 0) {
      result.emplace_back().name = line.substr(4);
      result.back().limits = default_limits();
      in_source = false;
    } else if (line.rfind("# ", 0) == 0 || result.empty()) {
      in_source = false;
    } else if (line == "---") {
      in_source = true;
    } else if (in_source) {
      result.back().source += line + '\n';
    } else {
      read_property(result.back(), line);
    }
  }
  for (auto& one : result) {
    if (one.ends.empty() || one.source.empty())
      throw std::runtime_error{one.name + " is not complete"};
    one.source = resolved(one.source);
  }
  return result;
}

} // namespace

std::ostream& operator<<(std::ostream& out, const hostile_script& one) {
  return out << one.name;
}

const std::vector<hostile_script>& hostile_scripts() {
  static const auto all = read_scripts();
  return all;
}

} // namespace vmsystem::test
