#include "vmsystem/app/repl_shell.hpp"

#include <boost/test/unit_test.hpp>

#include <atomic>
#include <deque>
#include <memory>
#include <string>
#include <utility>
#include <vector>

using namespace vmsystem;

namespace {

/// Lines that were typed before.
class given_lines : public repl_lines {
public:
  explicit given_lines(std::deque<repl_input> inputs)
    : inputs_{std::move(inputs)} {}

  repl_input next(const std::string& prompt) override {
    prompts.push_back(prompt);
    if (inputs_.empty())
      return {};
    auto input = inputs_.front();
    inputs_.pop_front();
    return input;
  }

  std::vector<std::string> prompts;

private:
  std::deque<repl_input> inputs_;
};

repl_input line(std::string text) {
  return {repl_input_kind::line, std::move(text)};
}

repl_input ctrl_c(std::string text = {}) {
  return {repl_input_kind::interrupted, std::move(text)};
}

/// What targets were asked to run, and how they answer.
struct script_log {
  std::vector<std::string> scripts;
  /// Answers with this error, once.
  std::string refusal;
  /// How the executions end.
  std::string status = "ok";
};

class fake_target : public repl_target {
public:
  explicit fake_target(script_log& log) : log_{log} {}

  answer<json_value> run(const std::string& code, uint32_t) override {
    // What the shell itself has to run is no snippet.
    if (code.find("lastValue") == std::string::npos) {
      log_.scripts.push_back(code);
      if (!log_.refusal.empty())
        return request_error{std::exchange(log_.refusal, {}), "no", {}};
    }
    return *json_value::parse(
      R"({"id":"x","end_reason":"ok","status":")" + log_.status
      + R"(","result":{"type":"boolean","preview":"true"}})");
  }
  answer<json_value> running() override {
    return *json_value::parse("[]");
  }
  answer<json_value> events(const std::string&, uint32_t) override {
    return *json_value::parse("[]");
  }
  void cancel(const std::string&) override {}
  answer<json_value> limits() override {
    return *json_value::parse("{}");
  }

private:
  script_log& log_;
};

/// A shell whose targets write into `log`.
struct shell_fixture {
  script_log log;
  int opened = 0;
  global_options options;
  std::atomic<int> interrupts{0};
  std::vector<std::string> prompts;

  exit_code run(std::deque<repl_input> inputs, bool interactive = true,
                bool reopens = true) {
    repl_shell::target_opener reopen;
    if (reopens)
      reopen = [this]() -> answer<std::unique_ptr<repl_target>> {
        ++opened;
        return std::unique_ptr<repl_target>{std::make_unique<fake_target>(log)};
      };
    repl_shell shell{std::make_unique<fake_target>(log),
                     reopen,
                     {interactive, false},
                     options,
                     interrupts};
    given_lines lines{std::move(inputs)};
    const auto code = shell.run(lines);
    prompts = lines.prompts;
    return code;
  }
};

using texts = std::vector<std::string>;

} // namespace

BOOST_FIXTURE_TEST_SUITE(shells, shell_fixture)

BOOST_AUTO_TEST_CASE(lines_become_snippets) {
  run({line("f("), line("1)"), line(""), line("// x"), line("let a")});
  BOOST_TEST(log.scripts
               == (texts{"globalThis._ = (f(\n1))", "// x",
                         "var a = undefined"}),
             boost::test_tools::per_element());
  BOOST_TEST(prompts == (texts{"> ", "... ", "> ", "> ", "> ", "> "}),
             boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(ctrl_c_gives_up_what_was_typed) {
  run({line("f("), ctrl_c(), line("1")});
  BOOST_TEST(log.scripts == (texts{"globalThis._ = (1)"}),
             boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(ctrl_c_leaves_when_it_comes_twice_at_an_empty_prompt) {
  run({ctrl_c("a"), ctrl_c(), line("1"), ctrl_c("b"), ctrl_c(), ctrl_c(),
       line("2")});
  BOOST_TEST(log.scripts == (texts{"globalThis._ = (1)"}),
             boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(an_underscore_of_the_users_is_left_alone) {
  run({line("1"), line("let _ = 2"), line("3")});
  BOOST_TEST(log.scripts == (texts{"globalThis._ = (1)", "var _ = 2", "3"}),
             boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(a_session_that_is_lost_is_replaced) {
  log.refusal = "SESSION_NOT_READY";
  BOOST_TEST((run({line("1"), line("2")}) == exit_code::ok));
  BOOST_TEST(opened == 1);
  BOOST_TEST(log.scripts.size() == 2u);
}

BOOST_AUTO_TEST_CASE(a_session_that_was_joined_is_not_replaced) {
  log.refusal = "SESSION_NOT_FOUND";
  run({line("1"), line("2")}, true, false);
  BOOST_TEST(log.scripts.size() == 1u);
}

BOOST_AUTO_TEST_CASE(other_refusals_leave_the_session_as_it_is) {
  log.refusal = "UNREACHABLE";
  BOOST_TEST((run({line("1"), line("2")}, false) == exit_code::request_failed));
  BOOST_TEST(opened == 0);
  BOOST_TEST(log.scripts.size() == 2u);
}

BOOST_AUTO_TEST_CASE(what_is_piped_in_is_judged_by_its_worst_snippet) {
  BOOST_TEST((run({line("1"), line("f(")}, false) == exit_code::ok));
  BOOST_TEST(log.scripts == (texts{"globalThis._ = (1)", "f("}),
             boost::test_tools::per_element());
  log.status = "error";
  BOOST_TEST((run({line("1")}, false) == exit_code::script_failed));
  BOOST_TEST((run({line("1")}, true) == exit_code::ok));
}

BOOST_AUTO_TEST_CASE(commands_are_no_snippets) {
  run({line(".bogus"), line(".help"), line(".limits"), line(".load"),
       line(".5"), line(".exit"), line("1")});
  BOOST_TEST(log.scripts == (texts{"globalThis._ = (.5)"}),
             boost::test_tools::per_element());
}

BOOST_AUTO_TEST_SUITE_END()
