#pragma once

#include "vmsystem/models/ascii.hpp"
#include "vmsystem/models/json_text.hpp"

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
    string(name);
  }
  void value(std::string_view text) {
    string(text);
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
    const auto& text = json.text;
    std::memcpy(place_for(rapidjson::kObjectType, text.size()), text.data(),
                text.size());
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

  /// Room for the text of a value or a name, which the caller fills. RapidJSON
  /// takes such text byte by byte: it gets none, and so writes only what stands
  /// before it.
  char* place_for(rapidjson::Type type, std::size_t bytes) {
    note(writer_.RawValue("", 0, type));
    return buffer_.Push(bytes);
  }

  /// Writes a value's or a name's string, or an empty one when it is not UTF-8.
  /// RapidJSON's own way is slow byte by byte, and with vector instructions
  /// forgets to escape some control characters (1.1.0).
  void string(std::string_view text) {
    // Names and ids are short: the call would cost more than the look.
    constexpr std::size_t short_text = 48;
    if (!(text.size() <= short_text && is_ascii(text))
        && !simdjson::validate_utf8(text.data(), text.size())) {
      note(false);
      text = {};
    }
    const auto plain = plain_json_prefix(text);
    auto* const to = place_for(rapidjson::kStringType, plain + 1);
    to[0] = '"';
    text.copy(to + 1, plain);
    text.remove_prefix(plain);
    while (!text.empty()) {
      escape(text.front());
      text.remove_prefix(1);
      const auto stands = plain_json_prefix(text);
      text.copy(buffer_.Push(stands), stands);
      text.remove_prefix(stands);
    }
    buffer_.Put('"');
  }

  void escape(char c) {
    static constexpr std::string_view short_ones = "\"\"\\\\\bb\ff\nn\rr\tt";
    for (std::size_t i = 0; i < short_ones.size(); i += 2)
      if (c == short_ones[i]) {
        buffer_.Put('\\');
        buffer_.Put(short_ones[i + 1]);
        return;
      }
    static constexpr std::string_view digits = "0123456789ABCDEF";
    std::memcpy(buffer_.Push(4), "\\u00", 4);
    buffer_.Put(digits[static_cast<uint8_t>(c) >> 4]);
    buffer_.Put(digits[static_cast<uint8_t>(c) & 0xf]);
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
