#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string_view>
#include <vector>

namespace vmsystem {

/// What a token of JavaScript is.
enum class js_token_kind : uint8_t {
  /// A name or a keyword; `#private` names too.
  name,
  number,
  string,
  regexp,
  punctuator,
  /// A template without substitutions.
  template_whole,
  /// From the backtick to `${`.
  template_head,
  /// From `}` to `${`.
  template_middle,
  /// From `}` to the backtick.
  template_tail,
};

/// What an opening brace opens.
enum class js_brace : uint8_t {
  /// No brace.
  none,
  /// Statements, also those of a `switch`.
  block,
  object,
  function_body,
  class_body,
};

/// One token. Positions are byte offsets in the source.
struct js_token {
  js_token_kind kind = js_token_kind::punctuator;
  /// Of an opening brace and of the brace that closes it.
  js_brace brace = js_brace::none;
  /// Of a closing brace: whether it ends a value, such as an object, behind
  /// which a slash divides.
  bool closes_value = false;
  /// Whether a line ends between the token before it and this one.
  bool newline_before = false;
  std::size_t begin = 0;
  std::size_t end = 0;
  /// The token that closes or opens this bracket; of the head of a template its
  /// tail, and the other way round; else the token's own index.
  std::size_t match = 0;
  /// In how many bodies of functions it is; those of arrow functions without
  /// braces do not count.
  uint32_t function_depth = 0;
};

/// A source as tokens.
struct js_tokens {
  /// What the tokens' offsets mean.
  std::string_view source;
  std::vector<js_token> list;
  /// The source ends inside of a bracket, a template, a comment, or a string
  /// whose line ends with a backslash.
  bool unfinished = false;
  /// No continuation could make it right: a bracket that closes nothing, a
  /// string or a regular expression that its line does not end.
  bool broken = false;

  [[nodiscard]] std::string_view text(std::size_t index) const {
    const auto& token = list[index];
    return source.substr(token.begin, token.end - token.begin);
  }

  /// Whether there is such a token and it is this punctuator or name, and no
  /// string.
  [[nodiscard]] bool is(std::size_t index, std::string_view wanted) const {
    return index < list.size()
           && (list[index].kind == js_token_kind::punctuator
               || list[index].kind == js_token_kind::name)
           && text(index) == wanted;
  }
};

/// Takes a source apart that grows line by line, each piece of it once.
class js_tokenizer {
public:
  js_tokenizer();
  ~js_tokenizer();
  js_tokenizer(js_tokenizer&&) noexcept;
  js_tokenizer& operator=(js_tokenizer&&) noexcept;

  /// @param source begins with what was read before; lives until the next call.
  /// What is new begins with a line's end.
  const js_tokens& read(std::string_view source);

private:
  class impl;

  std::unique_ptr<impl> impl_;
};

/// Takes a source apart by the lexical grammar. Whether a slash begins a
/// regular expression is told from the tokens before it. Comments and white
/// space leave no tokens.
/// @param source must outlive the result.
[[nodiscard]] js_tokens tokenize_js(std::string_view source);

/// Whether a name is a keyword that stands in front of an operand, such as
/// `typeof` and `return`.
[[nodiscard]] bool is_operator_word(std::string_view name) noexcept;

} // namespace vmsystem
