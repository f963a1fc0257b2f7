#include "vmsystem/models/codec.hpp"
#include "vmsystem/tests/unit/models/message_walk.hpp"
#include "vmsystem/tests/unit/models/support.hpp"

#include <boost/test/unit_test.hpp>

#include <string>
#include <string_view>
#include <vector>

using namespace vmsystem;
using namespace vmsystem::test;

namespace {

constexpr std::string_view first_id = "00000000-0000-7000-8000-000000000001";
constexpr std::string_view second_id = "00000000-0000-7000-8000-000000000002";

template <class Id>
Id id_of(std::string_view text) {
  return *Id::parse(text);
}

const timestamp first_time{1709210096789012};
const timestamp second_time{1709210097000000};

/// Checks the document of `x`, and that `x` is read back from it.
template <class T>
void check_both_ways(T x, const std::string& document) {
  BOOST_TEST(must(to_json(x)).text == document);
  auto read = must(from_json<T>(document));
  BOOST_TEST(leaves_of(read) == leaves_of(x), boost::test_tools::per_element());
}

template_record some_template() {
  template_record x;
  x.id = id_of<template_id>(first_id);
  x.name = "tools";
  x.engine = "quickjs";
  x.created_at = first_time;
  x.updated_at = second_time;
  return x;
}

const std::string template_document
  = R"({"id":"00000000-0000-7000-8000-000000000001","name":"tools",)"
    R"("engine":"quickjs","is_active":true,"exposed_modules":[],)"
    R"("libraries":[],"created_at":"2024-02-29T12:34:56.789012Z",)"
    R"("updated_at":"2024-02-29T12:34:57.000000Z"})";

const std::string settings_document
  = R"({"vm_id":"00000000-0000-7000-8000-000000000001",)"
    R"("limits":{"cpu_ms":1,"wall_ms":2,"mem_mb":3,"max_events":4,)"
    R"("max_output_kb":5},"resolver":{"roots":["src","lib"],)"
    R"("extensions":[".js"],"allow_absolute_repo_imports":false},)"
    R"("runtime":{"esm":false,"strict":true,"console":false,)"
    R"("seed":42,"now":"1970-01-01T00:00:01.000000Z"}})";

template_settings some_settings() {
  template_settings x;
  x.vm_id = id_of<template_id>(first_id);
  x.limits = {1, 2, 3, 4, 5};
  x.resolver = {{"src", "lib"}, {".js"}, false};
  x.runtime = {false, true, false, true, 42, timestamp{1'000'000}};
  return x;
}

capability some_capability() {
  return {id_of<capability_id>(second_id),
          id_of<template_id>(first_id),
          capability_kind::net,
          "api",
          false,
          {R"({"hosts":["a.example"]})"}};
}

const std::string capability_document
  = R"({"id":"00000000-0000-7000-8000-000000000002",)"
    R"("vm_id":"00000000-0000-7000-8000-000000000001","kind":"net",)"
    R"("name":"api","enabled":false,"config":{"hosts":["a.example"]}})";

startup_file some_startup_file() {
  return {id_of<startup_file_id>(second_id), id_of<template_id>(first_id),
          "init/a.js", -7, "eval"};
}

const std::string startup_file_document
  = R"({"id":"00000000-0000-7000-8000-000000000002",)"
    R"("vm_id":"00000000-0000-7000-8000-000000000001","path":"init/a.js",)"
    R"("order_index":-7,"mode":"eval"})";

session some_session() {
  session x;
  x.id = id_of<session_id>(second_id);
  x.vm_id = id_of<template_id>(first_id);
  x.workspace_id = "w";
  x.base_commit_oid = "c";
  x.worktree_path = "/work";
  x.status = session_status::ready;
  x.created_at = first_time;
  return x;
}

const std::string session_start
  = R"({"id":"00000000-0000-7000-8000-000000000002",)"
    R"("vm_id":"00000000-0000-7000-8000-000000000001","workspace_id":"w",)"
    R"("base_commit_oid":"c","worktree_path":"/work",)";

execution some_execution() {
  execution x;
  x.id = id_of<execution_id>(first_id);
  x.session = id_of<session_id>(second_id);
  x.kind = execution_kind::repl;
  x.input = "1 + 1";
  x.args = {"[]"};
  x.env = {"{}"};
  x.started_at = first_time;
  x.limits = {1, 2, 3, 4, 5};
  return x;
}

const std::string execution_start
  = R"({"id":"00000000-0000-7000-8000-000000000001",)"
    R"("session_id":"00000000-0000-7000-8000-000000000002",)";

const std::string no_metrics
  = R"("metrics":{"queue_ms":0,"cpu_ms":0,"wall_ms":0,"peak_mem_kb":0,)"
    R"("events":0,"output_bytes":0},)";

const std::string execution_limits
  = R"("limits":{"cpu_ms":1,"wall_ms":2,"mem_mb":3,"max_events":4,)"
    R"("max_output_kb":5}})";

} // namespace

BOOST_AUTO_TEST_SUITE(documents)

BOOST_AUTO_TEST_CASE(a_template_and_all_that_belongs_to_it) {
  check_both_ways(some_template(), template_document);
  check_both_ways(some_settings(), settings_document);
  check_both_ways(some_capability(), capability_document);
  check_both_ways(some_startup_file(), startup_file_document);
  template_bundle bundle;
  bundle.record = some_template();
  bundle.settings = some_settings();
  check_both_ways(bundle, R"({"template":)" + template_document
                            + R"(,"settings":)" + settings_document
                            + R"(,"capabilities":[],"startup_files":[]})");
  bundle.capabilities = {some_capability(), some_capability()};
  bundle.startup_files = {some_startup_file()};
  check_both_ways(bundle, R"({"template":)" + template_document
                            + R"(,"settings":)" + settings_document
                            + R"(,"capabilities":[)" + capability_document + ','
                            + capability_document + R"(],"startup_files":[)"
                            + startup_file_document + "]}");
}

BOOST_AUTO_TEST_CASE(a_template_with_lists_of_names) {
  auto x = some_template();
  x.is_active = false;
  x.engine = "goja";
  x.exposed_modules = {"fs", "exec"};
  x.libraries = {"lodash"};
  check_both_ways(
    x, R"({"id":"00000000-0000-7000-8000-000000000001","name":"tools",)"
       R"("engine":"goja","is_active":false,"exposed_modules":["fs","exec"],)"
       R"("libraries":["lodash"],"created_at":"2024-02-29T12:34:56.789012Z",)"
       R"("updated_at":"2024-02-29T12:34:57.000000Z"})");
}

BOOST_AUTO_TEST_CASE(a_listed_name_is_served_with_its_template) {
  const listed_name x{id_of<template_id>(first_id), name_list::libraries,
                      "lodash"};
  BOOST_TEST(must(to_json(x)).text
             == R"({"template_id":"00000000-0000-7000-8000-000000000001",)"
                R"("name":"lodash"})");
}

BOOST_AUTO_TEST_CASE(a_session_without_its_optional_fields) {
  check_both_ways(some_session(),
                  session_start + R"("status":"ready",)"
                    + R"("created_at":"2024-02-29T12:34:56.789012Z"})");
}

BOOST_AUTO_TEST_CASE(a_session_with_its_optional_fields) {
  auto x = some_session();
  x.status = session_status::crashed;
  x.closed_at = second_time;
  x.last_error = "Error: \"no\"";
  x.runtime_meta = {R"({"a":[1]})"};
  check_both_ways(x, session_start
                       + R"("status":"crashed",)"
                         R"("created_at":"2024-02-29T12:34:56.789012Z",)"
                         R"("closed_at":"2024-02-29T12:34:57.000000Z",)"
                         R"("last_error":"Error: \"no\"",)"
                         R"("runtime_meta":{"a":[1]}})");
}

BOOST_AUTO_TEST_CASE(a_running_snippet) {
  check_both_ways(some_execution(),
                  execution_start
                    + R"("kind":"repl","input":"1 + 1","args":[],"env":{},)"
                      R"("status":"running",)"
                      R"("started_at":"2024-02-29T12:34:56.789012Z",)"
                    + no_metrics + execution_limits);
}

BOOST_AUTO_TEST_CASE(a_file_that_ended_well) {
  auto x = some_execution();
  x.kind = execution_kind::run_file;
  x.input.clear();
  x.path = "src/a.js";
  x.args = {R"({"n":1})"};
  x.env = {R"({"HOME":"/"})"};
  x.status = execution_status::ok;
  x.ended_at = second_time;
  x.result = {R"({"type":"number","preview":"2","json":2})"};
  x.metrics = {1500, 250, 1000000, 64, 3, 4096};
  check_both_ways(
    x, execution_start
         + R"("kind":"run_file","path":"src/a.js","args":{"n":1},)"
           R"("env":{"HOME":"/"},"status":"ok",)"
           R"("started_at":"2024-02-29T12:34:56.789012Z",)"
           R"("ended_at":"2024-02-29T12:34:57.000000Z","end_reason":"ok",)"
           R"("result":{"type":"number","preview":"2","json":2},)"
           R"("metrics":{"queue_ms":1.500,"cpu_ms":0.250,"wall_ms":1000,)"
           R"("peak_mem_kb":64,"events":3,"output_bytes":4096},)"
         + execution_limits);
}

BOOST_AUTO_TEST_CASE(a_startup_file_that_failed) {
  auto x = some_execution();
  x.kind = execution_kind::startup;
  x.input.clear();
  x.path = "init.js";
  x.args = {"{}"};
  x.status = execution_status::timeout;
  x.reason = end_reason::cpu_timeout;
  x.ended_at = second_time;
  x.error = {R"({"message":"too long"})"};
  check_both_ways(
    x, execution_start
         + R"("kind":"startup","path":"init.js","args":{},"env":{},)"
           R"("status":"timeout",)"
           R"("started_at":"2024-02-29T12:34:56.789012Z",)"
           R"("ended_at":"2024-02-29T12:34:57.000000Z",)"
           R"("end_reason":"cpu_timeout","error":{"message":"too long"},)"
         + no_metrics + execution_limits);
}

BOOST_AUTO_TEST_CASE(every_status_reason_and_kind_is_read_back) {
  for (std::size_t i = 1; i < enum_names<execution_status>::value.size(); ++i)
    for (std::size_t j = 0; j < enum_names<end_reason>::value.size(); ++j) {
      auto x = some_execution();
      x.status = static_cast<execution_status>(i);
      x.reason = static_cast<end_reason>(j);
      x.ended_at = second_time;
      auto read = must(from_json<execution>(must(to_json(x)).text));
      BOOST_TEST(leaves_of(read) == leaves_of(x));
    }
}

BOOST_AUTO_TEST_CASE(events_carry_their_payload) {
  for (std::size_t i = 0; i < enum_names<event_type>::value.size(); ++i) {
    event x;
    x.execution = id_of<execution_id>(first_id);
    x.seq = 4294967295;
    x.ts = first_time;
    x.type = static_cast<event_type>(i);
    x.payload = {R"({"text":"a"})"};
    check_both_ways(
      x, R"({"execution_id":"00000000-0000-7000-8000-000000000001",)"
         R"("seq":4294967295,"ts":"2024-02-29T12:34:56.789012Z","type":")"
           + std::string{name_of(x.type)} + R"(","payload":{"text":"a"}})");
  }
}

BOOST_AUTO_TEST_CASE(payloads_of_what_a_script_prints) {
  BOOST_TEST(must(to_json(echo_payload{"a\n\"b\""})).text
             == R"({"text":"a\n\"b\""})");
  BOOST_TEST(must(to_json(console_payload{console_level::warn, ""})).text
             == R"({"level":"warn","text":""})");
  BOOST_TEST(must(to_json(system_payload{"m", console_level::error})).text
             == R"({"message":"m","level":"error"})");
}

BOOST_AUTO_TEST_CASE(payloads_of_values) {
  const auto same = [](const value_payload& x, const std::string& document) {
    BOOST_TEST(must(to_json(x)).text == document);
    const auto read = must(from_json<value_payload>(document));
    BOOST_TEST((read.type == x.type));
    BOOST_TEST(read.preview == x.preview);
    BOOST_TEST(read.json.text == x.json.text);
  };
  for (std::size_t i = 0; i < enum_names<value_type>::value.size(); ++i) {
    const auto type = static_cast<value_type>(i);
    same({type, "p", {}},
         R"({"type":")" + std::string{name_of(type)} + R"(","preview":"p"})");
  }
  same({value_type::string, "", {R"("")"}},
       R"({"type":"string","preview":"","json":""})");
}

BOOST_AUTO_TEST_CASE(payloads_of_exceptions) {
  const auto same = [](const exception_payload& x, const char* document) {
    BOOST_TEST(must(to_json(x)).text == document);
    const auto read = must(from_json<exception_payload>(document));
    BOOST_TEST(read.message == x.message);
    BOOST_TEST(read.stack == x.stack);
  };
  same({"TypeError: bad", ""}, R"({"message":"TypeError: bad"})");
  same({"", ""}, R"({"message":""})");
  same({"Error", "at a.js:1"}, R"({"message":"Error","stack":"at a.js:1"})");
}

BOOST_AUTO_TEST_CASE(the_state_of_a_runtime) {
  BOOST_TEST(must(to_json(runtime_summary{})).text
             == R"({"active_sessions":0,"active_session_ids":[]})");
  runtime_summary two;
  two.active_session_ids
    = {id_of<session_id>(first_id), id_of<session_id>(second_id)};
  BOOST_TEST(must(to_json(two)).text
             == R"({"active_sessions":2,"active_session_ids":[)"
                R"("00000000-0000-7000-8000-000000000001",)"
                R"("00000000-0000-7000-8000-000000000002"]})");
  BOOST_TEST(must(to_json(readiness{})).text == R"({"status":"ready"})");
  BOOST_TEST(
    must(to_json(readiness{{{"server", "it stops"}, {"queue", "full"}}})).text
    == R"({"status":"not_ready","obstacles":[)"
       R"({"part":"server","reason":"it stops"},)"
       R"({"part":"queue","reason":"full"}]})");
}

BOOST_AUTO_TEST_CASE(lists_of_documents) {
  const std::vector<session> none;
  BOOST_TEST(must(to_json(none)).text == "[]");
  BOOST_TEST(must(list_from_json<session>("[]")).empty());
  const std::vector<capability> two{some_capability(), some_capability()};
  const auto text = '[' + capability_document + ',' + capability_document + ']';
  BOOST_TEST(must(to_json(two)).text == text);
  auto read = must(list_from_json<capability>(text));
  auto expected_list = two;
  BOOST_TEST(leaves_of(read) == leaves_of(expected_list));
  BOOST_TEST(code_of(list_from_json<capability>(capability_document))
             == "INVALID_REQUEST");
  BOOST_TEST(code_of(list_from_json<capability>("[{}]")) == "VALIDATION_ERROR");
  BOOST_TEST(code_of(list_from_json<capability>("[1]")) == "INVALID_REQUEST");
  BOOST_TEST(code_of(list_from_json<capability>("[")) == "INVALID_REQUEST");
}

BOOST_AUTO_TEST_CASE(a_text_that_is_not_utf8_gives_no_document) {
  auto record = some_execution();
  record.input = "\xff";
  BOOST_TEST(code_of(to_json(record)) == "INTERNAL");
  BOOST_TEST(to_json_or(record, "{}").text == "{}");
  auto dead = some_session();
  dead.last_error = "\xc3";
  BOOST_TEST(code_of(to_json(dead)) == "INTERNAL");
}

BOOST_AUTO_TEST_SUITE_END()
