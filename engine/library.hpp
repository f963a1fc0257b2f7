#pragma once

#include "vmsystem/engine/image.hpp"
#include "vmsystem/models/failure.hpp"

#include <memory>
#include <string>
#include <vector>

namespace vmsystem::engine {

/// A script that is part of an image: its clones find the global that it set.
struct library {
  /// For messages and stack traces, such as `lodash-4.17.21`.
  std::string name;
  /// The global variable that scripts find; an identifier.
  std::string global;
  /// The global variable that the library sets, which becomes `global`; an
  /// identifier.
  std::string sets;
  /// The script, as UTF-8.
  std::string source;
};

/// Libraries in the order in which they are loaded. Immutable, so that the
/// same list means the same libraries.
using library_list = std::vector<std::shared_ptr<const library>>;

/// An image with everything of `base` in which these libraries ran, as sloppy
/// scripts and one after the other. What they print is dropped. Runs guest
/// code, so the calling thread needs a `thread_guard`.
/// Errors: library_failed, naming the library that threw, did not set its
/// global, or exceeded a bound: the image's memory, 2 seconds of processor
/// time, or 10 seconds for all of them; overloaded; internal.
[[nodiscard]] expected<std::shared_ptr<const image>>
with_libraries(std::shared_ptr<const image> base,
               const library_list& libraries);

} // namespace vmsystem::engine
