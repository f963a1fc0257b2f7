#pragma once

#include <chrono>

namespace vmsystem {

/// How long a request to a stage that only computes may take. Generous: it
/// bounds a bug or a starved machine, not normal work.
inline constexpr std::chrono::seconds stage_timeout{30};

/// How long the disk may take to open and read a source.
inline constexpr std::chrono::seconds load_timeout{30};

/// How long the store may take to make a group durable.
inline constexpr std::chrono::seconds write_timeout{60};

/// What a slot may take beyond a script's wall limit. The watchdog ends guests
/// long before.
inline constexpr std::chrono::seconds slot_margin{15};

/// How long a read of the store may take.
inline constexpr std::chrono::seconds query_timeout{10};

} // namespace vmsystem
