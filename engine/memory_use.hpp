#pragma once

#include <cstdint>

namespace vmsystem::engine {

/// Bytes of the linear memories of all instances of the process, for any
/// thread: what their guests have taken and never give back before they end or
/// are reset, in 64 KiB steps. A page of it is resident only when it was
/// touched, and an instance's own only when it was written to.
[[nodiscard]] uint64_t linear_memory_bytes() noexcept;

} // namespace vmsystem::engine
