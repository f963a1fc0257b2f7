#include "vmsystem/app/repl_token_context.hpp"

#include <algorithm>
#include <array>
#include <string_view>

namespace vmsystem {

namespace {

template <std::size_t Size>
bool contains(const std::array<std::string_view, Size>& words,
              std::string_view word) noexcept {
  return std::find(words.begin(), words.end(), word) != words.end();
}

/// Words in front of a parenthesis behind which a statement stands.
constexpr std::array<std::string_view, 6> control_words{"if",     "for",
                                                        "while",  "with",
                                                        "switch", "catch"};

constexpr std::array<std::string_view, 5> block_words{"else", "do", "try",
                                                      "catch", "finally"};

bool follows_dot(const js_tokens& tokens, std::size_t index) {
  return index > 0 && (tokens.is(index - 1, ".") || tokens.is(index - 1, "?."));
}

/// Whether the parenthesis that token `close` closes belongs to a statement.
bool closes_control(const js_tokens& tokens, std::size_t close) {
  const auto opener = tokens.list[close].match;
  if (opener == 0)
    return false;
  auto before = opener - 1;
  if (tokens.is(before, "await") && before > 0)
    --before;
  return tokens.list[before].kind == js_token_kind::name
         && contains(control_words, tokens.text(before))
         && !follows_dot(tokens, before);
}

/// Whether a statement may begin behind token `index`.
bool ends_statement(const js_tokens& tokens, std::size_t index) {
  const auto& token = tokens.list[index];
  if (token.kind == js_token_kind::name)
    return contains(block_words, tokens.text(index))
           && !follows_dot(tokens, index);
  if (tokens.is(index, ")"))
    return closes_control(tokens, index);
  if (tokens.is(index, "}"))
    return !token.closes_value;
  return tokens.is(index, ";")
         || (tokens.is(index, "{") && token.brace != js_brace::object);
}

/// Whether the head of a class stands before.
bool follows_class(const js_tokens& tokens) {
  constexpr std::size_t farthest = 4;
  const auto size = tokens.list.size();
  for (std::size_t n = 1; n <= std::min(size, farthest); ++n)
    if (tokens.is(size - n, "class"))
      return true;
  return false;
}

} // namespace

bool is_value(const js_tokens& tokens, std::size_t close) {
  const auto& token = tokens.list[close];
  if (token.brace == js_brace::object)
    return true;
  if (token.brace != js_brace::function_body)
    return false;
  const auto before = token.match - 1;
  if (tokens.is(before, "=>"))
    return true;
  if (!tokens.is(before, ")"))
    return false;
  // A function where no statement may begin is an expression.
  auto word = tokens.list[before].match;
  for (int i = 0; i < 3 && word > 0; ++i)
    if (tokens.is(--word, "function"))
      break;
  if (!tokens.is(word, "function"))
    return false;
  if (word > 0 && tokens.is(word - 1, "async"))
    --word;
  return word > 0 && !ends_statement(tokens, word - 1);
}

bool operand_follows(const js_tokens& tokens) {
  if (tokens.list.empty())
    return true;
  const auto last = tokens.list.size() - 1;
  switch (tokens.list[last].kind) {
    case js_token_kind::name:
      return is_operator_word(tokens.text(last)) && !follows_dot(tokens, last);
    case js_token_kind::punctuator:
      break;
    case js_token_kind::template_head:
    case js_token_kind::template_middle:
      return true;
    default:
      return false;
  }
  if (tokens.is(last, ")"))
    return closes_control(tokens, last);
  if (tokens.is(last, "}"))
    return !tokens.list[last].closes_value;
  return !tokens.is(last, "]") && !tokens.is(last, "++")
         && !tokens.is(last, "--");
}

js_brace kind_of_brace(const js_tokens& tokens, const brace_place& place) {
  if (tokens.list.empty())
    return js_brace::block;
  const auto before = tokens.list.size() - 1;
  if (tokens.is(before, "=>") || tokens.is(before, "static"))
    return js_brace::function_body;
  if (tokens.is(before, ")"))
    return closes_control(tokens, before) ? js_brace::block
                                          : js_brace::function_body;
  if (ends_statement(tokens, before))
    return js_brace::block;
  if (tokens.is(before, ":"))
    return place.in_statements && !place.after_question ? js_brace::block
                                                        : js_brace::object;
  if (operand_follows(tokens))
    return js_brace::object;
  return place.newline_before && !follows_class(tokens) ? js_brace::block
                                                        : js_brace::class_body;
}

bool is_operator_word(std::string_view name) noexcept {
  constexpr std::array<std::string_view, 17> words{
    "typeof", "void", "delete", "new",     "in",        "return",
    "throw",  "case", "do",     "else",    "await",     "yield",
    "const",  "let",  "var",    "extends", "instanceof"};
  return contains(words, name);
}

} // namespace vmsystem
