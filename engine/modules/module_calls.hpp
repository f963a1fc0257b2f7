#pragma once

#include "vmsystem/engine/guest.hpp"
#include "vmsystem/engine/modules/exec_calls.hpp"
#include "vmsystem/engine/modules/file_calls.hpp"
#include "vmsystem/engine/modules/module_settings.hpp"
#include "vmsystem/engine/modules/resolver.hpp"
#include "vmsystem/engine/modules/sql_calls.hpp"
#include "vmsystem/engine/run.hpp"
#include "vmsystem/engine/worktree.hpp"
#include "vmsystem/models/failure.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace vmsystem::engine::detail {

/// What `loader.js` asks of the host.
enum class module_query : uint32_t {
  /// Of a specifier, the importer and an `import_kind`: format and name.
  resolve = 0,
  /// Of a name and its format: the function of a CommonJS module; null when it
  /// is an ES module.
  compile = 1,
  /// Of a file's name: what the JSON text in it says.
  read_json = 2,
  /// The name of the script file that calls; empty when it is no file.
  caller = 3,
  /// The name of the run's script, the number of the run, and whether the
  /// script is a file that has `module`.
  entry = 4,
  /// An operation on files; see `file_calls.hpp`.
  file = 5,
  /// An operation on databases; see `sql_calls.hpp`.
  sql = 6,
  /// An operation on programs; see `exec_calls.hpp`.
  exec = 7,
};

inline constexpr uint32_t module_query_count = 8;

/// Makes a CommonJS function of a module's text; a line `#!` becomes a comment.
void wrap_commonjs(std::string& text);

/// The modules of one instance: finds them, reads and compiles them. What it
/// owns lies outside of the guest's trap frames, so that a trap loses nothing.
class module_calls {
public:
  /// @param settings outlives this; an image keeps it.
  explicit module_calls(const module_settings& settings) noexcept;

  /// From here to `end_run`, scripts load modules for this run.
  void begin_run(const run_options& options);

  /// The same, for the run that began last and is not over.
  void resume_run(const run_options& options);

  /// Closes the worktree, and forgets what was read of it.
  void end_run() noexcept;

  /// After the guest's memory was restored: nothing is open.
  void forget() noexcept {
    sql_calls_.forget();
  }

  /// Answers a `module_query`. Called by the guest, as all that follow.
  js_value call(guest& owner, uint32_t argument_count, uint32_t arguments,
                module_query query);

  /// The engine's normalizer: the name of a module, from the guest's memory.
  /// @returns the address of the name, or 0 with an exception.
  uint32_t normalize(guest& owner, uint32_t base, uint32_t specifier);

  /// The engine's loader.
  /// @returns the address of the module, or 0 with an exception.
  uint32_t load(guest& owner, uint32_t name);

  /// Sets `import.meta` of a module that was compiled.
  /// @returns whether there was memory for it.
  [[nodiscard]] bool set_import_meta(guest& owner, uint32_t module,
                                     std::string_view name);

private:
  struct session_files {
    session_files(worktree opened, const module_settings& settings) noexcept
      : folder{std::move(opened)}, finder{settings, &folder} {}

    session_files(const session_files&) = delete;
    session_files& operator=(const session_files&) = delete;

    worktree folder;
    resolver finder;
  };

  [[nodiscard]] session_files* files();
  /// The worktree; null without one.
  [[nodiscard]] const worktree* folder();
  [[nodiscard]] bool refuses(guest& owner);
  js_value resolve(guest& owner, uint32_t arguments);
  js_value compile(guest& owner, js_value name, uint32_t format);
  js_value builtin_function(guest& owner);
  js_value read_json(guest& owner, js_value name);
  js_value caller(guest& owner);
  js_value entry(guest& owner);

  [[nodiscard]] expected<resolved_module> find(import_kind kind);
  /// Reads the file `name_` into `text_`; throws when that fails.
  [[nodiscard]] bool read_file(guest& owner);
  /// Compiles `text_` as a CommonJS module.
  js_value compile_function(guest& owner, bool strict,
                            std::string_view file_name);
  [[nodiscard]] bool is_esm(guest& owner, module_format format);
  uint32_t load_esm(guest& owner, uint32_t name);
  uint32_t load_other(guest& owner, uint32_t name, module_format format);
  [[nodiscard]] expected<module_format> format_of_name();
  [[nodiscard]] bool get_text(guest& owner, js_value value, std::string& to);

  const module_settings& settings_;
  file_calls file_calls_;
  sql_calls sql_calls_;
  exec_calls exec_calls_;
  /// For a run without a worktree.
  resolver without_files_;
  std::optional<session_files> files_;
  std::string worktree_path_;
  bool opened_ = false;
  std::string entry_name_;
  script_role entry_role_ = script_role::snippet;
  /// Differs from that of every other run of the process.
  uint32_t run_ = 0;

  // Of the call in progress; a nested one overwrites them.
  std::string name_;
  std::string importer_;
  std::string text_;
  expected<resolved_module> found_ = resolved_module{};
  expected<module_format> format_ = module_format::script;
};

/// Whether a line of the text begins with `import` or `export` as a statement
/// does. Looks at lines, not at the grammar.
[[nodiscard]] bool looks_like_module(std::string_view text) noexcept;

/// Fills the exports of a module that is none of ECMAScript's: the engine calls
/// it when the module is evaluated. @returns 0.
uint32_t initialize_module_exports(guest& owner, uint32_t module);

} // namespace vmsystem::engine::detail
