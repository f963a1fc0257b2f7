#pragma once

#include <array>
#include <cstdint>
#include <cstring>
#include <functional>
#include <optional>
#include <string>
#include <string_view>

namespace vmsystem {

/// The 16 bytes of a UUID, in the order of its text. Compares like its text,
/// so that version 7 ids sort by their time.
struct raw_id {
  std::array<uint8_t, 16> bytes{};

  /// Whether it is the nil UUID, which stands for "none".
  [[nodiscard]] bool nil() const noexcept {
    return *this == raw_id{};
  }

  /// The lower-case form with hyphens, 36 characters.
  [[nodiscard]] std::string to_string() const;

  /// Appends the form of `to_string()`.
  void append_to(std::string& out) const;

  /// The bytes as a key.
  [[nodiscard]] std::string_view view() const noexcept {
    return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
  }

  /// Reads a UUID: upper or lower case, with or without hyphens, in braces,
  /// with `urn:uuid:`, surrounded by white space.
  [[nodiscard]] static std::optional<raw_id> parse(std::string_view text);

  /// A new UUID version 7 (RFC 9562): milliseconds, then a sub-millisecond
  /// counter, so that ids made by one process are strictly increasing; then
  /// 62 random bits. Thread-safe.
  [[nodiscard]] static raw_id generate();

  /// Makes every later `generate()` of this process give an id above `floor`,
  /// also when the clock was set back. Thread-safe.
  static void generate_after(const raw_id& floor);

  friend bool operator==(const raw_id& x, const raw_id& y) noexcept {
    return x.bytes == y.bytes;
  }
  friend bool operator!=(const raw_id& x, const raw_id& y) noexcept {
    return x.bytes != y.bytes;
  }
  friend bool operator<(const raw_id& x, const raw_id& y) noexcept {
    return x.bytes < y.bytes;
  }
};

/// A UUID that names one kind of thing; ids of different kinds do not mix.
template <class Tag>
struct strong_id {
  raw_id raw;

  [[nodiscard]] bool nil() const noexcept {
    return raw.nil();
  }
  [[nodiscard]] std::string to_string() const {
    return raw.to_string();
  }
  [[nodiscard]] std::string_view view() const noexcept {
    return raw.view();
  }
  /// See `raw_id::parse`.
  [[nodiscard]] static std::optional<strong_id> parse(std::string_view text) {
    if (auto parsed = raw_id::parse(text))
      return strong_id{*parsed};
    return std::nullopt;
  }
  /// See `raw_id::generate`.
  [[nodiscard]] static strong_id generate() {
    return strong_id{raw_id::generate()};
  }

  friend bool operator==(const strong_id& x, const strong_id& y) noexcept {
    return x.raw == y.raw;
  }
  friend bool operator!=(const strong_id& x, const strong_id& y) noexcept {
    return x.raw != y.raw;
  }
  friend bool operator<(const strong_id& x, const strong_id& y) noexcept {
    return x.raw < y.raw;
  }
};

template <class Inspector, class Tag>
typename Inspector::result_type inspect(Inspector& f, strong_id<Tag>& x) {
  return f(x.raw.bytes);
}

template <class Inspector>
typename Inspector::result_type inspect(Inspector& f, raw_id& x) {
  return f(x.bytes);
}

struct template_tag;
struct session_tag;
struct execution_tag;
struct capability_tag;
struct startup_file_tag;
struct batch_tag;

/// Names a template.
using template_id = strong_id<template_tag>;
/// Names a session.
using session_id = strong_id<session_tag>;
/// Names an execution.
using execution_id = strong_id<execution_tag>;
/// Names a capability of a template.
using capability_id = strong_id<capability_tag>;
/// Names a startup file of a template.
using startup_file_id = strong_id<startup_file_tag>;
/// Names a batch.
using batch_id = strong_id<batch_tag>;

} // namespace vmsystem

namespace std {

template <>
struct hash<vmsystem::raw_id> {
  size_t operator()(const vmsystem::raw_id& x) const noexcept {
    // The last eight bytes are random.
    size_t result;
    memcpy(&result, x.bytes.data() + 8, sizeof(result));
    return result;
  }
};

template <class Tag>
struct hash<vmsystem::strong_id<Tag>> {
  size_t operator()(const vmsystem::strong_id<Tag>& x) const noexcept {
    return hash<vmsystem::raw_id>{}(x.raw);
  }
};

} // namespace std
