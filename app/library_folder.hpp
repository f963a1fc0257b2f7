#pragma once

#include "vmsystem/models/failure.hpp"
#include "vmsystem/pipeline/library_cache.hpp"

#include <string>
#include <string_view>

namespace vmsystem {

// What `libs` does to a library cache. Several processes may do it at the same
// time; whoever reads sees a library whole or not at all.

/// Puts a library into a cache, which is made when it is missing: its script,
/// then its line of the manifest, both in the place of older ones. Sets the
/// entry's integrity. Errors: internal; library_not_found for a manifest that
/// cannot be read.
[[nodiscard]] expected<void> put_library(const std::string& folder,
                                         library_entry entry,
                                         std::string_view source);

/// Takes a library out of a cache. Errors: library_not_found when it is not
/// there; internal.
/// @returns what was taken out.
[[nodiscard]] expected<library_entry> remove_library(const std::string& folder,
                                                     std::string_view name);

} // namespace vmsystem
