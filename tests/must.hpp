#pragma once

#include "vmsystem/models/failure.hpp"

#include <boost/test/unit_test.hpp>

#include <utility>

namespace vmsystem::test {

/// The value of an outcome that has to be a success.
template <class T>
T must(expected<T> outcome) {
  if (!outcome)
    BOOST_FAIL("failed: " + outcome.error().message);
  return std::move(outcome).value();
}

inline void must(const expected<void>& outcome) {
  if (!outcome)
    BOOST_FAIL("failed: " + outcome.error().message);
}

/// The failure of an outcome that has to be one.
template <class T>
failure must_fail(const expected<T>& outcome) {
  if (outcome)
    BOOST_FAIL("succeeded, though it should not");
  return outcome.error();
}

} // namespace vmsystem::test
