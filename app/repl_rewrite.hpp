#pragma once

#include "vmsystem/app/repl_tokens.hpp"

#include <string>
#include <string_view>

namespace vmsystem {

/// What of a snippet is changed before it is sent.
struct rewrite_options {
  /// Whether the value of its last expression is kept as `globalThis._`.
  bool keep_last = true;
};

/// A snippet as it is sent.
struct rewritten_snippet {
  std::string code;
  /// The snippet declares `_` or assigns to it: from now on it is the user's.
  bool takes_underscore = false;
};

/// Whether a snippet goes on in the next line: it ends inside of a bracket, a
/// template, a comment or a continued string, behind an operator, or in front
/// of a statement that must follow.
[[nodiscard]] bool is_incomplete(std::string_view source);

/// Gathers the lines of a snippet until it is complete.
class snippet_lines {
public:
  /// @returns whether the snippet is complete with this line.
  bool add(std::string_view line);

  [[nodiscard]] bool empty() const noexcept {
    return text_.empty();
  }
  [[nodiscard]] const std::string& text() const noexcept {
    return text_;
  }

  /// Gives the snippet, and begins the next one.
  std::string take();

private:
  std::string text_;
  js_tokenizer reader_;
};

/// Makes the script for an interactive session of a snippet: variables and
/// classes of the first level may be declared again (`let` and `const` become
/// `var`), `await` and `import` declarations may stand there, braces that look
/// like those of an object are one, and the last value is kept. Lines stay
/// where they are. What is no JavaScript stays as it is.
[[nodiscard]] rewritten_snippet rewrite_snippet(std::string_view source,
                                                const rewrite_options& how);

} // namespace vmsystem
