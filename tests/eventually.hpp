#pragma once

#include <chrono>
#include <thread>

namespace vmsystem::test {

/// Waits until `condition` holds, for at most `most`.
/// @returns whether it does.
template <class Condition>
bool eventually(Condition condition,
                std::chrono::seconds most = std::chrono::seconds{10}) {
  const auto end = std::chrono::steady_clock::now() + most;
  while (!condition()) {
    if (std::chrono::steady_clock::now() > end)
      return false;
    std::this_thread::yield();
  }
  return true;
}

} // namespace vmsystem::test
