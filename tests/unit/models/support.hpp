#pragma once

#include "vmsystem/models/failure.hpp"
#include "vmsystem/tests/must.hpp"

#include <string>
#include <string_view>

namespace vmsystem::test {

/// The code's name of an outcome that failed; `ok` for one that did not.
template <class T>
std::string_view code_of(const expected<T>& outcome) {
  return outcome ? std::string_view{"ok"}
                 : to_string_view(outcome.error().code);
}

/// What a failed outcome says; empty for one that did not fail.
template <class T>
std::string message_of(const expected<T>& outcome) {
  return outcome ? std::string{} : outcome.error().message;
}

inline bool contains(std::string_view text, std::string_view part) {
  return text.find(part) != std::string_view::npos;
}

} // namespace vmsystem::test
