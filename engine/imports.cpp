// What the engine asks of its surroundings: its twelve imports.

#include "vmsystem/engine/guest.hpp"
#include "vmsystem/engine/supervision.hpp"
#include "vmsystem/engine/surroundings.hpp"

#include <ctime>

#include <sys/random.h>

using vmsystem::engine::detail::guest;
using vmsystem::engine::detail::is_object;
using vmsystem::engine::detail::payload_of;

namespace {

/// Error numbers of WASI.
constexpr uint32_t wasi_success = 0;
constexpr uint32_t wasi_badf = 8;
constexpr uint32_t wasi_fault = 21;
constexpr uint32_t wasi_io = 29;
constexpr uint32_t wasi_notsup = 58;

/// Clock numbers of WASI.
constexpr uint32_t wasi_realtime = 0;

/// Unhandled rejections that one run may report.
constexpr std::size_t max_rejections = 64;

/// A value that came in a box of its own: takes it out and frees the box.
vmsystem::engine::detail::js_value unbox(guest& owner, uint32_t box) {
  const auto value = owner.read64(box);
  owner.free_bytes(box);
  return value;
}

void note_rejection(guest& owner, uint32_t promise_box, uint32_t reason_box,
                    bool handled) {
  const auto promise = unbox(owner, promise_box);
  const auto reason = unbox(owner, reason_box);
  if (owner.active != nullptr) {
    auto& list = owner.active->rejections;
    if (!handled && list.size() < max_rejections) {
      list.push_back({promise, reason});
      return;
    }
    for (auto i = list.begin(); handled && i != list.end(); ++i) {
      if (i->promise != promise)
        continue;
      const auto known = *i;
      list.erase(i);
      owner.free_value(known.promise);
      owner.free_value(known.reason);
      break;
    }
  }
  owner.free_value(promise);
  owner.free_value(reason);
}

} // namespace

extern "C" {

// -- env ----------------------------------------------------------------------

u32 Z_envZ_host_interrupt(Z_env_instance_t* env) {
  return guest::as_host([env] {
    auto* run = env->owner->active;
    return run != nullptr && run->poll() ? 1u : 0u;
  });
}

void Z_envZ_host_promise_rejection(Z_env_instance_t* env, u32 promise,
                                   u32 reason, u32 handled) {
  guest::as_host(
    [=] { note_rejection(*env->owner, promise, reason, handled != 0); });
}

u32 Z_envZ_host_get_timezone_offset(Z_env_instance_t*, u32, u32) {
  return 0;
}

/// Host functions are entries of the function table and do not come here.
u32 Z_envZ_host_call(Z_env_instance_t*, u32, u32, u32, u32, u32) {
  return 0;
}

/// Modules are loaded by entries of the function table as well.
u32 Z_envZ_host_module_normalize(Z_env_instance_t*, u32, u32) {
  return 0;
}

u32 Z_envZ_host_module_load(Z_env_instance_t*, u32, u32) {
  return 0;
}

// -- WASI ---------------------------------------------------------------------

u32 Z_wasi_snapshot_preview1Z_clock_time_get(
  Z_wasi_snapshot_preview1_instance_t* wasi, u32 id, u64, u32 result) {
  return guest::as_host([=] {
    if (!wasi->owner->in_range(result, sizeof(uint64_t)))
      return wasi_fault;
    const auto* own = wasi->owner->outside;
    if (id == wasi_realtime && own != nullptr) {
      wasi->owner->write64(result, own->realtime_ns());
      return wasi_success;
    }
    timespec now{};
    clock_gettime(id == wasi_realtime ? CLOCK_REALTIME : CLOCK_MONOTONIC, &now);
    wasi->owner->write64(result, static_cast<uint64_t>(now.tv_sec) * 1000000000u
                                   + static_cast<uint64_t>(now.tv_nsec));
    return wasi_success;
  });
}

u32 Z_wasi_snapshot_preview1Z_random_get(
  Z_wasi_snapshot_preview1_instance_t* wasi, u32 buffer, u32 size) {
  return guest::as_host([=] {
    if (!wasi->owner->in_range(buffer, size))
      return wasi_fault;
    auto* const bytes = wasi->owner->memory() + buffer;
    if (auto* const own = wasi->owner->outside)
      return own->fill(bytes, size) ? wasi_success : wasi_io;
    const auto got = getrandom(bytes, size, 0);
    return got == static_cast<ssize_t>(size) ? wasi_success : wasi_io;
  });
}

/// The engine prints nothing that a script can cause.
u32 Z_wasi_snapshot_preview1Z_fd_write(Z_wasi_snapshot_preview1_instance_t*,
                                       u32, u32, u32, u32) {
  return wasi_badf;
}

u32 Z_wasi_snapshot_preview1Z_fd_close(Z_wasi_snapshot_preview1_instance_t*,
                                       u32) {
  return wasi_badf;
}

u32 Z_wasi_snapshot_preview1Z_fd_fdstat_get(
  Z_wasi_snapshot_preview1_instance_t*, u32, u32) {
  return wasi_badf;
}

u32 Z_wasi_snapshot_preview1Z_fd_seek(Z_wasi_snapshot_preview1_instance_t*, u32,
                                      u64, u32, u32) {
  return wasi_notsup;
}

} // extern "C"
