#include "vmsystem/app/repl_rewrite.hpp"

#include "vmsystem/app/repl_syntax.hpp"

#include <algorithm>
#include <cstddef>
#include <utility>
#include <vector>

namespace vmsystem {

namespace {

/// Text that takes the place of a part of the source.
struct edit {
  std::size_t begin;
  std::size_t end;
  std::string text;
};

class rewriter {
public:
  rewriter(const js_tokens& tokens, std::vector<js_statement> statements,
           const rewrite_options& how)
    : tokens_{tokens}, statements_{std::move(statements)}, how_{how} {}

  rewritten_snippet run() {
    is_async_ = awaits();
    for (std::size_t i = 0; i < statements_.size(); ++i)
      rewrite(statements_[i], i + 1 == statements_.size());
    if (is_async_)
      rewrite_inner_variables();
    rewritten_snippet result;
    result.takes_underscore = takes_underscore();
    const bool keep = how_.keep_last && !result.takes_underscore;
    if (!statements_.empty())
      finish_last(statements_.back(), keep);
    result.code = apply();
    return result;
  }

private:
  const js_token& token(std::size_t i) const {
    return tokens_.list[i];
  }

  void insert(std::size_t position, std::string text) {
    edits_.push_back({position, position, std::move(text)});
  }
  void replace_token(std::size_t i, std::string text) {
    edits_.push_back({token(i).begin, token(i).end, std::move(text)});
  }
  /// Takes a blank behind it along.
  void replace_keyword(std::size_t i, std::string text) {
    replace_token(i, std::move(text));
    if (tokens_.source.substr(token(i).end, 1) == " ")
      ++edits_.back().end;
  }
  void insert_before(std::size_t i, std::string text) {
    insert(token(i).begin, std::move(text));
  }
  /// Behind the last token in front of `end`.
  void insert_at_end(std::size_t end, std::string text) {
    insert(token(end - 1).end, std::move(text));
  }

  bool is_property(std::size_t i) const {
    return (i > 0 && (tokens_.is(i - 1, ".") || tokens_.is(i - 1, "?.")))
           || tokens_.is(i + 1, ":");
  }

  bool awaits() const {
    for (std::size_t i = 0; i < tokens_.list.size(); ++i)
      if (token(i).function_depth == 0 && tokens_.is(i, "await")
          && !is_property(i))
        return true;
    return std::any_of(statements_.begin(), statements_.end(),
                       [](const auto& one) {
                         return one.kind
                                == js_statement_kind::import_declaration;
                       });
  }

  void rewrite(const js_statement& one, bool is_last) {
    switch (one.kind) {
      case js_statement_kind::variables:
        rewrite_variables(one);
        break;
      case js_statement_kind::class_declaration:
        rewrite_class(one);
        break;
      case js_statement_kind::function_declaration:
        if (is_async_)
          hoist_function(one);
        break;
      case js_statement_kind::import_declaration:
        rewrite_import(one);
        break;
      case js_statement_kind::other:
        if (is_last && statements_.size() == 1 && looks_like_object(one))
          statements_.back().kind = js_statement_kind::expression;
        break;
      case js_statement_kind::expression:
        break;
    }
  }

  void rewrite_variables(const js_statement& one) {
    const auto parts = declarators_of(tokens_, one.first, one.end);
    const bool is_constant = tokens_.is(one.first, "const");
    // The engine tells what is wrong with a constant without a value.
    if (is_constant)
      for (const auto& part : parts)
        if (!part.has_initializer)
          return;
    for (const auto& part : parts) {
      add_bound_names(tokens_, part, names_);
      if (!part.has_initializer && tokens_.is(one.first, "let"))
        insert_at_end(part.target_end, " = undefined");
    }
    if (is_async_)
      make_assignment(one.first, one.end);
    else if (!tokens_.is(one.first, "var"))
      replace_token(one.first, "var");
  }

  void make_assignment(std::size_t keyword, std::size_t end) {
    replace_keyword(keyword, "void (");
    insert_at_end(end, ")");
  }

  void rewrite_class(const js_statement& one) {
    if (one.end < one.first + 3)
      return;
    const std::string name{tokens_.text(one.first + 1)};
    names_.push_back(name);
    insert_before(one.first, (is_async_ ? "" : "var ") + name + " = ");
    insert_at_end(one.end, ";");
  }

  /// A function is there before the first statement runs.
  void hoist_function(const js_statement& one) {
    for (auto i = one.first; i < one.end && !tokens_.is(i, "("); ++i)
      if (tokens_.is(i + 1, "(")) {
        const std::string name{tokens_.text(i)};
        hoisted_.append("globalThis.").append(name);
        hoisted_.append(" = ").append(name).append("; ");
      }
  }

  /// `import a, {b as c} from 'm'` reads the same names of what `import()`
  /// gives.
  void rewrite_import(const js_statement& one) {
    const auto module = one.end - 1;
    if (token(module).kind != js_token_kind::string)
      return;
    auto i = one.first + 1;
    std::string whole;
    std::string parts;
    const auto add = [&](std::string_view from, std::string_view to) {
      parts += parts.empty() ? "" : ", ";
      parts += std::string{from} + ": " + std::string{to};
      names_.emplace_back(to);
    };
    if (i < module && token(i).kind == js_token_kind::name
        && !tokens_.is(i, "from"))
      add("default", tokens_.text(i++));
    if (tokens_.is(i, ","))
      ++i;
    if (tokens_.is(i, "*")) {
      whole = tokens_.text(i + 2);
      names_.push_back(whole);
    } else if (tokens_.is(i, "{")) {
      for (auto at = i + 1; at < token(i).match; ++at) {
        const bool renamed = tokens_.is(at + 1, "as");
        add(tokens_.text(at), tokens_.text(renamed ? at + 2 : at));
        at += renamed ? 3 : 1;
      }
    }
    std::string text
      = "await import(" + std::string{tokens_.text(module)} + ')';
    if (!whole.empty())
      text = whole + " = " + text;
    if (!parts.empty())
      text = '{' + parts + "} = " + text;
    edits_.push_back(
      {token(one.first).begin, token(module).end, "void (" + text + ')'});
  }

  /// The variables of inner statements belong to the first level too.
  void rewrite_inner_variables() {
    for (std::size_t i = 1; i < tokens_.list.size(); ++i) {
      if (token(i).function_depth != 0 || !tokens_.is(i, "var")
          || is_property(i) || tokens_.is(i + 1, "(")
          || is_first_of_statement(i))
        continue;
      const auto end = expression_end(tokens_, i);
      const bool of_loop = tokens_.is(i - 1, "(");
      for (const auto& part : declarators_of(tokens_, i, loop_end(i, end)))
        add_bound_names(tokens_, part, names_);
      if (of_loop)
        replace_keyword(i, "");
      else
        make_assignment(i, end);
    }
  }

  bool is_first_of_statement(std::size_t i) const {
    return std::any_of(statements_.begin(), statements_.end(),
                       [i](const js_statement& one) {
                         return one.kind == js_statement_kind::variables
                                && one.first == i;
                       });
  }

  /// Where the names of `for (var ... of` end.
  std::size_t loop_end(std::size_t i, std::size_t end) const {
    const auto behind = std::max(token(i + 1).match, i + 1) + 1;
    return tokens_.is(behind, "of") || tokens_.is(behind, "in") ? behind : end;
  }

  /// Whether braces at the beginning of a snippet are those of an object.
  bool looks_like_object(const js_statement& one) const {
    if (!tokens_.is(one.first, "{") || one.end != token(one.first).match + 1)
      return false;
    const auto i = one.first + 1;
    if (tokens_.is(i, "}") || tokens_.is(i, "..."))
      return true;
    const auto kind = token(i).kind;
    const bool is_key = kind == js_token_kind::name
                        || kind == js_token_kind::string
                        || kind == js_token_kind::number;
    return is_key
           && (tokens_.is(i + 1, ":") || tokens_.is(i + 1, ",")
               || (kind == js_token_kind::name && tokens_.is(i + 1, "}")));
  }

  bool takes_underscore() const {
    if (std::find(names_.begin(), names_.end(), "_") != names_.end())
      return true;
    for (std::size_t i = 0; i + 1 < tokens_.list.size(); ++i) {
      const auto next = tokens_.text(i + 1);
      const bool assigned = next.back() == '=' && next != "==" && next != "==="
                            && next != "!=" && next != "!==" && next != "<="
                            && next != ">="
                            && token(i + 1).kind == js_token_kind::punctuator;
      const bool of_global
        = i > 1 && tokens_.is(i - 1, ".") && tokens_.is(i - 2, "globalThis");
      if (tokens_.is(i, "_")
          && ((assigned && (of_global || !is_property(i)))
              || (i > 0 && tokens_.is(i - 1, "function"))))
        return true;
    }
    return false;
  }

  void finish_last(const js_statement& last, bool keep) {
    if (last.kind != js_statement_kind::expression)
      return;
    const bool is_braced = tokens_.is(last.first, "{");
    if (!keep && !is_async_ && !is_braced)
      return;
    std::string before = keep ? "globalThis._ = (" : "(";
    if (is_async_)
      before = "return " + before;
    insert_before(last.first, std::move(before));
    insert_at_end(last.end, ")");
  }

  std::string apply() {
    std::stable_sort(edits_.begin(), edits_.end(),
                     [](const edit& a, const edit& b) {
                       return a.begin < b.begin;
                     });
    std::string code;
    std::size_t at = 0;
    if (is_async_) {
      code = declarations() + "(async () => { " + hoisted_;
      // The line for the shell stands at the beginning or nowhere.
      if (tokens_.source.substr(0, 2) == "#!")
        at = std::min(tokens_.source.find('\n'), tokens_.source.size());
    }
    for (const auto& one : edits_) {
      code += tokens_.source.substr(at, one.begin - at);
      code += one.text;
      at = one.end;
    }
    code += tokens_.source.substr(at);
    // Behind a line of its own: the last one may be a comment.
    if (is_async_)
      code += "\n})()";
    return code;
  }

  std::string declarations() {
    std::string result;
    for (auto name = names_.begin(); name != names_.end(); ++name)
      if (std::find(names_.begin(), name, *name) == name)
        result += (result.empty() ? "var " : ", ") + *name;
    return result.empty() ? result : result + "; ";
  }

  const js_tokens& tokens_;
  std::vector<js_statement> statements_;
  const rewrite_options& how_;
  bool is_async_ = false;
  std::vector<edit> edits_;
  std::vector<std::string> names_;
  std::string hoisted_;
};

bool goes_on(const js_tokens& tokens) {
  if (tokens.broken)
    return false;
  return tokens.unfinished || !statements_of(tokens);
}

} // namespace

bool is_incomplete(std::string_view source) {
  return goes_on(tokenize_js(source));
}

bool snippet_lines::add(std::string_view line) {
  if (!text_.empty())
    text_ += '\n';
  text_ += line;
  return !goes_on(reader_.read(text_));
}

std::string snippet_lines::take() {
  reader_ = {};
  return std::exchange(text_, {});
}

rewritten_snippet rewrite_snippet(std::string_view source,
                                  const rewrite_options& how) {
  const auto tokens = tokenize_js(source);
  if (!tokens.broken && !tokens.unfinished)
    if (auto statements = statements_of(tokens); statements)
      return rewriter{tokens, *std::move(statements), how}.run();
  return {std::string{source}, false};
}

} // namespace vmsystem
