#pragma once

#include "vmsystem/engine/library.hpp"
#include "vmsystem/models/template.hpp"

#include <memory>

namespace vmsystem {

/// What sets the globals of a template's enabled capabilities when its image is
/// made: for each of the kind `global` a constant of its name with the `value`
/// of its configuration; and `process.env` with what those of the kind `env`
/// say: a string `value` for their name, or strings in `values`, by name. What
/// lacks these, and a name that is no identifier of ASCII, has no effect. Null
/// when there is nothing to set.
[[nodiscard]] std::shared_ptr<const engine::library>
globals_of(const template_bundle& of);

} // namespace vmsystem
