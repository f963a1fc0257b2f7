#pragma once

#include "vmsystem/app/repl_tokens.hpp"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace vmsystem {

/// What a statement is, as far as an interactive session cares.
enum class js_statement_kind : uint8_t {
  expression,
  /// `var`, `let` or `const`.
  variables,
  function_declaration,
  class_declaration,
  /// An `import` declaration; not a call of `import()`.
  import_declaration,
  other,
};

/// A statement: tokens from `first` to before `end`.
struct js_statement {
  js_statement_kind kind = js_statement_kind::other;
  std::size_t first = 0;
  /// Without the semicolon.
  std::size_t end = 0;
};

/// What is between the commas of a declaration.
struct js_declarator {
  /// The tokens of the name or pattern, from `first` to before `target_end`.
  std::size_t first = 0;
  std::size_t target_end = 0;
  bool has_initializer = false;
};

/// The statements of the first level. Nothing when the last one goes on behind
/// the end of the source: behind an operator, or as an `if` without its
/// statement.
/// @param tokens neither unfinished nor broken.
[[nodiscard]] std::optional<std::vector<js_statement>>
statements_of(const js_tokens& tokens);

/// Where the expression that begins with token `first` ends: in front of a
/// semicolon or of a bracket that closes what was open before, or where a
/// line's end ends it.
[[nodiscard]] std::size_t expression_end(const js_tokens& tokens,
                                         std::size_t first);

/// The parts of a declaration of variables.
/// @param keyword the token `var`, `let` or `const`.
/// @param end the token behind the declaration.
[[nodiscard]] std::vector<js_declarator>
declarators_of(const js_tokens& tokens, std::size_t keyword, std::size_t end);

/// Adds the names that a declarator declares.
void add_bound_names(const js_tokens& tokens, const js_declarator& from,
                     std::vector<std::string>& to);

} // namespace vmsystem
