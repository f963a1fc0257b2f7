#pragma once

#include "vmsystem/models/json_text.hpp"

#include <rapidjson/stringbuffer.h>
#include <rapidjson/writer.h>

#include <cstdint>
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
    note(writer_.Key(data_of(name), size_of(name)));
  }
  void value(std::string_view text) {
    note(writer_.String(data_of(text), size_of(text)));
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
    if (json.empty())
      null();
    else
      note(writer_.RawValue(json.text.data(), json.text.size(),
                            rapidjson::kObjectType));
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
  using writer = rapidjson::Writer<buffer, rapidjson::UTF8<>, rapidjson::UTF8<>,
                                   rapidjson::CrtAllocator,
                                   rapidjson::kWriteValidateEncodingFlag>;

  /// RapidJSON wants a pointer also when there is nothing to read.
  static const char* data_of(std::string_view text) noexcept {
    return text.empty() ? "" : text.data();
  }
  static rapidjson::SizeType size_of(std::string_view text) noexcept {
    return static_cast<rapidjson::SizeType>(text.size());
  }
  void note(bool written) noexcept {
    ok_ = ok_ && written;
  }

  buffer buffer_;
  writer writer_{buffer_};
  bool ok_ = true;
};

} // namespace vmsystem
