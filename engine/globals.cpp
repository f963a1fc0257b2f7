#include "vmsystem/engine/globals.hpp"

#include "vmsystem/engine/builtin_modules.hpp"
#include "vmsystem/engine/digest.hpp"
#include "vmsystem/engine/guest.hpp"
#include "vmsystem/engine/supervision.hpp"
#include "vmsystem/engine/surroundings.hpp"
#include "vmsystem/engine/timer_queue.hpp"

#include <simdjson.h>

#include <algorithm>
#include <array>

namespace vmsystem::engine::detail {

namespace {

/// The arguments of one call.
class argument_list {
public:
  argument_list(guest& owner, uint32_t count, uint32_t address) noexcept
    : owner_{owner}, count_{count}, address_{address} {}

  /// Undefined for what was not passed.
  [[nodiscard]] js_value at(uint32_t i) const noexcept {
    return owner_.argument(i, count_, address_);
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

  /// A timer's id or a size; 0 for what is none.
  [[nodiscard]] uint64_t integer(uint32_t i) const noexcept {
    constexpr double max_safe_integer = 9007199254740991;
    const auto value = number(i);
    return value >= 1 && value <= max_safe_integer
             ? static_cast<uint64_t>(value)
             : 0;
  }

  [[nodiscard]] bool is_true(uint32_t i) const noexcept {
    return detail::is_true(at(i));
  }

private:
  guest& owner_;
  uint32_t count_;
  uint32_t address_;
};

js_value number(guest& owner, double value) {
  return owner.call(Z_qwZ_JS_NewNumber, owner.layout.context, value);
}

js_value start_timer(guest& owner, const argument_list& given,
                     timer_queue::kind kind) {
  const auto id
    = owner.timers->start(owner, kind, given.at(0), given.number(1));
  return number(owner, static_cast<double>(id));
}

/// The bytes that (ArrayBuffer, offset, length) name, which begin with the
/// argument `first`; none when they are not all there. Runs no code of a
/// script.
std::string_view bytes_of(guest& owner, const argument_list& given,
                          uint32_t first = 0) {
  const auto scratch = owner.layout.scratch;
  const auto address = owner.call(Z_qwZ_JS_GetArrayBuffer, owner.layout.context,
                                  scratch, given.at(first));
  const uint64_t size = owner.read32(scratch);
  const auto offset = given.integer(first + 1);
  const auto length = given.integer(first + 2);
  if (address == 0) {
    owner.drop_exception();
    return {};
  }
  if (offset > size || length > size - offset || !owner.in_range(address, size))
    return {};
  return {reinterpret_cast<const char*>(owner.memory()) + address + offset,
          static_cast<std::size_t>(length)};
}

uint32_t address_of(guest& owner, std::string_view bytes) {
  return static_cast<uint32_t>(reinterpret_cast<const uint8_t*>(bytes.data())
                               - owner.memory());
}

// The engine writes a lone surrogate as if it were a character: it becomes
// U+FFFD, which takes as many bytes.
void replace_surrogates(guest& owner, uint32_t address, uint32_t size) {
  auto* const bytes = owner.memory() + address;
  for (uint32_t i = 0; i + 2 < size; ++i)
    if (bytes[i] == 0xed && bytes[i + 1] >= 0xa0) {
      bytes[i] = 0xef;
      bytes[i + 1] = 0xbf;
      bytes[i + 2] = 0xbd;
    }
}

js_value encode_utf8(guest& owner, const argument_list& given) {
  const auto context = owner.layout.context;
  const auto scratch = owner.layout.scratch;
  const auto text
    = owner.call(Z_qwZ_JS_ToCStringLen2, context, scratch, given.at(0), 0);
  if (text == 0)
    return js_exception;
  const auto size = owner.read32(scratch);
  const auto buffer
    = owner.call(Z_qwZ_JS_NewArrayBufferCopy, context, text, size);
  owner.call(Z_qwZ_JS_FreeCString, context, text);
  if (is_exception(buffer))
    return buffer;
  const auto copy
    = owner.call(Z_qwZ_JS_GetArrayBuffer, context, scratch, buffer);
  if (copy != 0 && owner.in_range(copy, size))
    replace_surrogates(owner, copy, size);
  return buffer;
}

js_value decode_utf8(guest& owner, const argument_list& given) {
  const auto bytes = bytes_of(owner, given);
  if (!simdjson::validate_utf8(bytes.data(), bytes.size()))
    return js_undefined;
  return owner.call(Z_qwZ_JS_NewStringLen, owner.layout.context,
                    bytes.empty() ? owner.layout.scratch
                                  : address_of(owner, bytes),
                    static_cast<uint32_t>(bytes.size()));
}

/// A name of something of ours, with a zero behind it; empty for longer ones.
struct short_name {
  std::array<char, 64> bytes{};
  uint32_t size = 0;

  [[nodiscard]] std::string_view text() const noexcept {
    return {bytes.data(), size};
  }
};

/// @returns false when an exception is pending.
bool take_name(guest& owner, js_value value, short_name& to) {
  const auto context = owner.layout.context;
  const auto scratch = owner.layout.scratch;
  const auto text
    = owner.call(Z_qwZ_JS_ToCStringLen2, context, scratch, value, 0);
  if (text == 0)
    return false;
  const auto size = owner.read32(scratch);
  if (size < to.bytes.size() && owner.in_range(text, size)) {
    std::copy_n(owner.memory() + text, size, to.bytes.begin());
    to.size = size;
  }
  owner.call(Z_qwZ_JS_FreeCString, context, text);
  return true;
}

js_value module_source(guest& owner, const argument_list& given) {
  short_name name;
  return take_name(owner, given.at(0), name)
           ? owner.new_string(builtin_module_source(name.text()))
           : js_exception;
}

js_value fill_random(guest& owner, const argument_list& given) {
  const auto bytes = bytes_of(owner, given);
  if (!bytes.empty())
    owner.outside->fill(owner.memory() + address_of(owner, bytes),
                        bytes.size());
  return js_undefined;
}

js_value digest(guest& owner, const argument_list& given) {
  const auto context = owner.layout.context;
  short_name name;
  if (!take_name(owner, given.at(0), name))
    return js_exception;
  digest_bytes result;
  switch (compute_digest(name.bytes.data(), bytes_of(owner, given, 1),
                         *owner.active, result)) {
    case digest_end::unknown:
      return js_undefined;
    case digest_end::stopped:
      return owner.throw_stop();
    case digest_end::done:
      break;
  }
  const auto copy = owner.copy_in(result.view());
  if (copy == 0)
    return owner.call(Z_qwZ_JS_ThrowOutOfMemory, context);
  const auto buffer = owner.call(Z_qwZ_JS_NewArrayBufferCopy, context, copy,
                                 static_cast<uint32_t>(result.size));
  owner.free_bytes(copy);
  return buffer;
}

} // namespace

const std::vector<native_global_entry>& native_globals() {
  static const std::vector<native_global_entry> all{
    {"startTimeout", native_global::start_timeout},
    {"startInterval", native_global::start_interval},
    {"startImmediate", native_global::start_immediate},
    {"stopTimer", native_global::stop_timer},
    {"holdTimer", native_global::hold_timer},
    {"encodeUtf8", native_global::encode_utf8},
    {"decodeUtf8", native_global::decode_utf8},
    {"fillRandom", native_global::fill_random},
    {"now", native_global::now},
    {"timeOrigin", native_global::time_origin},
    {"moduleSource", native_global::module_source},
    {"digest", native_global::digest},
  };
  return all;
}

js_value call_native_global(guest& owner, uint32_t argument_count,
                            uint32_t arguments, native_global which) {
  // Nothing of all this can be asked while an image is built.
  if (owner.timers == nullptr || owner.outside == nullptr
      || owner.active == nullptr)
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
      owner.timers->stop(owner, given.integer(0));
      return js_undefined;
    case native_global::hold_timer:
      owner.timers->hold(given.integer(0), given.is_true(1));
      return js_undefined;
    case native_global::encode_utf8:
      return encode_utf8(owner, given);
    case native_global::decode_utf8:
      return decode_utf8(owner, given);
    case native_global::fill_random:
      return fill_random(owner, given);
    case native_global::now:
      return number(owner, owner.outside->elapsed_ms());
    case native_global::time_origin:
      return number(owner, owner.outside->origin_ms());
    case native_global::module_source:
      return module_source(owner, given);
    case native_global::digest:
      return digest(owner, given);
  }
  return js_undefined;
}

} // namespace vmsystem::engine::detail
