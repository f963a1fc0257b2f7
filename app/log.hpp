#pragma once

#include "vmsystem/models/enum_names.hpp"

#include <cstdint>
#include <initializer_list>
#include <string>
#include <string_view>

namespace vmsystem {

/// How lines of the log look.
enum class log_format : uint8_t {
  /// For people: the time, the level, the message, and fields as `name=value`.
  text = 0,
  /// For programs: each line is an object of `time`, `level`, `message` and
  /// the fields.
  json = 1,
};

template <>
struct enum_names<log_format> {
  static constexpr std::array<std::string_view, 2> value{"text", "json"};
};

/// One thing that a line of the log is about, such as an id.
struct log_field {
  log_field(std::string_view field, std::string_view text);
  log_field(std::string_view field, uint64_t value);

  std::string name;
  std::string value;
  bool is_number = false;
};

using log_fields = std::initializer_list<log_field>;

/// Makes the log go to stderr, from `level` upwards.
void set_up_logging(const std::string& level,
                    log_format format = log_format::text);

void log_info(std::string_view message, log_fields fields = {});
void log_warning(std::string_view message, log_fields fields = {});
void log_error(std::string_view message, log_fields fields = {});

/// A line without its time and level for `log_format::text`, the whole of it
/// for `log_format::json`.
[[nodiscard]] std::string
render_log_line(log_format format, std::string_view time,
                std::string_view level, std::string_view message,
                log_fields fields);

} // namespace vmsystem
