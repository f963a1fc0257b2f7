#define BOOST_TEST_MODULE app_repl
#include "vmsystem/app/repl_rewrite.hpp"
#include "vmsystem/app/repl_tokens.hpp"

#include <boost/test/unit_test.hpp>

#include <algorithm>
#include <fstream>
#include <string>
#include <utility>
#include <vector>

using namespace vmsystem;

namespace {

std::string tokens_of(const std::string& source) {
  const auto tokens = tokenize_js(source);
  std::string result;
  for (std::size_t i = 0; i < tokens.list.size(); ++i) {
    if (i > 0)
      result += ' ';
    if (tokens.list[i].kind == js_token_kind::regexp)
      result += 'R';
    result += tokens.text(i);
  }
  if (tokens.unfinished)
    result += " unfinished";
  if (tokens.broken)
    result += " broken";
  return result;
}

/// The cases of the file: a snippet, a line `=>`, what it becomes, and a line
/// `--`.
std::vector<std::pair<std::string, std::string>> rewriting_cases() {
  std::vector<std::pair<std::string, std::string>> result(1);
  std::ifstream file{VMSYSTEM_REPL_CASES};
  BOOST_REQUIRE(file);
  bool behind = false;
  for (std::string line; std::getline(file, line);) {
    auto& to = behind ? result.back().second : result.back().first;
    if (line == "--") {
      result.emplace_back();
      behind = false;
    } else if (line == "=>") {
      behind = true;
    } else if (!line.empty() || !to.empty()) {
      to += (to.empty() ? "" : "\n") + line;
    }
  }
  result.pop_back();
  return result;
}

} // namespace

BOOST_AUTO_TEST_CASE(a_slash_divides_or_begins_a_regular_expression) {
  const std::vector<std::pair<std::string, std::string>> cases{
    {"a / b / c", "a / b / c"},
    {"a = /b/g", "a = R/b/g"},
    {"(a) / b / c", "( a ) / b / c"},
    {"if (a) /b/.test(c)", "if ( a ) R/b/ . test ( c )"},
    {"x.if(a) / b / c", "x . if ( a ) / b / c"},
    {"a[0] / b / c", "a [ 0 ] / b / c"},
    {"{} /b/g", "{ } R/b/g"},
    {"a = {} / b / c", "a = { } / b / c"},
    {"f(/[/]\\//)", "f ( R/[/]\\// )"},
    {"return /a/", "return R/a/"},
    {"x.return / a / b", "x . return / a / b"},
    {"a++ / b / c", "a ++ / b / c"},
    {"`${/a/}` / b / c", "`${ R/a/ }` / b / c"},
    {"function f() {} /a/", "function f ( ) { } R/a/"},
    {"x = function () {} / a / b", "x = function ( ) { } / a / b"},
    {"() => {} /a", "( ) => { } / a"},
    {"a ? {} / b / c : d", "a ? { } / b / c : d"},
    {"a: {} /b/", "a : { } R/b/"},
    {"x = 1 /* / */ / 2", "x = 1 / 2"},
  };
  for (const auto& [source, wanted] : cases)
    BOOST_TEST(tokens_of(source) == wanted, source);
}

BOOST_AUTO_TEST_CASE(strings_templates_and_comments_are_taken_whole) {
  const std::vector<std::pair<std::string, std::string>> cases{
    {"'a\\'b' + \"c'\"", "'a\\'b' + \"c'\""},
    {"`a ${b + `c ${d}`} e`", "`a ${ b + `c ${ d }` } e`"},
    {"`${{a: 1}.a}`", "`${ { a : 1 } . a }`"},
    {"`\\`${1}$`", "`\\`${ 1 }$`"},
    {"a // b\nc", "a c"},
    {"#!/bin/js\na", "a"},
    {"1e-5 + .5 + 0xe-1 + 1_000n", "1e-5 + .5 + 0xe - 1 + 1_000n"},
    {"a?.b ?.5 : c", "a ?. b ? .5 : c"},
    {"a ?\?= b >>>= c", "a ?\?= b >>>= c"},
    {"\\u{61}b.#c", "\\u{61}b . #c"},
    {"'a\\\nb'", "'a\\\nb'"},
    {"'a", " broken"},
    {"'a\\", " unfinished"},
    {"'a\\\n", " unfinished"},
    {"`a", " unfinished"},
    {"/* a", " unfinished"},
    {"(a", "( a unfinished"},
    {"`a${", "`a${ unfinished"},
    {"(a]", "( a broken"},
    {"a }", "a broken"},
    {"= /a", "= broken"},
  };
  for (const auto& [source, wanted] : cases)
    BOOST_TEST(tokens_of(source) == wanted, source);
}

BOOST_AUTO_TEST_CASE(no_beginning_of_a_script_confuses_the_reader) {
  const std::string script
    = "#!x\nclass A extends (b, {}) { #c = `d${'e' + /[/]f/}`; static { var "
      "g; } get h() { return 1 / 2; } }\nlabel: for (const {i, j: [k = {}]} "
      "of l) { if (m) n: ({}) / 3; else do o(); while (p) }\nasync () => { "
      "await q?.r[0x1f]``; };\nswitch (s) { case 1: {} default: }\ntry { "
      "import('t'); } catch { u\\u{61} = '\\\n' } finally {}\nvar v = w ? "
      "function* () {} : 1e+5, x\nimport y, {z as aa} from 'm'\n";
  for (std::size_t size = 0; size <= script.size(); ++size)
    for (const auto& piece : {script.substr(0, size), script.substr(size)}) {
      // Either it waits for more, or it becomes something.
      const auto code = rewrite_snippet(piece, {true}).code;
      BOOST_TEST((is_incomplete(piece) || code.size() >= piece.size()), piece);
    }
  BOOST_TEST(!is_incomplete(script));
}

BOOST_AUTO_TEST_CASE(a_snippet_that_goes_on_is_told_from_one_that_ends) {
  for (const std::string source : {"(1 +",
                                   "1 +",
                                   "f(",
                                   "{",
                                   "[1,",
                                   "`a",
                                   "`a${b",
                                   "/* a",
                                   "'a\\",
                                   "x =>",
                                   "x = ",
                                   "a.",
                                   "a ?",
                                   "a ? b :",
                                   "a &&",
                                   "if (a)",
                                   "if (a) b;\nelse",
                                   "for (;;)",
                                   "while (a)",
                                   "do a()",
                                   "do {} while",
                                   "try {}",
                                   "class A",
                                   "function f()",
                                   "function f() {",
                                   "class A {",
                                   "typeof",
                                   "new",
                                   "await",
                                   "const a =",
                                   "let a,",
                                   "label:",
                                   "!",
                                   "throw",
                                   "async () => {",
                                   "a in"})
    BOOST_TEST(is_incomplete(source), source);
  for (const std::string source : {"",
                                   "1",
                                   "a",
                                   "a;",
                                   "f()",
                                   "{}",
                                   "{a: 1}",
                                   "if (a) b",
                                   "a++",
                                   "this",
                                   "`a${b}`",
                                   "/a/",
                                   "for (;;);",
                                   "do a(); while (b)",
                                   "try {} catch {}",
                                   "try {} finally {}",
                                   "class A {}",
                                   "function f() {}",
                                   ")",
                                   "'a",
                                   "a ]",
                                   "x => x",
                                   "x.new",
                                   "// a",
                                   "/* a */",
                                   "return",
                                   "1 2",
                                   "let a",
                                   "if (a) {} else {}",
                                   "async () => {}",
                                   "switch (a) {}",
                                   "#"})
    BOOST_TEST(!is_incomplete(source), source);
}

BOOST_AUTO_TEST_CASE(deep_nesting_does_no_harm) {
  const auto repeated = [](const std::string& piece) {
    std::string text;
    for (int i = 0; i < 100'000; ++i)
      text += piece;
    return text;
  };
  for (const auto& source :
       {repeated("if (a) ") + ';', repeated("a: ") + ';', repeated("(") + '1',
        "let " + repeated("[") + 'a' + repeated("]") + " = b",
        repeated("{") + repeated("}"), repeated("`${"),
        repeated("function a() {}")}) {
    const auto script = rewrite_snippet(source, {true});
    BOOST_TEST((script.code.size() + 1 >= source.size()));
  }
}

BOOST_AUTO_TEST_CASE(lines_are_gathered_until_a_snippet_is_complete) {
  const std::vector<std::vector<std::string>> cases{
    {""},
    {"f(", "1,", ")"},
    {"`a", "${b", "+ c} d", "`.e"},
    {"'a\\", "b\\", "c'"},
    {"/*", " * 'a", " */", "b"},
    {"x // (", ""},
    {"a +", "", "b /", "/c/"},
    {"a = {", "b: `${{c: [", "]}}`", "}"},
  };
  for (const auto& lines : cases) {
    snippet_lines gathered;
    std::string text;
    for (const auto& line : lines) {
      text += (text.empty() ? "" : "\n") + line;
      const bool complete = gathered.add(line);
      BOOST_TEST(complete == !is_incomplete(text), text);
      if (complete)
        break;
    }
    BOOST_TEST(gathered.take() == text);
    BOOST_TEST(gathered.empty());
    BOOST_TEST(gathered.add("1"));
  }
}

BOOST_AUTO_TEST_CASE(snippets_become_scripts) {
  const auto cases = rewriting_cases();
  BOOST_TEST(cases.size() >= 50u);
  for (const auto& [source, wanted] : cases)
    BOOST_TEST(rewrite_snippet(source, {true}).code == wanted,
               source << "\nbecomes\n"
                      << rewrite_snippet(source, {true}).code << "\nand not\n"
                      << wanted);
}

BOOST_AUTO_TEST_CASE(lines_stay_where_they_are) {
  for (const auto& [source, wanted] : rewriting_cases()) {
    const auto lines = std::count(source.begin(), source.end(), '\n');
    const auto now = std::count(wanted.begin(), wanted.end(), '\n');
    BOOST_TEST((now == lines || now == lines + 1), source);
  }
}

BOOST_AUTO_TEST_CASE(underscore_is_left_to_who_takes_it) {
  for (const std::string source :
       {"_ = 1", "var _ = 1", "let {_} = a", "const [a, _] = b",
        "function _() {}", "class _ {}", "globalThis._ = 1", "_ += 1",
        "import _ from 'lodash'", "await (_ = 1)"}) {
    const auto result = rewrite_snippet(source, {true});
    BOOST_TEST(result.takes_underscore, source);
    BOOST_TEST(result.code.find("globalThis._ = (") == std::string::npos,
               source);
  }
  for (const std::string source : {"_", "_ + 1", "_ == 1", "_ === 1", "_ <= 1",
                                   "a._ = 1", "({_: 1})", "x = _", "_.a = 1"})
    BOOST_TEST(!rewrite_snippet(source, {true}).takes_underscore, source);
}

BOOST_AUTO_TEST_CASE(the_last_value_is_kept_only_when_it_is_wanted) {
  BOOST_TEST(rewrite_snippet("1 + 1", {false}).code == "1 + 1");
  BOOST_TEST(rewrite_snippet("{a: 1}", {false}).code == "({a: 1})");
  BOOST_TEST(rewrite_snippet("await 1", {false}).code
             == "(async () => { return (await 1)\n})()");
}
