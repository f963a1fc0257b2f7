#pragma once

#include "vmsystem/models/failure.hpp"

#include <optional>
#include <string_view>

namespace vmsystem {

// The service manager that started this process, where there is one: systemd,
// or whatever speaks its two protocols (sd_notify(3), sd_listen_fds(3)). Both
// are found by the environment.

/// Whether a service manager wants to hear how this process is.
[[nodiscard]] bool has_service_manager();

/// Tells the service manager lines such as `READY=1`; does nothing where there
/// is none. Errors: internal.
[[nodiscard]] expected<void> notify_service_manager(std::string_view lines);

/// The descriptor of the socket that the service manager made for this process;
/// none where it made none. Errors: validation_error, when it made several.
[[nodiscard]] expected<std::optional<int>> socket_of_service_manager();

} // namespace vmsystem
