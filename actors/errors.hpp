#pragma once

#include "vmsystem/models/failure.hpp"

#include <caf/error.hpp>

namespace vmsystem {

/// The error that carries `x` between actors: its code, message and details.
[[nodiscard]] caf::error to_error(const failure& x);

/// The failure that `x` carries. An error of somebody else (a timeout, a dead
/// receiver, an exception) becomes `ec::internal` with its reason.
[[nodiscard]] failure to_failure(const caf::error& x);

} // namespace vmsystem
