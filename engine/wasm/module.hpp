#pragma once

// The translated engine's declarations. `qw.h` is generated and is not ours to
// warn about; the embedder completes the two import structures.

#include "vmsystem/engine/wasm/runtime.h"

#if defined(__GNUC__)
#  pragma GCC diagnostic push
#  pragma GCC diagnostic ignored "-Wpedantic"
#  pragma GCC diagnostic ignored "-Wconversion"
#  pragma GCC diagnostic ignored "-Wshadow"
#endif
#include "qw.h"
#if defined(__GNUC__)
#  pragma GCC diagnostic pop
#endif

namespace vmsystem::engine::detail {
class guest;
} // namespace vmsystem::engine::detail

/// What the engine's imports from `env` are called with.
struct Z_env_instance_t {
  vmsystem::engine::detail::guest* owner;
};

/// What the engine's imports from WASI are called with.
struct Z_wasi_snapshot_preview1_instance_t {
  vmsystem::engine::detail::guest* owner;
};
