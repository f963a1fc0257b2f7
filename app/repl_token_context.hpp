#pragma once

#include "vmsystem/app/repl_tokens.hpp"

#include <cstddef>

namespace vmsystem {

// What the tokens so far say about the one that comes next.

/// Where an opening brace stands.
struct brace_place {
  /// Directly among statements, and not in a bracket of another kind.
  bool in_statements = true;
  /// The colon before it, if there is one, belongs to a question mark.
  bool after_question = false;
  /// A line ended before it.
  bool newline_before = false;
};

/// Whether an operand comes next, and not an operator: whether a slash begins a
/// regular expression.
[[nodiscard]] bool operand_follows(const js_tokens& tokens);

/// What an opening brace that comes next opens.
[[nodiscard]] js_brace kind_of_brace(const js_tokens& tokens,
                                     const brace_place& place);

/// Whether the closing brace `close`, which has its match, ends a value.
[[nodiscard]] bool is_value(const js_tokens& tokens, std::size_t close);

} // namespace vmsystem
