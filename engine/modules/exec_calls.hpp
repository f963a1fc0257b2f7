#pragma once

#include "vmsystem/engine/guest.hpp"
#include "vmsystem/engine/modules/module_settings.hpp"
#include "vmsystem/engine/program_run.hpp"
#include "vmsystem/engine/worktree.hpp"

#include <array>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace vmsystem::engine::detail {

/// What `exec.js` asks of the host; the first argument.
enum class exec_operation : uint32_t {
  /// Whether the host runs programs: a boolean.
  allowed = 0,
  /// Of what `exec_argument` says: a list of a `program_end`, the exit code or
  /// the signal's name, and both outputs; throws when nothing was run.
  run = 1,
};

/// Places of the arguments of `exec_operation::run`.
enum class exec_argument : uint32_t {
  command = 1,
  /// A list of texts.
  arguments = 2,
  /// A list of names and values in turn.
  environment = 3,
  /// A text; the worktree's root when it is none.
  folder = 4,
  /// A text or a Uint8Array; nothing when it is neither.
  input = 5,
  /// In milliseconds; 0: as long as the template allows.
  timeout = 6,
  /// In bytes; 0: as many as the template allows.
  max_output = 7,
  /// Whether outputs are a Uint8Array each; otherwise they are text.
  as_bytes = 8,
};

inline constexpr uint32_t exec_argument_count = 9;

/// Most bytes of the arguments and the environment of a program.
inline constexpr std::size_t max_program_text_bytes = 1u << 20;

/// The programs that scripts of one instance run, one at a time: it waits for
/// their end. What it owns lies outside of the guest's trap frames.
class exec_calls {
public:
  /// @param settings outlives this.
  explicit exec_calls(const module_settings& settings) noexcept
    : settings_{settings} {}

  /// Answers an `exec_operation`. Called by the guest.
  /// @param files where programs run; null: they cannot.
  js_value call(guest& owner, const worktree* files, uint32_t argument_count,
                uint32_t arguments);

  /// Lets go of what a call that ended in a trap left.
  void end_run() noexcept;

private:
  using given_values = std::array<js_value, exec_argument_count>;

  /// Takes the arguments; false with an exception when that fails.
  [[nodiscard]] bool take(guest& owner, const given_values& given);
  [[nodiscard]] bool take_texts(guest& owner, js_value list,
                                std::vector<std::string>& to);
  [[nodiscard]] bool take_bytes(guest& owner, js_value input);

  /// Makes a call of what was taken; false with `code_` and `message_` when
  /// the template does not allow it.
  [[nodiscard]] bool prepare(const worktree* files);
  [[nodiscard]] bool find_program();
  [[nodiscard]] bool set_environment();
  [[nodiscard]] bool open_folder(const worktree* files);
  bool refuse(std::string_view code, std::string message);

  js_value run(guest& owner);
  js_value answer(guest& owner, bool as_bytes);
  js_value output(guest& owner, std::string& from, bool as_bytes);

  const module_settings& settings_;

  // Of the call in progress.
  std::string command_;
  std::vector<std::string> environment_;
  std::string folder_;
  std::string input_;
  std::size_t text_bytes_ = 0;
  descriptor opened_;
  program_call call_;
  expected<program_result> result_ = program_result{};
  std::string code_;
  std::string message_;
};

} // namespace vmsystem::engine::detail
