#pragma once

#include "vmsystem/engine/recent_scripts.hpp"
#include "vmsystem/engine/value.hpp"

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace vmsystem::engine::detail {

/// What scripts that come again were compiled to: functions of the guest, which
/// hold references of this. Those of the image that the guest is a clone of are
/// found too. Pure bookkeeping: enters no guest.
class compiled_scripts {
public:
  /// How many it keeps.
  static constexpr std::size_t capacity = 8;

  /// A longer script never `comes_again`: unless it was prepared, it is
  /// compiled each time.
  static constexpr std::size_t max_source_bytes = 64 * 1024;

  compiled_scripts() = default;

  /// @param inherited those of the image; outlives this.
  explicit compiled_scripts(const compiled_scripts* inherited) noexcept
    : inherited_{inherited} {}

  /// The function of a script, which keeps the reference; `undefined` when it
  /// is not kept.
  [[nodiscard]] js_value find(std::string_view source,
                              std::string_view file_name) const noexcept;

  /// Notes that a script came.
  /// @returns whether it is one to keep: it came before, not long ago.
  [[nodiscard]] bool comes_again(std::string_view source,
                                 std::string_view file_name) noexcept;

  /// Keeps a function, and takes its reference.
  /// @returns the function whose place it takes, with its reference;
  ///          `undefined` when there was room.
  [[nodiscard]] js_value add(std::string_view source,
                             std::string_view file_name, js_value function);

  /// Forgets its own; releases nothing.
  void clear() noexcept;

  /// Its own and those that it inherited, for an image.
  [[nodiscard]] compiled_scripts flattened() const;

private:
  struct entry {
    std::string source;
    std::string file_name;
    js_value function = js_undefined;
  };

  std::vector<entry> entries_;
  /// Where the next one goes when there is no room.
  std::size_t next_ = 0;
  recent_scripts recent_;
  const compiled_scripts* inherited_ = nullptr;
};

} // namespace vmsystem::engine::detail
