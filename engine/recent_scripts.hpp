#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <string_view>

namespace vmsystem::engine {

/// How often each of the scripts that came lately came. Takes little room: it
/// knows them by a hash.
class recent_scripts {
public:
  /// How many it remembers; a new one takes the place of the one that has been
  /// known for longest.
  static constexpr std::size_t capacity = 16;

  /// Notes that a script came.
  /// @returns how often it came since it was new, this time included.
  [[nodiscard]] uint32_t note(std::string_view source,
                              std::string_view file_name) noexcept {
    const std::hash<std::string_view> hash_of;
    const auto hash = hash_of(source) ^ (hash_of(file_name) * 31);
    const auto known
      = std::find_if(known_.begin(), known_.end(),
                     [=](const script& x) { return x.hash == hash; });
    if (known != known_.end())
      return ++known->count;
    known_[next_++ % capacity] = {hash, 1};
    return 1;
  }

private:
  struct script {
    std::size_t hash = 0;
    uint32_t count = 0;
  };

  std::array<script, capacity> known_{};
  std::size_t next_ = 0;
};

} // namespace vmsystem::engine
