// What the engine asks for when it links ES modules.

#include "vmsystem/engine/engine_flags.hpp"
#include "vmsystem/engine/host_functions.hpp"
#include "vmsystem/engine/modules/module_calls.hpp"
#include "vmsystem/engine/script_errors.hpp"
#include "vmsystem/engine/supervision.hpp"

#include <algorithm>
#include <cstring>
#include <string>
#include <utility>

namespace vmsystem::engine::detail {

namespace {

/// Longest name of a module that the guest's memory may hold, in bytes.
constexpr uint32_t max_name_bytes = 16u << 10;

constexpr std::string_view node_prefix = "node:";

/// The text before a zero; empty when there is none in reach.
std::string_view text_at(guest& owner, uint32_t address) {
  if (!owner.in_range(address, 1))
    return {};
  const auto* const begin
    = reinterpret_cast<const char*>(owner.memory()) + address;
  const auto reach
    = std::min<uint64_t>(max_name_bytes,
                         (uint64_t{owner.pages()} << 16) - address);
  const auto* const end
    = static_cast<const char*>(std::memchr(begin, 0, reach));
  return end == nullptr
           ? std::string_view{}
           : std::string_view{begin, static_cast<std::size_t>(end - begin)};
}

void set_meta(guest& owner, js_value meta, const char* name,
              std::string_view text) {
  const auto key = owner.copy_in(name);
  const auto value = key == 0 ? js_exception : owner.new_string(text);
  if (!is_exception(value))
    owner.call(Z_qwZ_JS_DefinePropertyValueStr, owner.layout.context, meta, key,
               value, plain_property);
  owner.free_bytes(key);
}

} // namespace

bool looks_like_module(std::string_view text) noexcept {
  constexpr std::string_view blanks = " \t\r";
  const auto begins_statement
    = [](std::string_view line, std::string_view keyword) {
        if (line.substr(0, keyword.size()) != keyword)
          return false;
        line.remove_prefix(keyword.size());
        const auto next = line.find_first_not_of(" \t");
        if (next == std::string_view::npos)
          return true;
        const char c = line[next];
        if (c == '{' || c == '*' || c == '"' || c == '\'')
          return true;
        const bool word = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z')
                          || c == '_' || c == '$' || (c & '\x80') != 0;
        return next != 0 && word;
      };
  while (!text.empty()) {
    const auto end = text.find_first_of("\n;");
    auto line = text.substr(0, end);
    const auto begin = line.find_first_not_of(blanks);
    if (begin != std::string_view::npos) {
      line.remove_prefix(begin);
      if (begins_statement(line, "import") || begins_statement(line, "export"))
        return true;
    }
    if (end == std::string_view::npos)
      break;
    text.remove_prefix(end + 1);
  }
  return false;
}

bool module_calls::set_import_meta(guest& owner, uint32_t module,
                                   std::string_view name) {
  const auto meta
    = owner.call(Z_qwZ_JS_GetImportMeta, owner.layout.context, module);
  if (!is_object(meta))
    return false;
  text_ = url_of_path(name);
  set_meta(owner, meta, "url", text_);
  text_.assign(1, '/').append(name);
  set_meta(owner, meta, "filename", text_);
  text_ = '/' + folder_of(name);
  set_meta(owner, meta, "dirname", text_);
  owner.free_value(meta);
  return true;
}

// The result is the engine's to free.
uint32_t module_calls::normalize(guest& owner, uint32_t base,
                                 uint32_t specifier) {
  if (refuses(owner))
    return 0;
  importer_ = text_at(owner, base);
  if (importer_.rfind(node_prefix, 0) == 0)
    importer_.clear();
  name_ = text_at(owner, specifier);
  found_ = find(import_kind::import);
  if (!found_) {
    const bool forbidden = found_.error().code == ec::module_not_allowed;
    throw_error(owner, found_.error().message,
                forbidden ? "MODULE_NOT_ALLOWED" : "ERR_MODULE_NOT_FOUND");
    return 0;
  }
  auto& name = found_.value().name;
  if (found_.value().format >= module_format::builtin)
    name.insert(0, node_prefix);
  const auto size = static_cast<uint32_t>(name.size());
  const auto address
    = owner.call(Z_qwZ_js_malloc, owner.layout.context, size + 1);
  if (address == 0 || !owner.in_range(address, uint64_t{size} + 1))
    return 0;
  std::memcpy(owner.memory() + address, name.c_str(), size + 1);
  return address;
}

expected<module_format> module_calls::format_of_name() {
  if (name_.rfind(node_prefix, 0) == 0) {
    auto* const opened = files();
    auto& finder = opened != nullptr ? opened->finder : without_files_;
    auto named = finder.resolve(name_, "", import_kind::import);
    if (!named)
      return std::move(named).error();
    name_.erase(0, node_prefix.size());
    return named.value().format;
  }
  auto* const opened = files();
  if (opened == nullptr)
    return fail(ec::file_not_found, "IMPORT_RESOLUTION_FAILED: no worktree");
  return opened->finder.format_of(name_);
}

// Only text that looks like a module is compiled to find out what it is.
bool module_calls::is_esm(guest& owner, module_format format) {
  if (format != module_format::script || !looks_like_module(text_))
    return format == module_format::esm;
  const auto function = compile_function(owner, false, name_);
  const bool script = !is_exception(function);
  if (script)
    owner.free_value(function);
  else
    owner.drop_exception();
  return !script;
}

uint32_t module_calls::load(guest& owner, uint32_t name) {
  if (refuses(owner))
    return 0;
  name_ = text_at(owner, name);
  format_ = format_of_name();
  if (!format_) {
    throw_error(owner, format_.error().message, "ERR_MODULE_NOT_FOUND");
    return 0;
  }
  const auto format = format_.value();
  if (format != module_format::esm && format != module_format::script)
    return load_other(owner, name, format);
  if (format == module_format::script && !read_file(owner))
    return 0;
  return is_esm(owner, format) ? load_esm(owner, name)
                               : load_other(owner, name, format);
}

// Compiling loads what the module imports, with this function in between.
uint32_t module_calls::load_esm(guest& owner, uint32_t name) {
  if (!read_file(owner))
    return 0;
  const auto size = static_cast<uint32_t>(text_.size());
  const auto source = owner.copy_in(text_);
  text_ = {};
  if (source == 0) {
    owner.call(Z_qwZ_JS_ThrowOutOfMemory, owner.layout.context);
    return 0;
  }
  const auto module = owner.call(Z_qwZ_JS_Eval, owner.layout.context, source,
                                 size, name, eval_module | eval_compile_only);
  owner.free_bytes(source);
  if (is_exception(module))
    return 0;
  name_ = text_at(owner, name);
  return set_import_meta(owner, payload_of(module), name_) ? payload_of(module)
                                                           : 0;
}

uint32_t module_calls::load_other(guest& owner, uint32_t name,
                                  module_format format) {
  const auto context = owner.layout.context;
  const auto arguments = owner.layout.scratch + 32;
  const auto text = owner.new_string(name_);
  if (is_exception(text))
    return 0;
  owner.write64(arguments, text);
  owner.write64(arguments + 8,
                make_value(js_tag::integer, static_cast<uint32_t>(format)));
  const auto names
    = owner.call(Z_qwZ_JS_Call, context, owner.layout.import_names,
                 js_undefined, 2, arguments);
  owner.free_value(text);
  if (is_exception(names))
    return 0;
  const auto module = owner.call(Z_qwZ_JS_NewCModule, context, name,
                                 host_functions().module_exports);
  if (module == 0) {
    owner.free_value(names);
    return 0;
  }
  const auto add = [&](std::string_view key) {
    const auto bytes = owner.copy_in(key);
    if (bytes != 0)
      owner.call(Z_qwZ_JS_AddModuleExport, context, module, bytes);
    owner.free_bytes(bytes);
  };
  add("default");
  const auto count = payload_of(owner.get(names, "length"));
  for (uint32_t i = 1; i + 1 < count; i += 2) {
    const auto key = owner.call(Z_qwZ_JS_GetPropertyUint32, context, names, i);
    const bool got = get_text(owner, key, name_);
    owner.free_value(key);
    if (!got)
      return 0;
    add(name_);
  }
  owner.call(Z_qwZ_JS_SetModulePrivateValue, context, module, names);
  return module;
}

uint32_t initialize_module_exports(guest& owner, uint32_t module) {
  const auto context = owner.layout.context;
  const auto names
    = owner.call(Z_qwZ_JS_GetModulePrivateValue, context, module);
  const auto count = payload_of(owner.get(names, "length"));
  for (uint32_t i = 0; i < count; i += 2) {
    const auto key
      = i == 0 ? owner.new_string("default")
               : owner.call(Z_qwZ_JS_GetPropertyUint32, context, names, i - 1);
    const auto value
      = owner.call(Z_qwZ_JS_GetPropertyUint32, context, names, i);
    const auto bytes = owner.call(Z_qwZ_JS_ToCStringLen2, context,
                                  owner.layout.scratch, key, 0);
    if (bytes != 0) {
      owner.call(Z_qwZ_JS_SetModuleExport, context, module, bytes, value);
      owner.call(Z_qwZ_JS_FreeCString, context, bytes);
    }
    owner.free_value(key);
  }
  owner.free_value(names);
  return 0;
}

} // namespace vmsystem::engine::detail
