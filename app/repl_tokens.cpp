#include "vmsystem/app/repl_tokens.hpp"

#include "vmsystem/app/repl_token_context.hpp"

#include <algorithm>
#include <array>

namespace vmsystem {

namespace {

constexpr auto none = static_cast<std::size_t>(-1);

/// Longer ones in front of those with which they begin.
constexpr std::array<std::string_view, 33> long_punctuators{
  ">>>=", "...", "===", "!==", "**=", "<<=", ">>=", ">>>", "&&=", "||=", "?\?=",
  "=>",   "==",  "!=",  "<=",  ">=",  "&&",  "||",  "??",  "?.",  "++",  "--",
  "+=",   "-=",  "*=",  "/=",  "%=",  "&=",  "|=",  "^=",  "<<",  ">>",  "**"};

bool is_digit(char c) {
  return c >= '0' && c <= '9';
}

bool begins_name(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_'
         || c == '$' || c == '#' || c == '\\'
         || static_cast<unsigned char>(c) >= 0x80;
}

bool continues_name(char c) {
  return begins_name(c) || is_digit(c);
}

} // namespace

class js_tokenizer::impl {
public:
  const js_tokens& read(std::string_view source) {
    result_.source = source;
    result_.unfinished = false;
    // A first line for the shell.
    if (at_ == 0 && source.substr(0, 2) == "#!")
      skip_line();
    while (!result_.broken && !result_.unfinished && skip_blanks())
      take();
    if (!open_.empty() && !result_.broken)
      result_.unfinished = true;
    return result_;
  }

private:
  struct open_bracket {
    std::size_t token;
    /// Question marks whose colon is still to come.
    uint32_t questions = 0;
  };

  std::string_view source() const {
    return result_.source;
  }
  char at(std::size_t position) const {
    return position < source().size() ? source()[position] : '\0';
  }
  bool ended() const {
    return at_ >= source().size();
  }
  std::size_t last() const {
    return result_.list.size() - 1;
  }

  void skip_line() {
    at_ = std::min(source().find('\n', at_), source().size());
  }

  /// How many bytes of white space begin at `at_` that are not ASCII.
  std::size_t wide_blank() const {
    for (const std::string_view blank :
         {"\u00a0", "\ufeff", "\u2028", "\u2029"})
      if (source().substr(at_, blank.size()) == blank)
        return blank.size();
    return 0;
  }

  /// @returns false at the end.
  bool skip_blanks() {
    while (!ended()) {
      const char c = at(at_);
      if (c == '\n' || c == '\r') {
        newline_ = true;
        ++at_;
      } else if (c == ' ' || c == '\t' || c == '\v' || c == '\f') {
        ++at_;
      } else if (const auto wide = wide_blank(); wide != 0) {
        newline_ = newline_ || at(at_ + 1) == '\x80';
        at_ += wide;
      } else if (c == '/' && at(at_ + 1) == '/') {
        skip_line();
      } else if (c == '/' && at(at_ + 1) == '*') {
        const auto end = source().find("*/", at_ + 2);
        if (end == std::string_view::npos) {
          result_.unfinished = true;
          return false;
        }
        newline_
          = newline_
            || source().substr(at_, end - at_).find('\n') != source().npos;
        at_ = end + 2;
      } else {
        return true;
      }
    }
    return false;
  }

  js_token& add(js_token_kind kind, std::size_t end) {
    auto& token = result_.list.emplace_back();
    token.kind = kind;
    token.begin = at_;
    token.end = end;
    token.newline_before = newline_;
    token.match = last();
    token.function_depth = function_depth_;
    newline_ = false;
    at_ = end;
    return token;
  }

  void take() {
    const char c = at(at_);
    if (is_digit(c) || (c == '.' && is_digit(at(at_ + 1))))
      take_number();
    else if (begins_name(c))
      take_name();
    else if (c == '"' || c == '\'')
      take_string(c);
    else if (c == '`')
      take_template(js_token_kind::template_whole,
                    js_token_kind::template_head);
    else if (c == '/' && operand_follows(result_))
      take_regexp();
    else
      take_punctuator();
  }

  void take_number() {
    auto end = at_ + 1;
    const bool prefixed
      = at(at_) == '0' && begins_name(at(end)) && at(end) != 'e';
    while (continues_name(at(end)) || at(end) == '.'
           || (!prefixed && (at(end) == '+' || at(end) == '-')
               && (at(end - 1) == 'e' || at(end - 1) == 'E')))
      ++end;
    add(js_token_kind::number, end);
  }

  void take_name() {
    auto end = at_ + 1;
    // An escape such as \u{61} has braces.
    while (continues_name(at(end))
           || (at(end) == '{' && at(end - 1) == 'u' && end >= at_ + 2
               && at(end - 2) == '\\')) {
      if (at(end) == '{')
        end = std::min(source().find('}', end), source().size() - 1);
      ++end;
    }
    add(js_token_kind::name, end);
  }

  void take_string(char quote) {
    auto end = at_ + 1;
    while (end < source().size() && at(end) != quote && at(end) != '\n')
      end += at(end) == '\\' ? (at(end + 1) == '\r' ? 3 : 2) : 1;
    if (end < source().size() && at(end) == quote) {
      add(js_token_kind::string, end + 1);
      return;
    }
    // A backslash at its end takes the string to the next line.
    if (end >= source().size() && continues_line())
      result_.unfinished = true;
    else
      result_.broken = true;
  }

  /// Whether the source ends with a backslash, or with one and a line's end.
  bool continues_line() const {
    auto text = source();
    if (!text.empty() && text.back() == '\n')
      text.remove_suffix(1);
    return !text.empty() && text.back() == '\\';
  }

  /// Takes what begins with a backtick, or with the brace that ends a
  /// substitution.
  void take_template(js_token_kind closed, js_token_kind opened) {
    auto end = at_ + 1;
    while (end < source().size() && at(end) != '`'
           && !(at(end) == '$' && at(end + 1) == '{'))
      end += at(end) == '\\' ? 2 : 1;
    if (end >= source().size()) {
      result_.unfinished = true;
      return;
    }
    if (at(end) == '`') {
      add(closed, end + 1);
      return;
    }
    add(opened, end + 2);
    if (opened == js_token_kind::template_head)
      open_.push_back({last()});
  }

  void take_regexp() {
    auto end = at_ + 1;
    bool in_class = false;
    for (; end < source().size() && at(end) != '\n'; ++end) {
      const char c = at(end);
      if (c == '\\')
        ++end;
      else if (c == '[')
        in_class = true;
      else if (c == ']')
        in_class = false;
      else if (c == '/' && !in_class)
        break;
    }
    if (at(end) != '/') {
      result_.broken = true;
      return;
    }
    ++end;
    while (continues_name(at(end)))
      ++end;
    add(js_token_kind::regexp, end);
  }

  void take_punctuator() {
    const char c = at(at_);
    if (c == '(' || c == '[' || c == '{') {
      open(c);
    } else if (c == ')' || c == ']' || c == '}') {
      close(c);
    } else {
      std::size_t size = 1;
      for (const auto& one : long_punctuators)
        if (source().substr(at_, one.size()) == one) {
          size = one.size();
          break;
        }
      // `a?.5:b` is a question mark and a number.
      if (size == 2 && c == '?' && at(at_ + 1) == '.' && is_digit(at(at_ + 2)))
        size = 1;
      count_question(source().substr(at_, size));
      add(js_token_kind::punctuator, at_ + size);
    }
  }

  void count_question(std::string_view punctuator) {
    auto& questions = open_.empty() ? questions_ : open_.back().questions;
    colon_of_question_ = punctuator == ":" && questions > 0;
    if (punctuator == "?")
      ++questions;
    else if (colon_of_question_)
      --questions;
  }

  void open(char c) {
    const auto brace
      = c == '{' ? kind_of_brace(result_, place_of_brace()) : js_brace::none;
    add(js_token_kind::punctuator, at_ + 1).brace = brace;
    open_.push_back({last()});
    if (brace == js_brace::function_body)
      ++function_depth_;
  }

  void close(char c) {
    const auto opener = open_.empty() ? none : open_.back().token;
    const bool of_template
      = opener != none
        && result_.list[opener].kind == js_token_kind::template_head;
    if (of_template && c == '}') {
      take_template(js_token_kind::template_tail,
                    js_token_kind::template_middle);
      if (!result_.unfinished
          && result_.list.back().kind == js_token_kind::template_tail)
        pair(opener);
      return;
    }
    const char wanted = c == ')' ? '(' : c == ']' ? '[' : '{';
    if (opener == none || of_template
        || at(result_.list[opener].begin) != wanted) {
      result_.broken = true;
      return;
    }
    if (result_.list[opener].brace == js_brace::function_body)
      --function_depth_;
    add(js_token_kind::punctuator, at_ + 1).brace = result_.list[opener].brace;
    pair(opener);
  }

  void pair(std::size_t opener) {
    result_.list[opener].match = last();
    result_.list.back().match = opener;
    result_.list.back().closes_value = is_value(result_, last());
    open_.pop_back();
  }

  brace_place place_of_brace() const {
    return {in_statements(), colon_of_question_, newline_};
  }

  bool in_statements() const {
    if (open_.empty())
      return true;
    const auto brace = result_.list[open_.back().token].brace;
    return brace == js_brace::block || brace == js_brace::function_body;
  }

  js_tokens result_;
  std::size_t at_ = 0;
  bool newline_ = false;
  bool colon_of_question_ = false;
  uint32_t questions_ = 0;
  uint32_t function_depth_ = 0;
  std::vector<open_bracket> open_;
};

js_tokenizer::js_tokenizer() : impl_{std::make_unique<impl>()} {}

js_tokenizer::~js_tokenizer() = default;

js_tokenizer::js_tokenizer(js_tokenizer&&) noexcept = default;

js_tokenizer& js_tokenizer::operator=(js_tokenizer&&) noexcept = default;

const js_tokens& js_tokenizer::read(std::string_view source) {
  return impl_->read(source);
}

js_tokens tokenize_js(std::string_view source) {
  js_tokenizer reader;
  return reader.read(source);
}

} // namespace vmsystem
