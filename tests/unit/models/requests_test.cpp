#include "vmsystem/models/codec.hpp"
#include "vmsystem/tests/unit/models/support.hpp"

#include <boost/test/unit_test.hpp>

#include <string>
#include <string_view>

using namespace vmsystem;
using namespace vmsystem::test;
using namespace std::string_literals;

namespace {

constexpr std::string_view id_text = "0190c0de-cafe-7abc-8def-0123456789ab";

std::string body(std::string_view rest) {
  return R"({"session_id":")" + std::string{id_text} + R"(",)"
         + std::string{rest} + '}';
}

struct refusal {
  std::string body;
  std::string_view code;
  std::string_view message;
};

} // namespace

BOOST_AUTO_TEST_SUITE(requests)

BOOST_AUTO_TEST_CASE(a_snippet_and_how_long_it_waits) {
  const auto short_one = must(read_repl_request(body(R"("input":"1 + 1")")));
  BOOST_TEST(short_one.session.to_string() == id_text);
  BOOST_TEST((short_one.kind == execution_kind::repl));
  BOOST_TEST(short_one.input == "1 + 1");
  BOOST_TEST(short_one.path.empty());
  BOOST_TEST(short_one.args.empty());
  BOOST_TEST(short_one.env.empty());
  BOOST_TEST(short_one.wait_ms == 0u);
  const auto waiting = must(
    read_repl_request(body(R"("input":"a\u0000b","wait_ms":4294967295)")));
  BOOST_TEST(waiting.input == "a\0b"s);
  BOOST_TEST(waiting.wait_ms == 4294967295u);
}

BOOST_AUTO_TEST_CASE(bad_snippets_are_refused) {
  const refusal refusals[] = {
    {"", "INVALID_REQUEST", "malformed JSON"},
    {"{}", "VALIDATION_ERROR", "\"session_id\" is required"},
    {R"({"input":"1"})", "VALIDATION_ERROR", "\"session_id\" is required"},
    {R"({"session_id":"","input":"1"})", "VALIDATION_ERROR",
     "\"session_id\" is not a UUID"},
    {R"({"session_id":"7","input":"1"})", "VALIDATION_ERROR",
     "\"session_id\" is not a UUID"},
    {R"({"session_id":7,"input":"1"})", "INVALID_REQUEST",
     "\"session_id\" must be a UUID as a string"},
    {R"({"session_id":null,"input":"1"})", "VALIDATION_ERROR",
     "\"session_id\" is required"},
    {body(R"("input":"")"), "VALIDATION_ERROR", "\"input\" is required"},
    {body(R"("input":null)"), "VALIDATION_ERROR", "\"input\" is required"},
    {body(R"("input":1)"), "INVALID_REQUEST", "\"input\" must be a string"},
    {body(R"("input":["1"])"), "INVALID_REQUEST", "\"input\" must be a string"},
    {body(R"("input":"1","path":"a")"), "INVALID_REQUEST",
     "unknown field \"path\""},
    {body(R"("input":"1","args":{})"), "INVALID_REQUEST",
     "unknown field \"args\""},
    {body(R"("input":"1","wait_ms":-1)"), "VALIDATION_ERROR",
     "\"wait_ms\" must be between"},
    {body(R"("input":"1","wait_ms":4294967296)"), "VALIDATION_ERROR",
     "\"wait_ms\" must be between"},
    {body(R"("input":"1","wait_ms":"1")"), "INVALID_REQUEST",
     "\"wait_ms\" must be an integer"},
    {body(R"("input":"1","wait_ms":1.5)"), "INVALID_REQUEST",
     "\"wait_ms\" must be an integer"},
    {body(R"("input":"1")") + 'x', "INVALID_REQUEST", "malformed JSON"},
    {body("\"input\":\"\xff\""), "INVALID_REQUEST", "malformed JSON"},
    {'[' + body(R"("input":"1")") + ']', "INVALID_REQUEST",
     "the body must be an object"},
  };
  for (const auto& [text, code, message] : refusals)
    BOOST_TEST_CONTEXT(text) {
      const auto outcome = read_repl_request(text);
      BOOST_TEST(code_of(outcome) == code);
      BOOST_TEST(contains(message_of(outcome), message));
    }
}

BOOST_AUTO_TEST_CASE(a_file_with_its_arguments_and_environment) {
  const auto plain = must(read_run_file_request(body(R"("path":"a.js")")));
  BOOST_TEST(plain.session.to_string() == id_text);
  BOOST_TEST((plain.kind == execution_kind::run_file));
  BOOST_TEST(plain.path == "a.js");
  BOOST_TEST(plain.input.empty());
  BOOST_TEST(plain.args.empty());
  BOOST_TEST(plain.env.empty());
  BOOST_TEST(plain.wait_ms == 0u);
  const auto full = must(read_run_file_request(
    body(R"("wait_ms":5,"path":"./a//b.js","args":{ "n" : [1, 2.5, "x"] },)"
         R"("env":{"A":"b","C":null})")));
  BOOST_TEST(full.path == "./a//b.js");
  BOOST_TEST(full.args.text == R"({"n":[1,2.5,"x"]})");
  BOOST_TEST(full.env.text == R"({"A":"b","C":null})");
  BOOST_TEST(full.wait_ms == 5u);
  const auto nulls = must(read_run_file_request(
    body(R"("path":"a.js","args":null,"env":null,"wait_ms":null)")));
  BOOST_TEST(nulls.args.empty());
  BOOST_TEST(nulls.env.empty());
  BOOST_TEST(nulls.wait_ms == 0u);
}

BOOST_AUTO_TEST_CASE(bad_files_are_refused) {
  const refusal refusals[] = {
    {"{}", "VALIDATION_ERROR", "\"session_id\" is required"},
    {body(R"("path":"")"), "VALIDATION_ERROR", "\"path\" is required"},
    {body(R"("path":7)"), "INVALID_REQUEST", "\"path\" must be a string"},
    {body(R"("path":"a","input":"1")"), "INVALID_REQUEST",
     "unknown field \"input\""},
    {body(R"("path":"a","args":[])"), "INVALID_REQUEST",
     "\"args\" must be an object"},
    {body(R"("path":"a","args":"{}")"), "INVALID_REQUEST",
     "\"args\" must be an object"},
    {body(R"("path":"a","args":0)"), "INVALID_REQUEST",
     "\"args\" must be an object"},
    {body(R"("path":"a","env":[])"), "INVALID_REQUEST",
     "\"env\" must be an object"},
    {body(R"("path":"a","env":"A=b")"), "INVALID_REQUEST",
     "\"env\" must be an object"},
    {body(R"("path":"a","wait_ms":false)"), "INVALID_REQUEST",
     "\"wait_ms\" must be an integer"},
    {body(R"("path":"a","args":{"n":1e999})"), "INVALID_REQUEST",
     "malformed JSON"},
  };
  for (const auto& [text, code, message] : refusals)
    BOOST_TEST_CONTEXT(text) {
      const auto outcome = read_run_file_request(text);
      BOOST_TEST(code_of(outcome) == code);
      BOOST_TEST(contains(message_of(outcome), message));
    }
}

BOOST_AUTO_TEST_CASE(all_forms_of_a_session_id_are_accepted) {
  for (const std::string_view form :
       {" 0190c0de-cafe-7abc-8def-0123456789ab\\n",
        "0190C0DE-CAFE-7ABC-8DEF-0123456789AB",
        "0190c0decafe7abc8def0123456789ab",
        "{0190c0de-cafe-7abc-8def-0123456789ab}",
        "urn:uuid:0190c0de-cafe-7abc-8def-0123456789ab"}) {
    const auto request = must(read_repl_request(
      R"({"session_id":")" + std::string{form} + R"(","input":"1"})"));
    BOOST_TEST(request.session.to_string() == id_text);
  }
}

BOOST_AUTO_TEST_CASE(bodies_have_the_defaults_of_the_contract) {
  const auto record = must(from_json<template_spec>(R"({"name":"n"})"));
  BOOST_TEST(record.name == "n");
  BOOST_TEST(record.engine.empty());
  const auto capability
    = must(from_json<capability_spec>(R"({"kind":"env","name":"n"})"));
  BOOST_TEST((capability.kind == capability_kind::env));
  BOOST_TEST(capability.enabled);
  BOOST_TEST(capability.config.text == "{}");
  BOOST_TEST(capability.vm_id.nil());
  const auto file = must(from_json<startup_file_spec>(R"({"path":"p"})"));
  BOOST_TEST(file.order_index == 0);
  BOOST_TEST(file.mode.empty());
}

BOOST_AUTO_TEST_SUITE_END()

BOOST_AUTO_TEST_CASE(a_batch_request_is_its_spec_and_its_jobs) {
  const auto request = must(from_json<batch_request>(
    R"({"template_id":"11111111-1111-7111-8111-111111111111","ordered":true,)"
    R"("isolation":"session","concurrency":7,"on_error":"stop",)"
    R"("worktree_path":"/w","jobs":[ {"input": "1\n2"}, 7, [] ]})"));
  BOOST_TEST(request.spec.vm_id.to_string()
             == "11111111-1111-7111-8111-111111111111");
  BOOST_TEST((request.spec.isolation == batch_isolation::session));
  BOOST_TEST((request.spec.on_error == batch_on_error::stop));
  BOOST_TEST(request.spec.concurrency == 7u);
  BOOST_TEST(request.spec.worktree_path == "/w");
  BOOST_TEST(request.spec.ordered);
  BOOST_TEST(!request.spec.attached);
  BOOST_REQUIRE(request.jobs.size() == 3u);
  BOOST_TEST(request.jobs[0].text == R"({"input":"1\n2"})");
  BOOST_TEST(request.jobs[1].text == "7");
  BOOST_TEST(request.jobs[2].text == "[]");
}

BOOST_AUTO_TEST_CASE(a_batch_request_is_read_strictly) {
  BOOST_TEST(must(from_json<batch_request>(R"({"jobs":[]})")).jobs.empty());
  for (const auto* text :
       {"{}", R"({"jobs":null})", R"({"jobs":{}})", R"({"jobs":[],"x":1})",
        R"({"jobs":[],"attached":true})", R"({"jobs":[],"isolation":"none"})"})
    BOOST_TEST(!from_json<batch_request>(text).has_value(), text);
}
