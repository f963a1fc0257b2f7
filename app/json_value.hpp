#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace vmsystem {

/// One JSON value of a served document, as the very bytes that the server
/// sent, so that printing it changes nothing: numbers keep their digits.
class json_value {
public:
  /// An absent value.
  json_value() = default;

  /// Takes a document: an object or an array, as all served ones are.
  /// @returns the value, or nothing when `text` is no such thing. Looks no
  ///          deeper than the first level.
  [[nodiscard]] static std::optional<json_value> parse(std::string_view text);

  /// Whether it is there and not `null`.
  [[nodiscard]] bool present() const noexcept;

  [[nodiscard]] bool is_object() const noexcept {
    return begins_with('{');
  }
  [[nodiscard]] bool is_array() const noexcept {
    return begins_with('[');
  }
  [[nodiscard]] bool is_string() const noexcept {
    return begins_with('"');
  }

  /// The field of an object; absent when there is none, and for everything
  /// that is no object.
  [[nodiscard]] json_value field(std::string_view name) const;

  /// All fields of an object in order; none for everything else.
  [[nodiscard]] std::vector<std::pair<std::string, json_value>> fields() const;

  /// All elements of an array; none for everything else.
  [[nodiscard]] std::vector<json_value> elements() const;

  /// A string's characters; the JSON text of everything else.
  [[nodiscard]] std::string text() const;

  /// The JSON text; empty when absent.
  [[nodiscard]] const std::string& raw() const noexcept {
    return raw_;
  }

private:
  explicit json_value(std::string_view raw) : raw_{raw} {}
  [[nodiscard]] bool begins_with(char first) const noexcept {
    return !raw_.empty() && raw_.front() == first;
  }

  std::string raw_;
};

} // namespace vmsystem
