#pragma once

#include "vmsystem/models/enum_names.hpp"
#include "vmsystem/models/ids.hpp"
#include "vmsystem/models/json_text.hpp"
#include "vmsystem/models/time.hpp"

#include <cstdint>
#include <string>

namespace vmsystem {

/// What an event tells. Stored by name: append only.
enum class event_type : uint8_t {
  input_echo = 0,
  console = 1,
  value = 2,
  exception = 3,
  system = 4,
  stdout_text = 5,
  stderr_text = 6,
};

template <>
struct enum_names<event_type> {
  static constexpr std::array<std::string_view, 7> value{
    "input_echo", "console", "value", "exception",
    "system",     "stdout",  "stderr"};
};

/// The level of a console line or of a system message.
enum class console_level : uint8_t {
  log = 0,
  info = 1,
  warn = 2,
  error = 3,
  debug = 4,
};

template <>
struct enum_names<console_level> {
  static constexpr std::array<std::string_view, 5> value{"log", "info", "warn",
                                                         "error", "debug"};
};

/// The type of a completion value.
enum class value_type : uint8_t {
  undefined = 0,
  null = 1,
  boolean = 2,
  number = 3,
  bigint = 4,
  string = 5,
  symbol = 6,
  function = 7,
  array = 8,
  object = 9,
};

template <>
struct enum_names<value_type> {
  static constexpr std::array<std::string_view, 10> value{
    "undefined", "null",   "boolean",  "number", "bigint",
    "string",    "symbol", "function", "array",  "object"};
};

/// Payload of `input_echo`.
struct echo_payload {
  std::string text;
};

/// Payload of `console`.
struct console_payload {
  console_level level = console_level::log;
  std::string text;
};

/// Payload of `value`, and `result` of an execution.
struct value_payload {
  value_type type = value_type::undefined;
  /// The value as a person reads it.
  std::string preview;
  /// The value as JSON, where it has such a form.
  json_text json;
};

/// Payload of `exception`, and `error` of an execution.
struct exception_payload {
  /// As in `TypeError: bad`.
  std::string message;
  /// Empty when the thrown thing has none.
  std::string stack;
};

/// Payload of `system`.
struct system_payload {
  std::string message;
  console_level level = console_level::info;
};

/// One line of what an execution did.
struct event {
  execution_id execution;
  /// 1, 2, 3 and so on, without a hole.
  uint32_t seq = 0;
  timestamp ts;
  event_type type = event_type::system;
  json_text payload;
};

template <class Inspector>
typename Inspector::result_type inspect(Inspector& f, event& x) {
  return f(x.execution, x.seq, x.ts, x.type, x.payload);
}

} // namespace vmsystem
