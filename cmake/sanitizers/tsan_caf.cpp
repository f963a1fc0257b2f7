/// Tells ThreadSanitizer how CAF hands memory from thread to thread.
///
/// CAF comes as a shared library without instrumentation: its atomics are
/// invisible, so that every message looks like a race. Programs built with the
/// sanitizer link this file. It stands before CAF's functions at which actors
/// change threads and calls the real ones, with a release where memory is given
/// away and an acquire where it is received, both on the address of the actor
/// (or of the counted object). Nothing else is hidden: data that two actors
/// share without a message is still reported.
///
/// The library finds these definitions only when they are visible to it, which
/// our own code is not by default.

#include <caf/actor_control_block.hpp>
#include <caf/blocking_actor.hpp>
#include <caf/mailbox_element.hpp>
#include <caf/ref_counted.hpp>
#include <caf/scheduled_actor.hpp>

#include <cstdio>
#include <cstdlib>
#include <utility>

#include <dlfcn.h>
#include <sanitizer/tsan_interface.h>

namespace {

void* address(const void* object) noexcept {
  return const_cast<void*>(object);
}

void hand_over(const void* object) noexcept {
  __tsan_release(address(object));
}

void take_over(const void* object) noexcept {
  __tsan_acquire(address(object));
}

/// Finds CAF's own definition. Member functions take `this` first.
template <class Function>
Function* next(const char* mangled_name) noexcept {
  auto* symbol = dlsym(RTLD_NEXT, mangled_name);
  if (symbol == nullptr) {
    std::fprintf(stderr, "CAF has no symbol %s\n", mangled_name);
    std::abort();
  }
  return reinterpret_cast<Function*>(symbol);
}

} // namespace

/// Names what CAF's scheduler does by itself: its queues of actors that may
/// run, and the object by which it stops its threads; and RocksDB's library,
/// which is not instrumented either, in what it reads and writes itself.
extern "C" [[gnu::visibility("default")]] const char*
__tsan_default_suppressions() {
  return "race:caf::detail::double_ended_queue<caf::resumable>\n"
         "race:caf::scheduler::coordinator<caf::policy::work_stealing>::enqueue\n"
         "race:shutdown_helper::resume\n"
         "race:librocksdb.so\n";
}

namespace caf {

[[gnu::visibility("default")]] void
scheduled_actor::launch(execution_unit* context, bool lazy, bool hide) {
  static auto* const real
    = next<void(scheduled_actor*, execution_unit*, bool, bool)>(
      "_ZN3caf15scheduled_actor6launchEPNS_14execution_unitEbb");
  hand_over(this);
  real(this, context, lazy, hide);
}

[[gnu::visibility("default")]] void
scheduled_actor::enqueue(mailbox_element_ptr element, execution_unit* context) {
  static auto* const real
    = next<void(scheduled_actor*, mailbox_element_ptr, execution_unit*)>(
      "_ZN3caf15scheduled_actor7enqueueESt10unique_ptrINS_15mailbox_elementENS_"
      "6detail8disposerEEPNS_14execution_unitE");
  hand_over(this);
  real(this, std::move(element), context);
}

[[gnu::visibility("default")]] resumable::resume_result
scheduled_actor::resume(execution_unit* context, size_t max_throughput) {
  static auto* const real
    = next<resume_result(scheduled_actor*, execution_unit*, size_t)>(
      "_ZN3caf15scheduled_actor6resumeEPNS_14execution_unitEm");
  take_over(this);
  return real(this, context, max_throughput);
}

[[gnu::visibility("default")]] bool
scheduled_actor::activate(execution_unit* context) {
  static auto* const real = next<bool(scheduled_actor*, execution_unit*)>(
    "_ZN3caf15scheduled_actor8activateEPNS_14execution_unitE");
  const auto result = real(this, context);
  hand_over(this);
  return result;
}

[[gnu::visibility("default")]] scheduled_actor::activation_result
scheduled_actor::reactivate(mailbox_element& element) {
  static auto* const real
    = next<activation_result(scheduled_actor*, mailbox_element&)>(
      "_ZN3caf15scheduled_actor10reactivateERNS_15mailbox_elementE");
  take_over(this);
  const auto result = real(this, element);
  hand_over(this);
  return result;
}

// What was sent to it meanwhile is destroyed with it.
[[gnu::visibility("default")]] bool
scheduled_actor::cleanup(error&& reason, execution_unit* context) {
  static auto* const real
    = next<bool(scheduled_actor*, error&&, execution_unit*)>(
      "_ZN3caf15scheduled_actor7cleanupEONS_5errorEPNS_14execution_unitE");
  take_over(this);
  return real(this, std::move(reason), context);
}

[[gnu::visibility("default")]] void
blocking_actor::enqueue(mailbox_element_ptr element, execution_unit* context) {
  static auto* const real
    = next<void(blocking_actor*, mailbox_element_ptr, execution_unit*)>(
      "_ZN3caf14blocking_actor7enqueueESt10unique_ptrINS_15mailbox_elementENS_"
      "6detail8disposerEEPNS_14execution_unitE");
  hand_over(this);
  real(this, std::move(element), context);
}

[[gnu::visibility("default")]] intrusive::task_result
blocking_actor::mailbox_visitor::operator()(mailbox_element& element) {
  static auto* const real
    = next<intrusive::task_result(mailbox_visitor*, mailbox_element&)>(
      "_ZN3caf14blocking_actor15mailbox_visitorclERNS_15mailbox_elementE");
  take_over(self);
  return real(this, element);
}

[[gnu::visibility("default")]] void
intrusive_ptr_release(actor_control_block* block) {
  static auto* const real = next<void(actor_control_block*)>(
    "_ZN3caf21intrusive_ptr_releaseEPNS_19actor_control_blockE");
  take_over(block);
  hand_over(block);
  real(block);
}

[[gnu::visibility("default")]] void
intrusive_ptr_release_weak(actor_control_block* block) {
  static auto* const real = next<void(actor_control_block*)>(
    "_ZN3caf26intrusive_ptr_release_weakEPNS_19actor_control_blockE");
  take_over(block);
  hand_over(block);
  real(block);
}

[[gnu::visibility("default")]] void ref_counted::deref() const noexcept {
  static auto* const real
    = next<void(const ref_counted*)>("_ZNK3caf11ref_counted5derefEv");
  take_over(this);
  hand_over(this);
  real(this);
}

} // namespace caf
