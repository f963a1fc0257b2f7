#include "vmsystem/engine/script_run.hpp"

#include "vmsystem/engine/engine_flags.hpp"
#include "vmsystem/engine/host_calls.hpp"
#include "vmsystem/engine/modules/module_calls.hpp"
#include "vmsystem/engine/timer_queue.hpp"

#include <algorithm>
#include <string>
#include <utility>

namespace vmsystem::engine::detail {

namespace {

/// Results of `JS_PromiseState`.
constexpr uint32_t promise_pending = 0;
constexpr uint32_t promise_rejected = 2;

/// Jobs between two checks of the limits; calls of functions check as well.
constexpr uint32_t jobs_per_poll = 64;

/// Room above the memory limit for rendering what became of a run that used
/// all of it.
constexpr uint32_t rendering_bytes = 4u << 20;

/// What a script may use of a heap that is full already, and of what such
/// scripts leave behind.
constexpr uint32_t way_out_bytes = 256u << 10;
constexpr uint32_t max_way_out_bytes = 2u << 20;

/// A pending job: two links, its realm, its function, the number of its
/// arguments, and they.
constexpr uint32_t job_argument_count = 16;
constexpr uint32_t job_arguments = 24;
constexpr uint32_t max_job_arguments = 16;

} // namespace

script_run::script_run(guest& owner, compiled_scripts& scripts,
                       supervision& limits, const run_options& options,
                       run_outcome& outcome) noexcept
  : guest_{owner},
    scripts_{scripts},
    limits_{limits},
    options_{options},
    outcome_{outcome} {}

void script_run::fail(end_reason reason, std::string message) {
  outcome_.reason = reason;
  outcome_.error.message = std::move(message);
}

void script_run::execute() {
  tighten_memory();
  leave_way_out();
  ending_ = define_globals() ? compile_and_run() : ending::failed;
  run_on();
}

void script_run::resume(js_value promise) {
  tighten_memory();
  leave_way_out();
  result_ = promise;
  ending_ = ending::value;
  static_cast<void>(limits_.poll());
  run_on();
}

// From where there are jobs to run until the end.
void script_run::run_on() {
  if (ending_ != ending::failed) {
    run_jobs();
    settle();
    if (limits_.stop_reason() == end_reason::ok)
      report_rejections();
    if (tag_of(pending_) == js_tag::undefined)
      drop_timers();
  }
  const auto stop = limits_.stop_reason();
  if (stop != end_reason::ok)
    finish_stopped(stop);
  else if (ending_ == ending::thrown)
    finish_thrown();
  else if (ending_ == ending::value)
    finish_value();
  stage_ = stage::cleaning;
  guest_.layout.memory_limit = image_limit_;
  if (changed_limit_)
    guest_.call(Z_qwZ_qjs_set_memory_limit, guest_.layout.memory_limit);
}

bool script_run::define_globals() {
  return define_global("__ARGS__", options_.args_json)
         && define_global("__ENV__", options_.env_json);
}

bool script_run::define_global(const char* name, std::string_view json) {
  if (json.empty())
    return true;
  const auto context = guest_.layout.context;
  const auto key = guest_.copy_in(name);
  const auto text = guest_.copy_in(json);
  js_value value = js_exception;
  if (key != 0 && text != 0)
    value = guest_.call(Z_qwZ_JS_ParseJSON, context, text,
                        static_cast<uint32_t>(json.size()), key);
  if (is_exception(value)) {
    guest_.drop_exception();
    fail(end_reason::engine_failure,
         std::string{name} + " could not be set: not JSON, or no memory");
    return false;
  }
  const auto global = guest_.call(Z_qwZ_JS_GetGlobalObject, context);
  const auto defined = guest_.call(Z_qwZ_JS_DefinePropertyValueStr, context,
                                   global, key, value, plain_property);
  if (static_cast<int32_t>(defined) < 0)
    guest_.drop_exception();
  guest_.free_value(global);
  guest_.free_bytes(text);
  guest_.free_bytes(key);
  return true;
}

// Leaves the script's function in `result_`.
script_run::ending script_run::compile() {
  const auto context = guest_.layout.context;
  const auto source = guest_.copy_in(options_.source);
  const auto name = guest_.copy_in(options_.file_name);
  if (source == 0 || name == 0) {
    guest_.free_bytes(source);
    guest_.free_bytes(name);
    fail(end_reason::memory_limit,
         limit_text(end_reason::memory_limit, options_,
                    guest_.layout.memory_limit)
           + ": the script has " + std::to_string(options_.source.size() >> 20)
           + " MiB");
    return ending::failed;
  }
  const auto size = static_cast<uint32_t>(options_.source.size());
  is_module_
    = options_.role != script_role::snippet && options_.file_name.size() > 4
      && options_.file_name.substr(options_.file_name.size() - 4) == ".mjs";
  result_ = compile_as(source, size, name, is_module_);
  if (is_exception(result_) && !is_module_ && may_be_module()) {
    const auto error = guest_.call(Z_qwZ_JS_GetException, context);
    result_ = compile_as(source, size, name, true);
    is_module_ = !is_exception(result_);
    if (is_module_ || looks_like_module(options_.source)) {
      guest_.free_value(error);
    } else {
      guest_.drop_exception();
      guest_.call(Z_qwZ_JS_Throw, context, error);
    }
  }
  guest_.free_bytes(source);
  guest_.free_bytes(name);
  if (is_exception(result_))
    return ending::thrown;
  if (is_module_
      && !guest_.modules->set_import_meta(guest_, payload_of(result_),
                                          options_.file_name))
    return ending::thrown;
  const auto mode = options_.compile;
  if (is_module_)
    return ending::value;
  if (mode == compile_mode::prepare
      || (mode == compile_mode::keep
          && scripts_.comes_again(options_.source, options_.file_name)))
    keep_compiled();
  return ending::value;
}

js_value script_run::compile_as(uint32_t address, uint32_t size, uint32_t name,
                                bool module) {
  const bool strict = guest_.layout.language.strict && !options_.sloppy;
  const auto kind = module ? eval_module : strict ? eval_strict : 0u;
  return guest_.call(Z_qwZ_JS_Eval, guest_.layout.context, address, size, name,
                     eval_compile_only | kind);
}

// A script that does not compile may be an ES module.
bool script_run::may_be_module() const {
  const auto has = [this](std::string_view word) {
    return options_.source.find(word) != std::string_view::npos;
  };
  return options_.role != script_role::snippet && guest_.layout.language.esm
         && limits_.stop_reason() == end_reason::ok
         && (has("import") || has("export") || has("await"));
}

// A promise of the default export, once the module was evaluated.
js_value script_run::complete_module(js_value evaluated, js_value module) {
  const auto context = guest_.layout.context;
  const auto arguments = guest_.layout.scratch + 32;
  const auto exports
    = guest_.call(Z_qwZ_JS_GetModuleNamespace, context, payload_of(module));
  guest_.write64(arguments, evaluated);
  guest_.write64(arguments + 8, exports);
  const auto completion
    = guest_.call(Z_qwZ_JS_Call, context, guest_.layout.module_completion,
                  js_undefined, 2, arguments);
  guest_.free_value(exports);
  guest_.free_value(evaluated);
  return completion;
}

void script_run::keep_compiled() {
  const auto kept = guest_.dup_value(result_);
  guest_.free_value(scripts_.add(options_.source, options_.file_name, kept));
}

script_run::ending script_run::compile_and_run() {
  const auto context = guest_.layout.context;
  const auto known = scripts_.find(options_.source, options_.file_name);
  auto how = ending::value;
  if (tag_of(known) != js_tag::undefined)
    result_ = guest_.dup_value(known);
  else
    how = compile();
  compiled_ = how == ending::value;
  if (compiled_ && options_.compile == compile_mode::prepare) {
    guest_.free_value(std::exchange(result_, js_undefined));
  } else if (compiled_) {
    const auto code = result_;
    result_ = guest_.call(Z_qwZ_JS_EvalFunction, context, code);
    if (is_module_ && !is_exception(result_))
      result_ = complete_module(result_, code);
    if (is_exception(result_))
      how = ending::thrown;
  }
  if (how == ending::thrown)
    result_ = guest_.call(Z_qwZ_JS_GetException, context);
  return how;
}

// Runs what is ready; and for as long as the promise that the run completes
// with is pending, its timers and what the host answers.
void script_run::run_jobs() {
  for (;;) {
    if (guest_.calls != nullptr)
      guest_.calls->deliver(guest_);
    drain_jobs();
    if (limits_.stop_reason() != end_reason::ok || !pending())
      return;
    report_rejections();
    if (!run_timers() && !sleep())
      return;
  }
}

// One turn of the timers, with the jobs of each before the next one.
// @returns whether there was any.
bool script_run::run_timers() {
  auto& timers = *guest_.timers;
  const auto context = guest_.layout.context;
  timers.begin_turn();
  bool any = false;
  while (!limits_.poll() && pending()) {
    const auto callback = timers.take_due(guest_);
    if (!is_object(callback))
      return any;
    any = true;
    const auto result = guest_.call(Z_qwZ_JS_Call, context, callback,
                                    js_undefined, 0, guest_.layout.scratch);
    timers.end_call();
    if (is_exception(result)) {
      const auto error = guest_.call(Z_qwZ_JS_GetException, context);
      if (limits_.stop_reason() == end_reason::ok)
        report_uncaught("Uncaught ", error);
      guest_.free_value(error);
    }
    guest_.free_value(result);
    guest_.free_value(callback);
    drain_jobs();
  }
  return true;
}

// Until a timer is due or an answer of the host is there.
// @returns whether the run goes on now.
bool script_run::sleep() {
  auto* const calls = guest_.calls;
  const bool on_host = calls != nullptr && calls->waiting();
  const auto due = guest_.timers->next_due();
  if (!on_host && (options_.park || !guest_.timers->holding()))
    return false;
  const auto until
    = std::min(limits_.deadline(), due.value_or(limits_.deadline()));
  limits_.begin_host();
  if (on_host) {
    calls->wait(until, options_.control);
  } else {
    reply_inbox nothing;
    nothing.wait(until, options_.control);
  }
  limits_.end_host();
  static_cast<void>(limits_.poll());
  return true;
}

bool script_run::pending() {
  return completes_with_promise()
         && guest_.call(Z_qwZ_JS_PromiseState, guest_.layout.context, result_)
              == promise_pending;
}

bool script_run::completes_with_promise() {
  return ending_ == ending::value && is_object(result_)
         && guest_.call(Z_qwZ_JS_IsPromise, result_) != 0;
}

void script_run::drain_jobs() {
  const auto& layout = guest_.layout;
  for (uint32_t n = 1; limits_.stop_reason() == end_reason::ok
                       && guest_.read32(layout.job_list) != layout.job_list;
       ++n) {
    const auto status
      = guest_.call(Z_qwZ_JS_ExecutePendingJob, layout.runtime, layout.scratch);
    if (static_cast<int32_t>(status) < 0) {
      const auto error = guest_.call(Z_qwZ_JS_GetException, layout.context);
      if (limits_.stop_reason() == end_reason::ok)
        report_uncaught("Uncaught ", error);
      guest_.free_value(error);
    }
    if (n % jobs_per_poll == 0)
      static_cast<void>(limits_.poll());
  }
}

// Puts a settled promise's outcome in its place.
void script_run::settle() {
  if (!completes_with_promise())
    return;
  const auto context = guest_.layout.context;
  guest_.call(Z_qwZ_JS_PromiseMarkAsHandled, context, result_);
  const auto state = guest_.call(Z_qwZ_JS_PromiseState, context, result_);
  if (state == promise_pending) {
    pending_ = std::exchange(result_, js_undefined);
    return;
  }
  for (auto& known : limits_.rejections)
    if (known.promise == result_) {
      const auto taken = known;
      known = limits_.rejections.back();
      limits_.rejections.pop_back();
      guest_.free_value(taken.promise);
      guest_.free_value(taken.reason);
      break;
    }
  if (state == promise_rejected)
    ending_ = ending::thrown;
  const auto promise = result_;
  result_ = guest_.call(Z_qwZ_JS_PromiseResult, context, promise);
  guest_.free_value(promise);
}

void script_run::report_rejections() {
  while (!limits_.rejections.empty()) {
    const auto rejected = limits_.rejections.front();
    limits_.rejections.erase(limits_.rejections.begin());
    report_uncaught("Uncaught (in promise) ", rejected.reason);
    guest_.free_value(rejected.promise);
    guest_.free_value(rejected.reason);
  }
}

void script_run::report_uncaught(std::string_view prefix, js_value error) {
  auto& line = limits_.line;
  auto& scratch = outcome_.error;
  scratch = {};
  render_error(guest_, error, scratch);
  line.assign(prefix);
  line += scratch.message;
  if (!scratch.stack.empty())
    line.append(1, '\n').append(scratch.stack);
  scratch = {};
  limits_.print(console_level::error, line);
}

// After a trap the lower limit stays, and is undone with all else by a reset.
void script_run::tighten_memory() {
  auto& limit = guest_.layout.memory_limit;
  const auto wanted = uint64_t{options_.mem_limit_mb} << 20;
  if (wanted == 0 || wanted >= limit)
    return;
  limit = static_cast<uint32_t>(wanted);
  guest_.call(Z_qwZ_qjs_set_memory_limit, limit);
  changed_limit_ = true;
}

// A heap that is full could not even compile the script that empties it: some
// room is lent, up to a bound.
void script_run::leave_way_out() {
  const auto& layout = guest_.layout;
  const auto wanted = guest_.read32(layout.memory_used) + way_out_bytes;
  if (wanted <= layout.memory_limit)
    return;
  guest_.call(Z_qwZ_qjs_set_memory_limit,
              std::min(wanted, layout.memory_limit + max_way_out_bytes));
  changed_limit_ = true;
}

// Rendering needs memory, which a script may have used up.
void script_run::give_room() {
  const auto& layout = guest_.layout;
  if (guest_.read32(layout.memory_used) + rendering_bytes
      <= layout.memory_limit)
    return;
  guest_.call(Z_qwZ_qjs_set_memory_limit,
              layout.memory_limit + rendering_bytes);
  changed_limit_ = true;
}

void script_run::finish_stopped(end_reason reason) {
  fail(reason, limit_text(reason, options_, guest_.layout.memory_limit));
  limits_.begin_cleaning();
  stage_ = stage::rendering;
  give_room();
  if (ending_ == ending::thrown) {
    // The interruption's own stack says where the script was.
    exception_payload place;
    std::swap(place, outcome_.error);
    render_error(guest_, result_, outcome_.error);
    outcome_.error.message.swap(place.message);
  }
  drop_rejections();
  if (guest_.calls != nullptr)
    guest_.calls->drop(guest_);
  drop_timers();
  drop_jobs();
  guest_.free_value(result_);
  guest_.free_value(std::exchange(pending_, js_undefined));
}

void script_run::finish_thrown() {
  outcome_.reason = end_reason::exception;
  outcome_.error.message = "[unrenderable]";
  limits_.begin_rendering();
  stage_ = stage::rendering;
  const auto used = guest_.read32(guest_.layout.memory_used);
  give_room();
  auto kind = render_error(guest_, result_, outcome_.error);
  // With not even the room for an error object, the engine throws null.
  constexpr uint32_t almost = 128u << 10;
  if (tag_of(result_) == js_tag::null
      && used + almost > guest_.layout.memory_limit)
    kind = error_kind::out_of_memory;
  if (kind == error_kind::out_of_memory)
    fail(end_reason::memory_limit,
         limit_text(end_reason::memory_limit, options_,
                    guest_.layout.memory_limit));
  else if (kind == error_kind::stack_overflow)
    fail(end_reason::stack_limit,
         limit_text(end_reason::stack_limit, options_, 0));
  else if (kind == error_kind::redeclaration
           || (kind == error_kind::syntax && !compiled_))
    outcome_.reason = end_reason::syntax_error;
  guest_.free_value(result_);
  guest_.free_value(std::exchange(pending_, js_undefined));
}

void script_run::finish_value() {
  if (tag_of(pending_) != js_tag::undefined) {
    outcome_.waiting = true;
    if (guest_.timers->holding())
      outcome_.wake_at = guest_.timers->next_due();
    return;
  }
  // Plain values need neither budget nor memory.
  if (is_object(result_) || is_string(result_)) {
    limits_.begin_rendering();
    stage_ = stage::rendering;
    give_room();
  }
  const auto fitted
    = render_value(guest_, result_, options_.max_value_bytes, outcome_.value);
  guest_.free_value(result_);
  if (fitted == rendering::too_long) {
    outcome_.value = {};
    fail(end_reason::output_limit,
         "output limit exceeded: the value has more than "
           + std::to_string(options_.max_value_bytes) + " bytes as JSON");
  }
}

void script_run::drop_timers() {
  outcome_.dropped_timers = static_cast<uint32_t>(guest_.timers->size());
  guest_.timers->drop(guest_);
}

void script_run::drop_rejections() {
  while (!limits_.rejections.empty()) {
    const auto rejected = limits_.rejections.back();
    limits_.rejections.pop_back();
    guest_.free_value(rejected.promise);
    guest_.free_value(rejected.reason);
  }
}

// A stopped script's jobs must not run in the next one. The engine has no call
// for that: they are taken out of its list one by one.
void script_run::drop_jobs() {
  const auto& layout = guest_.layout;
  const auto head = layout.job_list;
  for (;;) {
    const auto job = guest_.read32(head);
    if (job == head || !guest_.in_range(job, job_arguments) || limits_.poll())
      break;
    const auto next = guest_.read32(job);
    guest_.write32(head, next);
    guest_.write32(next + 4, head);
    const auto count = guest_.read32(job + job_argument_count);
    for (uint32_t i = 0; i < count && i < max_job_arguments; ++i)
      guest_.free_value(guest_.read64(job + job_arguments + 8 * i));
    guest_.call(Z_qwZ_js_free, layout.context, job);
  }
  guest_.write32(head, head);
  guest_.write32(head + 4, head);
}

void script_run::trapped(int trap_code) {
  pending_ = js_undefined;
  if (stage_ != stage::script) {
    if (outcome_.reason == end_reason::ok && outcome_.value.preview.empty())
      outcome_.value.preview = "[unrenderable]";
    return;
  }
  const auto reason = limits_.reason_of_trap(trap_code);
  auto message = limit_text(reason, options_, guest_.layout.memory_limit);
  if (reason == end_reason::engine_failure)
    message += std::string{": "} + vm_trap_text(trap_code);
  outcome_.error.stack.clear();
  fail(reason, std::move(message));
}

} // namespace vmsystem::engine::detail
