#pragma once

#include <string>

namespace vmsystem {

/// One JSON value as compact UTF-8 text, or nothing. Numbers that come from
/// scripts travel in this form, since a `double` in a message would lose them.
struct json_text {
  /// The text; empty means absent.
  std::string text;

  [[nodiscard]] bool empty() const noexcept {
    return text.empty();
  }
};

inline bool operator==(const json_text& x, const json_text& y) {
  return x.text == y.text;
}

inline bool operator!=(const json_text& x, const json_text& y) {
  return !(x == y);
}

template <class Inspector>
typename Inspector::result_type inspect(Inspector& f, json_text& x) {
  return f(x.text);
}

} // namespace vmsystem
