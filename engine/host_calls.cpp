#include "vmsystem/engine/host_calls.hpp"

#include "vmsystem/engine/engine_flags.hpp"
#include "vmsystem/engine/render.hpp"
#include "vmsystem/engine/script_errors.hpp"
#include "vmsystem/engine/supervision.hpp"

#include <exception>
#include <limits>
#include <utility>

namespace vmsystem::engine::detail {

namespace {

/// Runs code of the host: nothing that it throws reaches the guest's frames.
template <class Body>
expected<json_text> shielded(const std::string& name, Body&& body) noexcept {
  try {
    return body();
  } catch (const std::exception& error) {
    return fail(ec::internal,
                "host." + name + " threw an exception: " + error.what());
  } catch (...) {
    return fail(ec::internal, "host." + name + " threw an exception");
  }
}

} // namespace

host_calls::host_calls(const host_function_table& table) : table_{table} {}

js_value host_calls::call(guest& owner, uint32_t argument_count,
                          uint32_t arguments, uint32_t index) {
  if (owner.active == nullptr || index >= table_.entries().size())
    return js_undefined;
  const auto& which = table_.entries()[index];
  if (owner.active->rendering())
    return throw_text(owner, Z_qwZ_JS_ThrowTypeError,
                      "the host cannot be called while a result is rendered");
  if (!write_arguments(owner, argument_count, arguments, which))
    return js_exception;
  if (const auto* later = std::get_if<async_host_function>(&which.function))
    return begin(owner, which, index, *later);
  answer_now(owner, which, std::get<host_function>(which.function));
  if (owner.active->poll())
    return owner.throw_stop();
  if (result_)
    return parse(owner, result_.value(), which);
  const auto error = error_of(owner, result_.error());
  return is_exception(error)
           ? error
           : owner.call(Z_qwZ_JS_Throw, owner.layout.context, error);
}

// Getters and `toJSON` of the script may run while the texts are made, and may
// call the host too: until the last one is there, all stay in the guest.
bool host_calls::write_arguments(guest& owner, uint32_t count,
                                 uint32_t arguments, const entry& which) {
  const auto context = owner.layout.context;
  const auto texts = owner.call(Z_qwZ_JS_NewArray, context);
  if (is_exception(texts))
    return false;
  for (uint32_t i = 0; i < count; ++i) {
    owner.active->limit_json(std::numeric_limits<std::size_t>::max());
    const auto text = owner.call(Z_qwZ_JS_JSONStringify, context,
                                 owner.read64(arguments + 8 * i),
                                 owner.layout.json_guard, js_undefined);
    if (!is_string(text)) {
      if (!is_exception(text)) {
        owner.free_value(text);
        text_ = "argument " + std::to_string(i + 1) + " of host." + which.name
                + " has no JSON form";
        throw_text(owner, Z_qwZ_JS_ThrowTypeError, text_);
      }
      owner.free_value(texts);
      return false;
    }
    const auto kept = owner.call(Z_qwZ_JS_DefinePropertyValueUint32, context,
                                 texts, i, text, plain_property);
    if (static_cast<int32_t>(kept) < 0) {
      owner.free_value(texts);
      return false;
    }
  }
  arguments_ = '[';
  for (uint32_t i = 0; i < count && arguments_.size() <= max_host_text_bytes;
       ++i) {
    if (i != 0)
      arguments_ += ',';
    const auto text = owner.call(Z_qwZ_JS_GetPropertyUint32, context, texts, i);
    const bool got
      = owner.append_text(text, arguments_,
                          max_host_text_bytes + 1 - arguments_.size());
    owner.free_value(text);
    if (!got) {
      owner.free_value(texts);
      owner.call(Z_qwZ_JS_ThrowOutOfMemory, context);
      return false;
    }
  }
  arguments_ += ']';
  owner.free_value(texts);
  if (arguments_.size() > max_host_text_bytes) {
    text_ = "the arguments of host." + which.name + " have more than "
            + std::to_string(max_host_text_bytes) + " bytes as JSON";
    throw_text(owner, Z_qwZ_JS_ThrowRangeError, text_);
    return false;
  }
  if (!tidy_json(arguments_)) {
    text_ = "the arguments of host." + which.name + " are nested too deeply";
    throw_text(owner, Z_qwZ_JS_ThrowRangeError, text_);
    return false;
  }
  return true;
}

void host_calls::answer_now(guest& owner, const entry& which,
                            const host_function& function) {
  const json_text arguments{std::move(arguments_)};
  owner.active->begin_host();
  result_ = shielded(which.name, [&] { return function(arguments); });
  owner.active->end_host();
  check_size(result_, which);
}

js_value host_calls::begin(guest& owner, const entry& which, uint32_t index,
                           const async_host_function& function) {
  if (open_.size() >= max_open_host_calls) {
    result_
      = fail(ec::overloaded, "more than " + std::to_string(max_open_host_calls)
                               + " calls of the host wait for an answer");
    const auto error = error_of(owner, result_.error());
    return is_exception(error)
             ? error
             : owner.call(Z_qwZ_JS_Throw, owner.layout.context, error);
  }
  const auto promise = owner.call(Z_qwZ_JS_NewPromiseCapability,
                                  owner.layout.context, owner.layout.scratch);
  if (is_exception(promise))
    return promise;
  const auto id = ++last_call_;
  open_[id] = {owner.read64(owner.layout.scratch),
               owner.read64(owner.layout.scratch + 8), index};
  {
    const host_reply reply{
      std::make_shared<open_reply>(inbox_, id, which.name)};
    json_text arguments{std::move(arguments_)};
    owner.active->begin_host();
    auto called = shielded(which.name, [&]() -> expected<json_text> {
      function(std::move(arguments), reply);
      return json_text{};
    });
    owner.active->end_host();
    if (!called)
      reply(std::move(called).error());
  }
  if (!owner.active->poll())
    return promise;
  owner.free_value(promise);
  return owner.throw_stop();
}

void host_calls::check_size(expected<json_text>& result, const entry& which) {
  if (result && result.value().text.size() > max_host_text_bytes)
    result = fail(ec::payload_too_large,
                  "the answer of host." + which.name + " has more than "
                    + std::to_string(max_host_text_bytes) + " bytes");
}

js_value host_calls::parse(guest& owner, const json_text& json,
                           const entry& which) {
  if (json.empty())
    return js_undefined;
  text_ = "host." + which.name;
  const auto name = owner.copy_in(text_);
  const auto text = owner.copy_in(json.text);
  const auto context = owner.layout.context;
  const auto value
    = name == 0 || text == 0
        ? owner.call(Z_qwZ_JS_ThrowOutOfMemory, context)
        : owner.call(Z_qwZ_JS_ParseJSON, context, text,
                     static_cast<uint32_t>(json.text.size()), name);
  owner.free_bytes(text);
  owner.free_bytes(name);
  return value;
}

js_value host_calls::error_of(guest& owner, const failure& why) {
  return new_error(owner, why.message, to_string_view(why.code));
}

void host_calls::wait(std::chrono::steady_clock::time_point until,
                      run_control* control) {
  inbox_->wait(until, control);
}

void host_calls::deliver(guest& owner) {
  inbox_->take(arrived_);
  while (!arrived_.empty() && owner.active->stop_reason() == end_reason::ok)
    settle_first(owner);
}

// Resolving with an object looks for its `then`, which may be a script's
// getter and call the host again: by then nothing of this answer is needed.
void host_calls::settle_first(guest& owner) {
  const auto found = open_.find(arrived_.front().call);
  if (found == open_.end()) {
    arrived_.pop_front();
    return;
  }
  const auto call = found->second;
  const auto& which = table_.entries()[call.index];
  auto& result = arrived_.front().result;
  check_size(result, which);
  open_.erase(found);
  auto settle = call.resolve;
  auto value = js_exception;
  if (result) {
    value = parse(owner, result.value(), which);
  } else {
    value = error_of(owner, result.error());
    settle = call.reject;
  }
  arrived_.pop_front();
  const auto context = owner.layout.context;
  if (is_exception(value)) {
    value = owner.call(Z_qwZ_JS_GetException, context);
    settle = call.reject;
  }
  const auto argument = owner.layout.scratch + 32;
  owner.write64(argument, value);
  const auto done
    = owner.call(Z_qwZ_JS_Call, context, settle, js_undefined, 1, argument);
  if (is_exception(done))
    owner.drop_exception();
  else
    owner.free_value(done);
  owner.free_value(value);
  owner.free_value(call.resolve);
  owner.free_value(call.reject);
}

void host_calls::drop(guest& owner) {
  while (!open_.empty()) {
    const auto call = open_.begin()->second;
    open_.erase(open_.begin());
    owner.free_value(call.resolve);
    owner.free_value(call.reject);
  }
}

void host_calls::forget() {
  open_.clear();
  arrived_.clear();
  inbox_ = std::make_shared<reply_inbox>();
}

} // namespace vmsystem::engine::detail
