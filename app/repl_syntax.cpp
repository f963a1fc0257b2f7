#include "vmsystem/app/repl_syntax.hpp"

#include <algorithm>
#include <array>
#include <string_view>

namespace vmsystem {

namespace {

/// How deep statements and patterns may be nested; the engine takes no more.
constexpr uint32_t max_depth = 1000;

bool is_opener(const js_tokens& tokens, std::size_t i) {
  return tokens.list[i].match > i;
}

/// Behind token `i`, or behind what it opens.
std::size_t skip_one(const js_tokens& tokens, std::size_t i) {
  return (is_opener(tokens, i) ? tokens.list[i].match : i) + 1;
}

/// Whether an expression may end with token `i`.
bool ends_operand(const js_tokens& tokens, std::size_t i) {
  switch (tokens.list[i].kind) {
    case js_token_kind::name:
      return !is_operator_word(tokens.text(i))
             || (i > 0 && (tokens.is(i - 1, ".") || tokens.is(i - 1, "?.")));
    case js_token_kind::punctuator:
      return tokens.list[i].match < i || tokens.is(i, "++")
             || tokens.is(i, "--");
    case js_token_kind::template_head:
    case js_token_kind::template_middle:
      return false;
    default:
      return true;
  }
}

/// Whether token `i` goes on with an expression that could end before it.
bool continues_operand(const js_tokens& tokens, std::size_t i) {
  constexpr std::array<std::string_view, 6> beginnings{"{", "++", "--",
                                                       "!", "~",  "@"};
  switch (tokens.list[i].kind) {
    case js_token_kind::punctuator:
      return std::find(beginnings.begin(), beginnings.end(), tokens.text(i))
             == beginnings.end();
    case js_token_kind::name:
      return tokens.is(i, "in") || tokens.is(i, "instanceof");
    case js_token_kind::template_whole:
    case js_token_kind::template_head:
      return true;
    default:
      return false;
  }
}

/// Whether token `i` ends the body of an arrow function, which no operator
/// takes.
bool ends_arrow_body(const js_tokens& tokens, std::size_t i) {
  return tokens.list[i].brace == js_brace::function_body
         && tokens.list[i].match < i
         && tokens.is(tokens.list[i].match - 1, "=>");
}

/// Whether a semicolon is inserted in front of token `i`.
bool ends_at_line(const js_tokens& tokens, std::size_t i) {
  if (!tokens.list[i].newline_before || !ends_operand(tokens, i - 1))
    return false;
  if (ends_arrow_body(tokens, i - 1))
    return !tokens.is(i, ",") && !tokens.is(i, ":");
  return !continues_operand(tokens, i);
}

/// Takes a source apart statement by statement.
class statement_reader {
public:
  explicit statement_reader(const js_tokens& tokens) : tokens_{tokens} {}

  std::optional<std::vector<js_statement>> run() {
    std::vector<js_statement> result;
    while (at_ < tokens_.list.size()) {
      result.push_back(read());
      if (unfinished_)
        return std::nullopt;
    }
    return result;
  }

private:
  bool at(std::string_view text) const {
    return tokens_.is(at_, text);
  }
  bool at_name() const {
    return at_ < tokens_.list.size()
           && tokens_.list[at_].kind == js_token_kind::name;
  }

  /// Takes one token, or what it opens.
  void skip() {
    if (at_ < tokens_.list.size())
      at_ = skip_one(tokens_, at_);
    else
      unfinished_ = true;
  }

  js_statement read() {
    js_statement result;
    result.first = at_;
    result.kind = take();
    result.end = at_;
    if (result.end > result.first + 1 && tokens_.is(result.end - 1, ";"))
      --result.end;
    return result;
  }

  js_statement_kind take() {
    if (at_ >= tokens_.list.size()) {
      unfinished_ = true;
      return js_statement_kind::other;
    }
    if (depth_ == max_depth) {
      at_ = tokens_.list.size();
      return js_statement_kind::other;
    }
    ++depth_;
    const auto kind = take_statement();
    --depth_;
    return kind;
  }

  js_statement_kind take_statement() {
    if (at("{") || at(";")) {
      skip();
      return js_statement_kind::other;
    }
    if (const auto kind = take_declaration(); kind)
      return *kind;
    if (take_compound())
      return js_statement_kind::other;
    if (at_name() && tokens_.is(at_ + 1, ":")) {
      at_ += 2;
      take();
      return js_statement_kind::other;
    }
    const bool is_other = at("throw") || at("return") || at("break")
                          || at("continue") || at("debugger") || at("export");
    take_expression();
    return is_other ? js_statement_kind::other : js_statement_kind::expression;
  }

  std::optional<js_statement_kind> take_declaration() {
    const auto next = at_ + 1;
    const bool names_follow
      = tokens_.is(next, "[") || tokens_.is(next, "{")
        || (next < tokens_.list.size()
            && tokens_.list[next].kind == js_token_kind::name
            && !tokens_.is(next, "in") && !tokens_.is(next, "instanceof"));
    if (at("var") || at("const") || (at("let") && names_follow)) {
      take_expression();
      return js_statement_kind::variables;
    }
    if (at("class")) {
      while (!unfinished_ && !at("{"))
        skip();
      skip();
      return js_statement_kind::class_declaration;
    }
    if (at("function")
        || (at("async") && tokens_.is(next, "function")
            && !tokens_.list[next].newline_before)) {
      while (!unfinished_ && !at("("))
        skip();
      skip();
      skip();
      return js_statement_kind::function_declaration;
    }
    if (at("import") && !tokens_.is(next, "(") && !tokens_.is(next, ".")) {
      take_expression();
      return js_statement_kind::import_declaration;
    }
    return std::nullopt;
  }

  /// @returns whether it was a statement made of statements.
  bool take_compound() {
    if (at("if")) {
      take_head();
      take();
      if (at("else")) {
        ++at_;
        take();
      }
    } else if (at("for") || at("while") || at("with")) {
      take_head();
      take();
    } else if (at("switch")) {
      take_head();
      skip();
    } else if (at("do")) {
      take_do();
    } else if (at("try")) {
      take_try();
    } else {
      return false;
    }
    return true;
  }

  /// A keyword and what is in parentheses behind it.
  void take_head() {
    ++at_;
    if (at("await"))
      ++at_;
    skip();
  }

  void take_do() {
    ++at_;
    take();
    if (!at("while")) {
      unfinished_ = unfinished_ || at_ >= tokens_.list.size();
      return;
    }
    take_head();
    if (at(";"))
      ++at_;
  }

  void take_try() {
    ++at_;
    skip();
    const bool caught = at("catch");
    if (caught) {
      ++at_;
      if (at("("))
        skip();
      skip();
    }
    if (at("finally")) {
      ++at_;
      skip();
    } else if (!caught && at_ >= tokens_.list.size()) {
      unfinished_ = true;
    }
  }

  void take_expression() {
    const auto first = at_;
    at_ = expression_end(tokens_, first);
    const bool goes_on = at_ >= tokens_.list.size() && !may_end(first);
    unfinished_ = unfinished_ || goes_on;
    // Also where there is none, so that the reader gets on.
    if (at(";") || at_ == first)
      ++at_;
  }

  /// Whether the source may end behind an expression that goes to its end.
  bool may_end(std::size_t first) const {
    const auto last = tokens_.list.size() - 1;
    return ends_operand(tokens_, last)
           || (last == first && tokens_.is(first, "return"));
  }

  const js_tokens& tokens_;
  std::size_t at_ = 0;
  bool unfinished_ = false;
  uint32_t depth_ = 0;
};

/// Where a part of a list ends: at a comma, or at `end`.
std::size_t part_end(const js_tokens& tokens, std::size_t i, std::size_t end) {
  while (i < end && !tokens.is(i, ","))
    i = skip_one(tokens, i);
  return i;
}

/// Adds the names in a name or pattern that begins with token `i`.
void add_names(const js_tokens& tokens, std::size_t i, uint32_t depth,
               std::vector<std::string>& to) {
  if (tokens.is(i, "..."))
    ++i;
  if (tokens.list[i].kind == js_token_kind::name) {
    to.emplace_back(tokens.text(i));
    return;
  }
  if (!is_opener(tokens, i) || depth == max_depth)
    return;
  const bool is_object = tokens.is(i, "{");
  const auto end = tokens.list[i].match;
  for (++i; i < end; ++i) {
    const auto next = part_end(tokens, i, end);
    auto target = i;
    if (is_object && target < next) {
      const auto behind_key = skip_one(tokens, target);
      if (tokens.is(behind_key, ":"))
        target = behind_key + 1;
    }
    if (target < next)
      add_names(tokens, target, depth + 1, to);
    i = next;
  }
}

} // namespace

std::size_t expression_end(const js_tokens& tokens, std::size_t first) {
  auto i = first;
  for (; i < tokens.list.size(); i = skip_one(tokens, i)) {
    const bool closes_outer
      = tokens.list[i].match < i
        && tokens.list[i].kind != js_token_kind::template_tail;
    if (tokens.is(i, ";") || closes_outer
        || (i > first && ends_at_line(tokens, i)))
      break;
  }
  return i;
}

std::optional<std::vector<js_statement>>
statements_of(const js_tokens& tokens) {
  return statement_reader{tokens}.run();
}

std::vector<js_declarator>
declarators_of(const js_tokens& tokens, std::size_t keyword, std::size_t end) {
  std::vector<js_declarator> result;
  for (auto i = keyword + 1; i < end; ++i) {
    auto& one = result.emplace_back();
    one.first = i;
    one.target_end = skip_one(tokens, i);
    one.has_initializer = tokens.is(one.target_end, "=");
    i = part_end(tokens, i, end);
  }
  return result;
}

void add_bound_names(const js_tokens& tokens, const js_declarator& from,
                     std::vector<std::string>& to) {
  add_names(tokens, from.first, 0, to);
}

} // namespace vmsystem
