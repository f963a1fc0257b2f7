#pragma once

#include "vmsystem/engine/modules/module_settings.hpp"
#include "vmsystem/models/template.hpp"

namespace vmsystem {

/// What a template lets its scripts load: the resolver's settings, the modules
/// that it lists or has an enabled capability of the kind `module` for, and
/// what its capabilities of the kind `fs` grant. Without any of these the
/// module `fs` may read and write all of the worktree.
///
/// The configuration of a capability `fs` has the fields `write` (false when
/// absent) and `paths` (all of the worktree when absent). What it names outside
/// of the worktree, and values of another type, grant nothing.
///
/// That of the module `exec` has the fields `programs`, absolute paths and bare
/// names; `env`, an object of strings; `timeout_ms` and `max_output_kb`. One
/// that makes no sense grants no program.
/// @param allow_exec whether the server runs programs at all.
[[nodiscard]] engine::module_settings modules_of(const template_bundle& of,
                                                 bool allow_exec);

} // namespace vmsystem
