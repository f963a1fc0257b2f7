#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

namespace vmsystem {

/// How much somebody should care about a line of the log.
enum class log_level : uint8_t {
  /// Something went as it should.
  info = 0,
  /// Something may need a look.
  warning = 1,
  /// Something went wrong.
  error = 2,
};

/// One thing that a line of the log is about, such as an id.
struct log_field {
  log_field(std::string_view field, std::string_view text)
    : name{field}, value{text} {}

  log_field(std::string_view field, uint64_t number)
    : name{field}, value{std::to_string(number)}, is_number{true} {}

  std::string name;
  std::string value;
  bool is_number = false;
};

using log_fields = std::vector<log_field>;

/// A line of the log, without its time.
struct log_entry {
  log_level level = log_level::info;
  std::string message;
  /// Ids come first, as `request_id`, `session_id`, `execution_id` and so on.
  log_fields fields;
};

/// Takes lines of the log. It is called by actors, so it must not block.
using log_receiver = std::function<void(const log_entry&)>;

} // namespace vmsystem
