#pragma once

#include "vmsystem/models/ascii.hpp"
#include "vmsystem/models/json_text.hpp"

// RapidJSON's choice of instructions for strings without escapes, where the
// program that includes this did not make it.
#if !defined(RAPIDJSON_SSE2) && !defined(RAPIDJSON_SSE42) && defined(__SSE2__)
#  define RAPIDJSON_SSE2
#elif !defined(RAPIDJSON_NEON) && defined(__ARM_NEON)
#  define RAPIDJSON_NEON
#endif

#include <rapidjson/stringbuffer.h>
#include <rapidjson/writer.h>
#include <simdjson.h>

#include <cstdint>
#include <cstring>
#include <string>
#include <string_view>

namespace vmsystem {

/// Writes one JSON value as compact UTF-8. Remembers whether all of it could
/// be written: a string that is not UTF-8 makes `ok()` false.
class json_writer {
public:
  void begin_object() {
    note(writer_.StartObject());
  }
  void end_object() {
    note(writer_.EndObject());
  }
  void begin_array() {
    note(writer_.StartArray());
  }
  void end_array() {
    note(writer_.EndArray());
  }
  void key(std::string_view name) {
    name = checked(name);
    note(writer_.Key(name.data(), size_of(name)));
  }
  void value(std::string_view text) {
    text = checked(text);
    note(writer_.String(text.data(), size_of(text)));
  }
  void value(bool flag) {
    note(writer_.Bool(flag));
  }
  void value(uint64_t number) {
    note(writer_.Uint64(number));
  }
  void value(int64_t number) {
    note(writer_.Int64(number));
  }
  void value(uint32_t number) {
    note(writer_.Uint(number));
  }
  void value(int32_t number) {
    note(writer_.Int(number));
  }
  void null() {
    note(writer_.Null());
  }

  /// Writes JSON that was valid before; absent text is `null`.
  void raw(const json_text& json) {
    if (json.empty()) {
      null();
      return;
    }
    // RapidJSON takes raw text byte by byte: it gets none, and so writes only
    // what stands before it.
    note(writer_.RawValue("", 0, rapidjson::kObjectType));
    const auto& text = json.text;
    std::memcpy(buffer_.Push(text.size()), text.data(), text.size());
  }

  /// Writes microseconds as a decimal number of milliseconds.
  void milliseconds(uint64_t us);

  [[nodiscard]] bool ok() const noexcept {
    return ok_;
  }
  [[nodiscard]] std::string_view view() const noexcept {
    return {buffer_.GetString(), buffer_.GetSize()};
  }
  [[nodiscard]] std::string text() const {
    return std::string{view()};
  }

private:
  using buffer = rapidjson::StringBuffer;
  using writer = rapidjson::Writer<buffer>;

  /// The text, or an empty one when it is not UTF-8. RapidJSON checks that too,
  /// but byte by byte, and wants a pointer also when there is nothing to read.
  std::string_view checked(std::string_view text) noexcept {
    if (text.empty())
      return "";
    // Names and ids are short: the call would cost more than the look.
    constexpr std::size_t short_text = 48;
    if ((text.size() <= short_text && is_ascii(text))
        || simdjson::validate_utf8(text.data(), text.size()))
      return text;
    note(false);
    return "";
  }
  static rapidjson::SizeType size_of(std::string_view text) noexcept {
    return static_cast<rapidjson::SizeType>(text.size());
  }
  void note(bool written) noexcept {
    ok_ = ok_ && written;
  }

  /// Room for the record of a short execution.
  static constexpr std::size_t first_bytes = 1024;

  buffer buffer_{nullptr, first_bytes};
  writer writer_{buffer_};
  bool ok_ = true;
};

} // namespace vmsystem
