#include "vmsystem/engine/console.hpp"

#include "vmsystem/engine/supervision.hpp"
#include "vmsystem/engine/utf8.hpp"

#include <string_view>

namespace vmsystem::engine::detail {

namespace {

/// Most bytes of one console line; the rest is cut off.
constexpr std::size_t max_line_bytes = 64u << 20;

/// Prints a string of the guest.
/// @returns what the console's function returns.
js_value print(guest& owner, js_value text, console_level level) {
  const auto context = owner.layout.context;
  const auto address = owner.call(Z_qwZ_JS_ToCStringLen2, context,
                                  owner.layout.scratch, text, 0);
  if (address == 0)
    return js_exception;
  const auto size = owner.read32(owner.layout.scratch);
  bool stop = false;
  if (owner.active != nullptr && owner.in_range(address, size)) {
    auto& line = owner.active->line;
    line.clear();
    append_valid_utf8(
      line, {reinterpret_cast<const char*>(owner.memory()) + address, size},
      max_line_bytes);
    owner.active->sample_memory();
    stop = owner.active->print(level, line);
  }
  owner.call(Z_qwZ_JS_FreeCString, context, address);
  return stop ? owner.throw_stop() : js_undefined;
}

void count_groups(guest& owner, uint32_t method) {
  const auto depth = owner.read32(owner.layout.group_depth);
  if (method == console_group || method == console_group_collapsed)
    owner.write32(owner.layout.group_depth, depth + 1);
  else if (method == console_group_end && depth > 0)
    owner.write32(owner.layout.group_depth, depth - 1);
}

} // namespace

uint64_t call_console(guest& owner, uint32_t argument_count, uint32_t arguments,
                      uint32_t method) {
  if (method >= console_methods.size())
    return js_undefined;
  const auto level = console_methods[method].level;
  // Most lines are one string, which needs no formatting.
  if (method < plain_console_methods && argument_count == 1
      && owner.read32(owner.layout.group_depth) == 0) {
    const auto value = owner.read64(arguments);
    if (is_string(value))
      return print(owner, value, level);
  }
  const auto text = owner.call(Z_qwZ_JS_Call, owner.layout.context,
                               owner.layout.console_formatters[method],
                               js_undefined, argument_count, arguments);
  if (is_exception(text))
    return text;
  count_groups(owner, method);
  if (!is_string(text)) {
    owner.free_value(text);
    return js_undefined;
  }
  const auto result = print(owner, text, level);
  owner.free_value(text);
  return result;
}

} // namespace vmsystem::engine::detail
