#include "vmsystem/app/log.hpp"

#include "vmsystem/app/output.hpp"
#include "vmsystem/models/json_writer.hpp"
#include "vmsystem/models/time.hpp"

#include <spdlog/sinks/stdout_color_sinks.h>
#include <spdlog/spdlog.h>

#include <algorithm>
#include <memory>
#include <utility>

namespace vmsystem {

namespace {

log_format format_of_lines = log_format::text;

void log(spdlog::level::level_enum level, std::string_view message,
         log_fields fields) {
  if (!spdlog::should_log(level))
    return;
  const auto name = spdlog::level::to_string_view(level);
  // As an argument: braces in it mean nothing.
  spdlog::log(level, "{}",
              render_log_line(format_of_lines, timestamp::now().to_string(),
                              {name.data(), name.size()}, message, fields));
}

std::string text_line(std::string_view message, log_fields fields) {
  std::string result{message};
  for (const auto& x : fields)
    result.append(1, ' ').append(x.name).append(1, '=').append(x.value);
  return printable(result);
}

/// What is not UTF-8, a path for example, loses all that is not ASCII.
std::string as_utf8(std::string text) {
  if (!simdjson::validate_utf8(text.data(), text.size()))
    std::replace_if(
      text.begin(), text.end(), [](char c) { return (c & 0x80) != 0; }, '?');
  return text;
}

std::string json_line(std::string_view time, std::string_view level,
                      std::string_view message, log_fields fields) {
  json_writer to;
  to.begin_object();
  const auto put = [&to](std::string_view name, std::string_view text) {
    to.key(name);
    to.value(as_utf8(std::string{text}));
  };
  put("time", time);
  put("level", level);
  put("message", message);
  for (const auto& x : fields) {
    if (!x.is_number) {
      put(x.name, x.value);
      continue;
    }
    to.key(x.name);
    to.raw(json_text{x.value});
  }
  to.end_object();
  return to.text();
}

} // namespace

log_field::log_field(std::string_view field, std::string_view text)
  : name{field}, value{text} {}

log_field::log_field(std::string_view field, uint64_t number)
  : name{field}, value{std::to_string(number)}, is_number{true} {}

void set_up_logging(const std::string& level, log_format format) {
  format_of_lines = format;
  auto sink = std::make_shared<spdlog::sinks::stderr_color_sink_mt>();
  auto logger = std::make_shared<spdlog::logger>("vm-system", std::move(sink));
  logger->set_level(spdlog::level::from_str(level));
  logger->set_pattern(format == log_format::json
                        ? "%v"
                        : "%Y-%m-%dT%H:%M:%S.%fZ %^%l%$ %v",
                      spdlog::pattern_time_type::utc);
  logger->flush_on(spdlog::level::info);
  spdlog::set_default_logger(std::move(logger));
}

void log_info(std::string_view message, log_fields fields) {
  log(spdlog::level::info, message, fields);
}

void log_warning(std::string_view message, log_fields fields) {
  log(spdlog::level::warn, message, fields);
}

void log_error(std::string_view message, log_fields fields) {
  log(spdlog::level::err, message, fields);
}

std::string render_log_line(log_format format, std::string_view time,
                            std::string_view level, std::string_view message,
                            log_fields fields) {
  return format == log_format::json ? json_line(time, level, message, fields)
                                    : text_line(message, fields);
}

} // namespace vmsystem
