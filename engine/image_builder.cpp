#include "vmsystem/engine/image_builder.hpp"

#include "vmsystem/engine/builtin_modules.hpp"
#include "vmsystem/engine/console.hpp"
#include "vmsystem/engine/engine_flags.hpp"
#include "vmsystem/engine/globals.hpp"
#include "vmsystem/engine/host_functions.hpp"
#include "vmsystem/engine/modules/module_calls.hpp"
#include "vmsystem/engine/modules/module_prelude.hpp"
#include "vmsystem/engine/prelude.hpp"
#include "vmsystem/engine/thread_state.hpp"

#include <array>
#include <cstring>
#include <iterator>
#include <optional>
#include <utility>

namespace vmsystem::engine::detail {

namespace {

constexpr uint32_t mebibyte = 1u << 20;

/// The engine's own limit is checked first; memory that it cannot know of
/// (fragmentation, the source text) has this much room.
constexpr uint32_t page_cap_slack_pages = 256;

/// The engine's own stack lies below its data. Larger ones are in its heap,
/// with room for what the engine does between two checks of its limit.
constexpr uint32_t own_stack_bytes = mebibyte;
constexpr uint32_t own_stack_kb = 960;
constexpr uint32_t stack_slack_bytes = 256u << 10;

/// Bytes of the heap that a stack takes.
constexpr uint32_t heap_stack_bytes(uint32_t stack_kb) {
  return stack_kb > own_stack_kb ? (stack_kb << 10) + stack_slack_bytes : 0;
}

/// Free memory of the image, so that small scripts need not ask for more.
constexpr uint32_t headroom_bytes = mebibyte;

/// For the scripts' realm: all built-in objects.
constexpr uint32_t all_intrinsics = ~0u;

/// `JS_CFUNC_generic_magic`.
constexpr uint32_t magic_function_kind = 1;

/// Enough for the engine's runtime and context structures.
constexpr uint32_t structure_bytes = 1024;

constexpr uint64_t next_random_state(uint64_t x) {
  x ^= x >> 12;
  x ^= x << 25;
  x ^= x >> 27;
  return x;
}

/// Takes the small pieces of free memory that lie between what the image has,
/// so that what a clone allocates lies on few pages. The limits do not count
/// it. A block of the headroom's size can only lie behind all else.
void fill_gaps(guest& target) {
  constexpr uint32_t largest_gap = 4096;
  constexpr uint32_t smallest_gap = 8;
  constexpr int max_gaps = 100000;
  const auto end = target.call(Z_qwZ_malloc, headroom_bytes);
  target.call(Z_qwZ_free, end);
  int left = max_gaps;
  for (auto size = largest_gap; size >= smallest_gap; size /= 2)
    for (; left > 0; --left) {
      const auto gap = target.call(Z_qwZ_malloc, size);
      if (gap >= end || gap == 0) {
        target.call(Z_qwZ_free, gap);
        break;
      }
    }
}

} // namespace

const char* tidy(guest& target) {
  auto& layout = target.layout;
  target.call(Z_qwZ_JS_RunGC, layout.runtime);
  fill_gaps(target);
  // The first collection of a clone goes through all of the image, so it should
  // not come before a script has made something of that size.
  const auto used = target.read32(layout.memory_used);
  target.call(Z_qwZ_JS_SetGCThreshold, layout.runtime, 2 * used);
  layout.stack_pointer = target.module().w2c___stack_pointer;
  if (layout.stack_bottom >= layout.stack_pointer
      || !target.in_range(0, layout.stack_pointer))
    return "the engine's stack is not where it should be";
  std::memset(target.memory() + layout.stack_bottom, 0,
              layout.stack_pointer - layout.stack_bottom);
  return nullptr;
}

image_builder::image_builder(guest& target, const image_options& options)
  : guest_{target}, options_{options}, sources_{prelude_sources()} {}

std::string image_builder::build() {
  return take({
    &image_builder::start_engine,
    &image_builder::find_memory_counter,
    &image_builder::find_random_state,
    &image_builder::find_job_list,
    &image_builder::load_prelude,
    &image_builder::make_console,
    &image_builder::make_host,
    &image_builder::make_globals,
    &image_builder::make_modules,
    &image_builder::tidy_up,
  });
}

std::string image_builder::compile_modules() {
  auto error
    = take({&image_builder::start_engine, &image_builder::compile_all_modules});
  if (error.empty())
    builtin_code::publish(std::move(builtin_code_));
  return error;
}

std::string image_builder::take(std::initializer_list<step> steps) {
  initialize_module();
  vm_this_thread.next_max_pages = options_.mem_mb * (mebibyte >> 16)
                                  + page_cap_slack_pages
                                  + (heap_stack_bytes(options_.stack_kb) >> 16);
  const char* error = nullptr;
  const int trap = guest_.enter([&] {
    for (const auto next : steps) {
      error = (this->*next)();
      if (error != nullptr)
        return;
    }
  });
  if (trap != 0)
    return vm_trap_text(trap);
  return error != nullptr ? error : "";
}

const char* image_builder::start_engine() {
  auto& module = guest_.module();
  auto& layout = guest_.layout;
  Z_qw_instantiate(&module, module.Z_env_instance,
                   module.Z_wasi_snapshot_preview1_instance);
  share_function_table(module);
  layout.max_pages = module.w2c_memory.max_pages;
  layout.language = options_.runtime;
  guest_.call(Z_qwZ__initialize);
  if (guest_.call(Z_qwZ_qjs_init2, all_intrinsics) != 0)
    return "the engine did not start";
  layout.runtime = guest_.call(Z_qwZ_qjs_get_runtime_ptr);
  if (!place_stack())
    return "no memory for the engine's stack";
  guest_.call(Z_qwZ_qjs_set_interrupt_handler, 1);
  guest_.call(Z_qwZ_qjs_set_promise_rejection_handler, 1);
  layout.context = guest_.call(Z_qwZ_qjs_get_context_ptr);
  layout.scratch = guest_.call(Z_qwZ_calloc, 1, 64);
  layout.group_depth = guest_.call(Z_qwZ_calloc, 1, 16);
  layout.interrupted_text = guest_.copy_in("interrupted");
  if (layout.context == 0 || layout.runtime == 0 || layout.scratch == 0
      || layout.group_depth == 0 || layout.interrupted_text == 0)
    return "the engine's memory is too small";
  return nullptr;
}

// Between two calls nothing is on the stack, so it may be anywhere.
bool image_builder::place_stack() {
  auto& layout = guest_.layout;
  auto& pointer = guest_.module().w2c___stack_pointer;
  layout.stack_bytes = own_stack_bytes;
  own_stack_pointer_ = pointer;
  if (const auto bytes = heap_stack_bytes(options_.stack_kb); bytes != 0) {
    constexpr uint32_t alignment = 16;
    const auto block = guest_.call(Z_qwZ_wasm_malloc, bytes);
    if (block == 0 || !guest_.in_range(block, bytes))
      return false;
    layout.stack_bottom = block;
    layout.stack_bytes += bytes;
    pointer = (block + bytes) / alignment * alignment;
    guest_.call(Z_qwZ_JS_UpdateStackTop, layout.runtime);
  }
  guest_.call(Z_qwZ_qjs_set_max_stack_size, options_.stack_kb << 10);
  layout.native_stack_bytes
    = (uint64_t{options_.stack_kb} << 10) * native_stack_ratio
      + host_stack_bytes;
  return true;
}

js_value image_builder::evaluate(uint32_t context, std::string_view source,
                                 const char* file_name) {
  const auto value = compile(context, source, file_name, 0);
  if (is_exception(value))
    guest_.drop_exception();
  return value;
}

uint32_t image_builder::bytecode(uint32_t context, std::string_view source,
                                 const char* file_name) {
  const auto whole = compile(context, source, file_name, eval_compile_only);
  if (is_exception(whole))
    return 0;
  const auto code
    = guest_.call(Z_qwZ_JS_WriteObject, context, guest_.layout.scratch, whole,
                  object_bytecode | object_strip_source);
  guest_.free_value(whole);
  return code;
}

js_value image_builder::evaluate_bare(uint32_t context, std::string_view source,
                                      const char* file_name) {
  const auto code = bytecode(context, source, file_name);
  if (code == 0)
    return js_exception;
  const auto size = guest_.read32(guest_.layout.scratch);
  const auto bare
    = guest_.call(Z_qwZ_JS_ReadObject, context, code, size, object_bytecode);
  guest_.call(Z_qwZ_js_free, context, code);
  return is_exception(bare) ? bare
                            : guest_.call(Z_qwZ_JS_EvalFunction, context, bare);
}

js_value image_builder::compile(uint32_t context, std::string_view source,
                                const char* file_name, uint32_t flags) {
  const auto text = guest_.copy_in(source);
  const auto name = guest_.copy_in(file_name);
  if (text == 0 || name == 0)
    return js_exception;
  const auto value
    = guest_.call(Z_qwZ_JS_Eval, context, text,
                  static_cast<uint32_t>(source.size()), name, flags);
  guest_.free_bytes(text);
  guest_.free_bytes(name);
  return value;
}

bool image_builder::run(std::string_view source) {
  const auto value = evaluate(guest_.layout.context, source, "<image>");
  if (is_exception(value))
    return false;
  guest_.free_value(value);
  return true;
}

// The limit is a word of the engine's memory, and the counter stands near it:
// it is the word that grows with an allocation and shrinks with its end.
const char* image_builder::find_memory_counter() {
  constexpr uint32_t mark = 0x3a5c96e7;
  constexpr uint32_t reach = 64;
  constexpr uint32_t size = 3000000;
  guest_.call(Z_qwZ_qjs_set_memory_limit, mark);
  std::optional<uint32_t> limit;
  for (uint32_t a = mebibyte; guest_.in_range(a, 4); a += 4)
    if (guest_.read32(a) == mark) {
      if (limit)
        return "the engine's memory limit is ambiguous";
      limit = a;
    }
  if (!limit)
    return "the engine's memory limit is not where it should be";
  std::array<uint32_t, 2 * reach / 4> before{};
  const auto word = [&](std::size_t i) {
    return guest_.read32(*limit - reach + static_cast<uint32_t>(i) * 4);
  };
  for (std::size_t i = 0; i < before.size(); ++i)
    before[i] = word(i);
  const auto block = guest_.call(Z_qwZ_js_malloc, guest_.layout.context, size);
  std::array<uint32_t, 2 * reach / 4> during{};
  for (std::size_t i = 0; i < during.size(); ++i)
    during[i] = word(i);
  guest_.call(Z_qwZ_js_free, guest_.layout.context, block);
  for (std::size_t i = 0; i < before.size(); ++i) {
    const auto grown = during[i] - before[i];
    if (grown < size || grown > size + size / 4 || word(i) != before[i])
      continue;
    guest_.layout.memory_used = *limit - reach + static_cast<uint32_t>(i) * 4;
    break;
  }
  // What is only needed to build the image has more room.
  guest_.call(Z_qwZ_qjs_set_memory_limit, 0);
  return guest_.layout.memory_used != 0
           ? nullptr
           : "the engine's memory counter is not where it should be";
}

// A word of the context that one call of Math.random takes to its successor.
const char* image_builder::find_random_state() {
  const auto& layout = guest_.layout;
  std::array<uint64_t, structure_bytes / 8> before{};
  const auto at = [&](std::size_t i) {
    return layout.context + static_cast<uint32_t>(i) * 8;
  };
  for (std::size_t i = 0; i < before.size(); ++i)
    before[i] = guest_.read64(at(i));
  if (!run("Math.random()"))
    return "the engine does not evaluate";
  for (std::size_t i = 0; i < before.size(); ++i)
    if (before[i] != 0
        && guest_.read64(at(i)) == next_random_state(before[i])) {
      guest_.layout.random_state = at(i);
      return nullptr;
    }
  return "the engine's random state is not where it should be";
}

// The head of a list that is empty before a job is made and has the job alone
// afterwards: a job points to its realm behind its two links.
const char* image_builder::find_job_list() {
  const auto& layout = guest_.layout;
  std::array<bool, structure_bytes / 4> empty{};
  const auto at = [&](std::size_t i) {
    return layout.runtime + static_cast<uint32_t>(i) * 4;
  };
  for (std::size_t i = 0; i < empty.size(); ++i)
    empty[i]
      = guest_.read32(at(i)) == at(i) && guest_.read32(at(i) + 4) == at(i);
  if (!run("Promise.resolve().then(() => 0)"))
    return "the engine does not make jobs";
  for (std::size_t i = 0; i < empty.size(); ++i) {
    const auto head = at(i);
    const auto job = guest_.read32(head);
    if (empty[i] && job != head && guest_.read32(head + 4) == job
        && guest_.read32(job) == head && guest_.read32(job + 4) == head
        && guest_.read32(job + 8) == layout.context)
      guest_.layout.job_list = head;
  }
  while (guest_.call(Z_qwZ_JS_IsJobPending, layout.runtime) != 0)
    guest_.call(Z_qwZ_JS_ExecutePendingJob, layout.runtime, layout.scratch);
  return layout.job_list != 0
           ? nullptr
           : "the engine's job list is not where it should be";
}

// The prelude has a realm of its own: nothing that a script does to its own
// built-in objects changes what the prelude sees.
const char* image_builder::make_prelude_realm() {
  const auto realm = guest_.call(Z_qwZ_JS_NewContextRaw, guest_.layout.runtime);
  if (realm == 0)
    return "no memory for the prelude";
  guest_.layout.prelude_context = realm;
  guest_.call(Z_qwZ_JS_AddIntrinsicBaseObjects, realm);
  guest_.call(Z_qwZ_JS_AddIntrinsicDate, realm);
  guest_.call(Z_qwZ_JS_AddIntrinsicEval, realm);
  guest_.call(Z_qwZ_JS_AddIntrinsicRegExpCompiler, realm);
  guest_.call(Z_qwZ_JS_AddIntrinsicRegExp, realm);
  guest_.call(Z_qwZ_JS_AddIntrinsicJSON, realm);
  guest_.call(Z_qwZ_JS_AddIntrinsicProxy, realm);
  guest_.call(Z_qwZ_JS_AddIntrinsicMapSet, realm);
  guest_.call(Z_qwZ_JS_AddIntrinsicTypedArrays, realm);
  guest_.call(Z_qwZ_JS_AddIntrinsicPromise, realm);
  guest_.call(Z_qwZ_JS_AddIntrinsicWeakRef, realm);
  return nullptr;
}

js_value image_builder::native_function(uint32_t index, uint32_t magic) {
  const auto name = guest_.copy_in("native");
  if (name == 0)
    return js_exception;
  const auto function
    = guest_.call(Z_qwZ_JS_NewCFunction2, guest_.layout.prelude_context, index,
                  name, 1, magic_function_kind, magic);
  guest_.free_bytes(name);
  return function;
}

// Each file is a function: the first takes the queries and two prototypes, each
// later one takes what the one before it returned.
js_value image_builder::evaluate_prelude() {
  const auto realm = guest_.layout.prelude_context;
  const auto context = guest_.layout.context;
  constexpr uint32_t max_arguments = native_query_count + 2;
  const auto arguments = guest_.call(Z_qwZ_malloc, 8 * max_arguments);
  if (arguments == 0)
    return js_exception;
  for (uint32_t i = 0; i < native_query_count; ++i)
    guest_.write64(arguments + 8 * i,
                   native_function(host_functions().query, i));
  guest_.write64(arguments + 8 * native_query_count,
                 evaluate(context, "Object.prototype", "<image>"));
  guest_.write64(arguments + 8 * (native_query_count + 1),
                 evaluate(context, "Array.prototype", "<image>"));
  auto count = max_arguments;
  auto result = js_undefined;
  for (const auto source : sources_) {
    const auto function = evaluate(realm, source, "<prelude>");
    if (is_exception(function))
      return function;
    result = guest_.call(Z_qwZ_JS_Call, realm, function, js_undefined, count,
                         arguments);
    if (is_exception(result))
      return result;
    guest_.write64(arguments, result);
    count = 1;
  }
  guest_.free_bytes(arguments);
  return result;
}

const char* image_builder::load_prelude() {
  auto& layout = guest_.layout;
  if (const auto* error = make_prelude_realm())
    return error;
  const auto functions = evaluate_prelude();
  if (!is_object(functions))
    return "the prelude does not start";
  layout.json_guard = native_function(host_functions().json_guard, 0);
  layout.inspect = guest_.get(functions, "inspect");
  layout.describe_error = guest_.get(functions, "describeError");
  layout.accessor_marker = guest_.get(functions, "accessor");
  layout.absent_marker = guest_.get(functions, "absent");
  shared_ = guest_.get(functions, "shared");
  const auto formatters = guest_.get(functions, "console");
  for (std::size_t i = 0; i < console_methods.size(); ++i) {
    layout.console_formatters[i]
      = guest_.get(formatters, console_methods[i].name);
    if (!is_object(layout.console_formatters[i]))
      return "the prelude lacks a method of the console";
  }
  if (!is_object(layout.inspect) || !is_object(layout.describe_error)
      || !is_object(layout.json_guard))
    return "the prelude lacks a function";
  return nullptr;
}

void image_builder::add_method(js_value object, const char* name,
                               uint32_t index, uint32_t magic) {
  const auto context = guest_.layout.context;
  const auto key = guest_.copy_in(name);
  const auto function = guest_.call(Z_qwZ_JS_NewCFunction2, context, index, key,
                                    0, magic_function_kind, magic);
  guest_.call(Z_qwZ_JS_DefinePropertyValueStr, context, object, key, function,
              plain_property);
  guest_.free_bytes(key);
}

void image_builder::define_global(const char* name, js_value value) {
  constexpr uint32_t configurable_writable = 3;
  const auto context = guest_.layout.context;
  const auto key = guest_.copy_in(name);
  const auto global = guest_.call(Z_qwZ_JS_GetGlobalObject, context);
  guest_.call(Z_qwZ_JS_DefinePropertyValueStr, context, global, key, value,
              configurable_writable);
  guest_.free_value(global);
  guest_.free_bytes(key);
}

const char* image_builder::make_console() {
  if (!options_.runtime.console)
    return nullptr;
  const auto console = guest_.call(Z_qwZ_JS_NewObject, guest_.layout.context);
  if (!is_object(console))
    return "no memory for the console";
  for (std::size_t i = 0; i < console_methods.size(); ++i)
    add_method(console, console_methods[i].name, host_functions().console,
               static_cast<uint32_t>(i));
  define_global("console", console);
  return run("Object.defineProperty(console, Symbol.toStringTag, "
             "{ value: 'console', configurable: true })")
           ? nullptr
           : "the console cannot be made";
}

const char* image_builder::make_host() {
  const auto* table = options_.host_functions.get();
  if (table == nullptr || table->entries().empty())
    return nullptr;
  const auto host = guest_.call(Z_qwZ_JS_NewObject, guest_.layout.context);
  if (!is_object(host))
    return "no memory for the host's functions";
  uint32_t place = 0;
  for (const auto& entry : table->entries())
    add_method(host, entry.name.c_str(), host_functions().host_call, place++);
  define_global("host", host);
  return nullptr;
}

// Each file is a function of what the one before it returned; the first takes
// the functions of the host, and what the prelude shares.
const char* image_builder::make_globals() {
  const auto context = guest_.layout.context;
  auto all = guest_.call(Z_qwZ_JS_NewObject, context);
  if (!is_object(all))
    return "no memory for the globals";
  for (const auto& native : native_globals())
    add_method(all, native.name, host_functions().global,
               static_cast<uint32_t>(native.which));
  const auto key = guest_.copy_in("prelude");
  guest_.call(Z_qwZ_JS_DefinePropertyValueStr, context, all, key, shared_, 0);
  guest_.free_bytes(key);
  for (const auto source : globals_sources()) {
    const auto function = evaluate_bare(context, source, "<globals>");
    if (is_exception(function))
      return "the globals do not compile";
    guest_.write64(guest_.layout.scratch, all);
    const auto result = guest_.call(Z_qwZ_JS_Call, context, function,
                                    js_undefined, 1, guest_.layout.scratch);
    guest_.free_value(function);
    guest_.free_value(all);
    if (is_exception(result))
      return "the globals do not start";
    all = result;
  }
  guest_.free_value(all);
  return nullptr;
}

// The first file is evaluated in the scripts' realm; each of the others, in the
// prelude's, takes the host's queries, and what the file before it gave.
const char* image_builder::make_modules() {
  auto& layout = guest_.layout;
  const auto sources = module_prelude_sources();
  const auto arguments
    = guest_.call(Z_qwZ_malloc, 8 * (module_query_count + 1));
  if (arguments == 0)
    return "no memory for the module loader";
  const auto make_realm
    = evaluate(layout.context, sources.front(), "<prelude>");
  auto given = guest_.call(Z_qwZ_JS_Call, layout.context, make_realm,
                           js_undefined, 0, arguments);
  for (std::size_t i = 1; i < sources.size() && is_object(given); ++i) {
    for (uint32_t query = 0; query < module_query_count; ++query)
      guest_.write64(arguments + 8 * query,
                     native_function(host_functions().module_query, query));
    guest_.write64(arguments + 8 * module_query_count, given);
    const auto function
      = evaluate(layout.prelude_context, sources[i], "<prelude>");
    given = guest_.call(Z_qwZ_JS_Call, layout.prelude_context, function,
                        js_undefined, module_query_count + 1, arguments);
  }
  guest_.free_bytes(arguments);
  if (!is_object(given))
    return "the module loader does not start";
  layout.import_names = guest_.get(given, "importNames");
  layout.module_completion = guest_.get(given, "completion");
  if (!is_object(layout.import_names) || !is_object(layout.module_completion))
    return "the module loader lacks a function";
  guest_.call(Z_qwZ_JS_SetModuleLoaderFunc, layout.runtime,
              host_functions().module_normalize, host_functions().module_load,
              0);
  return nullptr;
}

const char* image_builder::compile_all_modules() {
  const auto context = guest_.layout.context;
  for (const auto name : builtin_module_names()) {
    text_ = builtin_module_source(name);
    wrap_commonjs(text_);
    name_.assign("node:").append(name);
    const auto code = bytecode(context, text_, name_.c_str());
    const auto size = guest_.read32(guest_.layout.scratch);
    if (code == 0 || !guest_.in_range(code, size))
      return "a built-in module cannot be compiled";
    builtin_code_[std::string{name}].assign(
      reinterpret_cast<const char*>(guest_.memory()) + code, size);
    guest_.call(Z_qwZ_js_free, context, code);
  }
  return nullptr;
}

const char* image_builder::tidy_up() {
  auto& layout = guest_.layout;
  layout.memory_limit = options_.mem_mb * mebibyte;
  guest_.call(Z_qwZ_qjs_set_memory_limit, layout.memory_limit);
  if (const auto* error = tidy(guest_))
    return error;
  if (layout.stack_bottom != 0)
    std::memset(guest_.memory(), 0, own_stack_pointer_);
  return nullptr;
}

} // namespace vmsystem::engine::detail
