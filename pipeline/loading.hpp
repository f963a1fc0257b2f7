#pragma once

#include "vmsystem/models/failure.hpp"

#include <cstdint>
#include <string>

namespace vmsystem {

/// Checks that a worktree is an existing directory that can be opened. Blocks
/// on the disk. Errors: worktree_not_found; overloaded, when descriptors ran
/// out.
[[nodiscard]] expected<void> check_worktree(const std::string& worktree);

/// Reads a regular file of a worktree. The kernel resolves the path beneath
/// the worktree, so that neither `..` nor a symlink nor a race leaves it.
/// Blocks on the disk.
/// @param path relative to the worktree, in normal form.
/// @param max_bytes the largest file that is read.
/// Errors: worktree_not_found, file_not_found, invalid_path (it leaves the
/// worktree, or is not a regular file), payload_too_large,
/// overloaded (descriptors ran out), internal.
[[nodiscard]] expected<std::string> load_source(const std::string& worktree,
                                                const std::string& path,
                                                uint32_t max_bytes);

} // namespace vmsystem
