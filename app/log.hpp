#pragma once

#include "vmsystem/models/enum_names.hpp"
#include "vmsystem/models/log_entry.hpp"

#include <cstdint>
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

/// Makes the log go to stderr, from `level` upwards.
void set_up_logging(const std::string& level,
                    log_format format = log_format::text);

/// As `set_up_logging`, but a thread of its own writes the lines: nobody waits
/// for who reads them. While nobody does, the oldest ones are lost.
void set_up_background_logging(const std::string& level, log_format format);

/// Writes the lines that wait, and ends the thread that does. Nothing is logged
/// behind it.
/// @returns false when nobody took the lines for a second: then the thread is
///          still there, and the process has to end without cleaning up.
[[nodiscard]] bool end_background_logging();

/// Logs a line of an actor. Blocks only without `set_up_background_logging`.
void log(const log_entry& line);

void log_info(std::string_view message, const log_fields& fields = {});
void log_warning(std::string_view message, const log_fields& fields = {});
void log_error(std::string_view message, const log_fields& fields = {});

/// A line without its time and level for `log_format::text`, the whole of it
/// for `log_format::json`.
[[nodiscard]] std::string
render_log_line(log_format format, std::string_view time,
                std::string_view level, std::string_view message,
                const log_fields& fields);

} // namespace vmsystem
