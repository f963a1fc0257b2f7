#include "vmsystem/app/log.hpp"

#include "vmsystem/app/output.hpp"
#include "vmsystem/models/json_writer.hpp"
#include "vmsystem/models/time.hpp"

#include <spdlog/async.h>
#include <spdlog/sinks/stdout_color_sinks.h>
#include <spdlog/spdlog.h>

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <future>
#include <memory>
#include <thread>
#include <utility>

#include <pthread.h>
#include <signal.h>

namespace vmsystem {

namespace {

/// Lines that wait for the thread that writes them.
constexpr std::size_t max_waiting_lines = 8192;

/// How long a reader of stderr is waited for at the end.
constexpr std::chrono::seconds last_patience{1};

log_format format_of_lines = log_format::text;

void log(spdlog::level::level_enum level, std::string_view message,
         const log_fields& fields) {
  if (!spdlog::should_log(level))
    return;
  const auto name = spdlog::level::to_string_view(level);
  // As an argument: braces in it mean nothing.
  spdlog::log(level, "{}",
              render_log_line(format_of_lines, timestamp::now().to_string(),
                              {name.data(), name.size()}, message, fields));
}

std::string text_line(std::string_view message, const log_fields& fields) {
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
                      std::string_view message, const log_fields& fields) {
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

/// Makes `logger` the one that all lines go to.
void use(const std::shared_ptr<spdlog::logger>& logger,
         const std::string& level, log_format format) {
  format_of_lines = format;
  logger->set_level(spdlog::level::from_str(level));
  logger->set_pattern(format == log_format::json
                        ? "%v"
                        : "%Y-%m-%dT%H:%M:%S.%fZ %^%l%$ %v",
                      spdlog::pattern_time_type::utc);
  logger->flush_on(spdlog::level::info);
  spdlog::set_default_logger(logger);
}

std::shared_ptr<spdlog::sinks::sink> standard_error() {
  return std::make_shared<spdlog::sinks::stderr_color_sink_mt>();
}

/// Starts the thread that writes. It takes no signals: those are for others.
void start_writing_thread() {
  sigset_t all;
  sigset_t before;
  sigfillset(&all);
  pthread_sigmask(SIG_SETMASK, &all, &before);
  spdlog::init_thread_pool(max_waiting_lines, 1);
  pthread_sigmask(SIG_SETMASK, &before, nullptr);
}

spdlog::level::level_enum of_library(log_level level) {
  switch (level) {
    case log_level::info:
      return spdlog::level::info;
    case log_level::warning:
      return spdlog::level::warn;
    default:
      return spdlog::level::err;
  }
}

} // namespace

void set_up_logging(const std::string& level, log_format format) {
  use(std::make_shared<spdlog::logger>("vm-system", standard_error()), level,
      format);
}

void set_up_background_logging(const std::string& level, log_format format) {
  start_writing_thread();
  use(std::make_shared<spdlog::async_logger>(
        "vm-system", standard_error(), spdlog::thread_pool(),
        spdlog::async_overflow_policy::overrun_oldest),
      level, format);
}

bool end_background_logging() {
  auto ended = std::make_shared<std::promise<void>>();
  const auto done = ended->get_future();
  std::thread{[ended] {
    spdlog::shutdown();
    ended->set_value();
  }}.detach();
  return done.wait_for(last_patience) == std::future_status::ready;
}

void log(const log_entry& line) {
  log(of_library(line.level), line.message, line.fields);
}

void log_info(std::string_view message, const log_fields& fields) {
  log(spdlog::level::info, message, fields);
}

void log_warning(std::string_view message, const log_fields& fields) {
  log(spdlog::level::warn, message, fields);
}

void log_error(std::string_view message, const log_fields& fields) {
  log(spdlog::level::err, message, fields);
}

std::string render_log_line(log_format format, std::string_view time,
                            std::string_view level, std::string_view message,
                            const log_fields& fields) {
  return format == log_format::json ? json_line(time, level, message, fields)
                                    : text_line(message, fields);
}

} // namespace vmsystem
