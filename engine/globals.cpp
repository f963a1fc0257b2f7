#include "vmsystem/engine/globals.hpp"

#include "vmsystem/engine/guest.hpp"
#include "vmsystem/engine/timer_queue.hpp"

namespace vmsystem::engine::detail {

namespace {

/// The arguments of one call.
class argument_list {
public:
  argument_list(guest& owner, uint32_t count, uint32_t address) noexcept
    : owner_{owner}, count_{count}, address_{address} {}

  /// Undefined for what was not passed.
  [[nodiscard]] js_value at(uint32_t i) const noexcept {
    return i < count_ ? owner_.read64(address_ + 8 * i) : js_undefined;
  }

  /// 0 for what is no number.
  [[nodiscard]] double number(uint32_t i) const noexcept {
    const auto value = at(i);
    switch (tag_of(value)) {
      case js_tag::integer:
        return integer_of(value);
      case js_tag::float64:
        return double_of(value);
      default:
        return 0;
    }
  }

  /// A timer's id; 0 for what is none.
  [[nodiscard]] uint64_t id(uint32_t i) const noexcept {
    constexpr double max_safe_integer = 9007199254740991;
    const auto value = number(i);
    return value >= 1 && value <= max_safe_integer
             ? static_cast<uint64_t>(value)
             : 0;
  }

  [[nodiscard]] bool is_true(uint32_t i) const noexcept {
    return tag_of(at(i)) == js_tag::boolean && payload_of(at(i)) != 0;
  }

private:
  guest& owner_;
  uint32_t count_;
  uint32_t address_;
};

js_value start_timer(guest& owner, const argument_list& given,
                     timer_queue::kind kind) {
  const auto id
    = owner.timers->start(owner, kind, given.at(0), given.number(1));
  return owner.call(Z_qwZ_JS_NewNumber, owner.layout.context,
                    static_cast<double>(id));
}

} // namespace

const std::vector<native_global_entry>& native_globals() {
  static const std::vector<native_global_entry> all{
    {"startTimeout", native_global::start_timeout},
    {"startInterval", native_global::start_interval},
    {"startImmediate", native_global::start_immediate},
    {"stopTimer", native_global::stop_timer},
    {"holdTimer", native_global::hold_timer},
  };
  return all;
}

js_value call_native_global(guest& owner, uint32_t argument_count,
                            uint32_t arguments, native_global which) {
  // While an image is built there are no runs that could wait.
  if (owner.timers == nullptr)
    return js_undefined;
  const argument_list given{owner, argument_count, arguments};
  switch (which) {
    case native_global::start_timeout:
      return start_timer(owner, given, timer_queue::kind::timeout);
    case native_global::start_interval:
      return start_timer(owner, given, timer_queue::kind::interval);
    case native_global::start_immediate:
      return start_timer(owner, given, timer_queue::kind::immediate);
    case native_global::stop_timer:
      owner.timers->stop(owner, given.id(0));
      return js_undefined;
    case native_global::hold_timer:
      owner.timers->hold(given.id(0), given.is_true(1));
      return js_undefined;
  }
  return js_undefined;
}

} // namespace vmsystem::engine::detail
