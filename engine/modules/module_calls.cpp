#include "vmsystem/engine/modules/module_calls.hpp"

#include "vmsystem/engine/engine_flags.hpp"
#include "vmsystem/engine/modules/answers.hpp"
#include "vmsystem/engine/modules/builtin_code.hpp"
#include "vmsystem/engine/script_errors.hpp"
#include "vmsystem/engine/supervision.hpp"

#include <atomic>
#include <cerrno>
#include <system_error>
#include <utility>

namespace vmsystem::engine::detail {

namespace {

/// The most bytes of one module's file.
constexpr std::size_t max_module_bytes = 32u << 20;

/// Longest specifier or name that is looked at, in bytes.
constexpr std::size_t max_text_bytes = 16u << 10;

/// Frames that are looked at for the script that calls.
constexpr uint32_t max_levels = 64;

constexpr std::string_view wrapper_begin
  = "(function (exports, require, module, __filename, __dirname) {";
constexpr std::string_view wrapper_end = "\n})";

/// Code of packages is never made strict.
bool is_own_code(std::string_view name) {
  return name.rfind("node_modules/", 0) != 0
         && name.find("/node_modules/") == std::string_view::npos;
}

} // namespace

void wrap_commonjs(std::string& text) {
  if (text.rfind("\xef\xbb\xbf", 0) == 0)
    text.erase(0, 3);
  if (text.rfind("#!", 0) == 0)
    text.replace(0, 2, "//");
  text.insert(0, wrapper_begin);
  text += wrapper_end;
}

module_calls::module_calls(const module_settings& settings) noexcept
  : settings_{settings},
    file_calls_{settings},
    exec_calls_{settings},
    without_files_{settings, nullptr} {}

void module_calls::begin_run(const run_options& options) {
  static std::atomic<uint32_t> runs{0};
  run_ = ++runs & 0x7fffffffu;
  entry_name_ = options.file_name;
  entry_role_ = options.role;
  resume_run(options);
}

void module_calls::resume_run(const run_options& options) {
  worktree_path_ = options.worktree;
}

void module_calls::end_run() noexcept {
  file_calls_.end_run();
  exec_calls_.end_run();
  files_.reset();
  opened_ = false;
  text_ = {};
}

module_calls::session_files* module_calls::files() {
  if (!opened_ && !worktree_path_.empty())
    if (auto folder = worktree::open(worktree_path_))
      files_.emplace(std::move(folder).value(), settings_);
  opened_ = true;
  return files_ ? &*files_ : nullptr;
}

const worktree* module_calls::folder() {
  const auto* const opened = files();
  return opened != nullptr ? &opened->folder : nullptr;
}

expected<resolved_module> module_calls::find(import_kind kind) {
  auto* const opened = files();
  auto& finder = opened != nullptr ? opened->finder : without_files_;
  return finder.resolve(name_, importer_, kind);
}

bool module_calls::refuses(guest& owner) {
  if (owner.active == nullptr || owner.active->poll()) {
    owner.throw_stop();
    return true;
  }
  if (!owner.active->rendering())
    return false;
  throw_text(owner, Z_qwZ_JS_ThrowTypeError,
             "no module can be loaded while a result is rendered");
  return true;
}

bool module_calls::get_text(guest& owner, js_value value, std::string& to) {
  to.clear();
  if (owner.append_text(value, to, max_text_bytes))
    return true;
  owner.call(Z_qwZ_JS_ThrowOutOfMemory, owner.layout.context);
  return false;
}

js_value module_calls::call(guest& owner, uint32_t argument_count,
                            uint32_t arguments, module_query query) {
  const auto given = take_arguments<2>(owner, argument_count, arguments);
  if (query == module_query::caller)
    return caller(owner);
  if (query == module_query::entry)
    return entry(owner);
  if (refuses(owner))
    return js_exception;
  switch (query) {
    case module_query::resolve:
      return argument_count < 3 ? js_undefined : resolve(owner, arguments);
    case module_query::compile:
      return compile(owner, given[0], payload_of(given[1]));
    case module_query::file:
      return file_calls_.call(owner, folder(), argument_count, arguments);
    case module_query::sql:
      return sql_calls_.call(owner, file_calls_, folder(), argument_count,
                             arguments);
    case module_query::exec:
      return exec_calls_.call(owner, folder(), argument_count, arguments);
    default:
      return read_json(owner, given[0]);
  }
}

js_value module_calls::resolve(guest& owner, uint32_t arguments) {
  if (!get_text(owner, owner.read64(arguments), name_)
      || !get_text(owner, owner.read64(arguments + 8), importer_))
    return js_exception;
  found_ = find(import_kind::require);
  if (!found_) {
    const bool forbidden = found_.error().code == ec::module_not_allowed;
    return throw_error(owner, found_.error().message,
                       forbidden ? "MODULE_NOT_ALLOWED" : "MODULE_NOT_FOUND");
  }
  const auto pair = owner.call(Z_qwZ_JS_NewArray, owner.layout.prelude_context);
  const auto name = owner.new_string(found_.value().name);
  if (is_exception(pair) || is_exception(name))
    return js_exception;
  append(owner, pair, 0,
         make_value(js_tag::integer,
                    static_cast<uint32_t>(found_.value().format)));
  append(owner, pair, 1, name);
  return pair;
}

bool module_calls::read_file(guest& owner) {
  auto* const opened = files();
  const auto error
    = opened == nullptr
        ? ENOENT
        : opened->folder.read_file(name_, max_module_bytes, text_);
  if (error == 0)
    return true;
  text_ = "IMPORT_RESOLUTION_FAILED: " + name_
          + " cannot be read: " + std::generic_category().message(error);
  throw_error(owner, text_, "MODULE_NOT_FOUND");
  return false;
}

js_value module_calls::compile_function(guest& owner, bool strict,
                                        std::string_view file_name) {
  wrap_commonjs(text_);
  const auto name = owner.copy_in(file_name);
  const auto source = owner.copy_in(text_);
  if (name == 0 || source == 0) {
    owner.free_bytes(name);
    owner.free_bytes(source);
    return owner.call(Z_qwZ_JS_ThrowOutOfMemory, owner.layout.context);
  }
  const auto function = owner.call(Z_qwZ_JS_Eval, owner.layout.context, source,
                                   static_cast<uint32_t>(text_.size()), name,
                                   strict ? eval_strict : 0);
  owner.free_bytes(source);
  owner.free_bytes(name);
  return function;
}

js_value module_calls::compile(guest& owner, js_value name, uint32_t format) {
  if (!get_text(owner, name, name_))
    return js_exception;
  if (format == static_cast<uint32_t>(module_format::builtin))
    return builtin_function(owner);
  if (!read_file(owner))
    return js_exception;
  const auto function = compile_function(
    owner, owner.layout.language.strict && is_own_code(name_), name_);
  if (is_exception(function) && owner.active->stop_reason() == end_reason::ok
      && format == static_cast<uint32_t>(module_format::script)
      && looks_like_module(
        std::string_view{text_}.substr(wrapper_begin.size()))) {
    owner.drop_exception();
    return make_value(js_tag::null);
  }
  return function;
}

// The CommonJS function of the built-in module `name_`.
js_value module_calls::builtin_function(guest& owner) {
  const auto context = owner.layout.context;
  const auto code = builtin_code::of(name_);
  const auto address = owner.copy_in(code);
  if (address == 0)
    return owner.call(Z_qwZ_JS_ThrowOutOfMemory, context);
  const auto whole
    = owner.call(Z_qwZ_JS_ReadObject, context, address,
                 static_cast<uint32_t>(code.size()), object_bytecode);
  owner.free_bytes(address);
  return is_exception(whole)
           ? whole
           : owner.call(Z_qwZ_JS_EvalFunction, context, whole);
}

js_value module_calls::read_json(guest& owner, js_value name) {
  if (!get_text(owner, name, name_) || !read_file(owner))
    return js_exception;
  if (text_.rfind("\xef\xbb\xbf", 0) == 0)
    text_.erase(0, 3);
  const auto file = owner.copy_in(name_);
  const auto text = owner.copy_in(text_);
  if (file == 0 || text == 0) {
    owner.free_bytes(file);
    owner.free_bytes(text);
    return owner.call(Z_qwZ_JS_ThrowOutOfMemory, owner.layout.context);
  }
  const auto value = owner.call(Z_qwZ_JS_ParseJSON, owner.layout.context, text,
                                static_cast<uint32_t>(text_.size()), file);
  owner.free_bytes(text);
  owner.free_bytes(file);
  return value;
}

// The frame of this function is the first one; those of the prelude follow.
js_value module_calls::caller(guest& owner) {
  const auto context = owner.layout.context;
  name_.clear();
  for (uint32_t level = 1; level <= max_levels && name_.empty(); ++level) {
    const auto atom
      = owner.call(Z_qwZ_JS_GetScriptOrModuleName, context, level);
    if (atom == 0)
      continue;
    const auto name = owner.call(Z_qwZ_JS_AtomToString, context, atom);
    owner.call(Z_qwZ_JS_FreeAtom, context, atom);
    const bool got = !is_exception(name) && get_text(owner, name, name_);
    owner.free_value(name);
    if (!got)
      return js_exception;
    if (name_ == "<prelude>")
      name_.clear();
  }
  if (name_.rfind('<', 0) == 0 || name_.rfind("node:", 0) == 0)
    name_.clear();
  return owner.new_string(name_);
}

js_value module_calls::entry(guest& owner) {
  const auto parts
    = owner.call(Z_qwZ_JS_NewArray, owner.layout.prelude_context);
  const auto name = owner.new_string(entry_name_);
  if (is_exception(parts) || is_exception(name))
    return js_exception;
  append(owner, parts, 0, name);
  append(owner, parts, 1, make_value(js_tag::integer, run_));
  append(owner, parts, 2,
         make_value(js_tag::boolean, entry_role_ == script_role::file ? 1 : 0));
  return parts;
}

} // namespace vmsystem::engine::detail
