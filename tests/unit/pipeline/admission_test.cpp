#include "vmsystem/pipeline/admission.hpp"
#include "vmsystem/tests/unit/models/support.hpp"

#include <boost/test/unit_test.hpp>

#include <functional>
#include <string>
#include <string_view>

using namespace vmsystem;
using namespace vmsystem::test;

namespace {

/// A session that is ready and idle, in a runtime with room.
admission_view idle_view() {
  admission_view view;
  view.status = session_status::ready;
  view.max_waiting = 2;
  view.max_in_flight = 10;
  view.max_wait_ms = 1000;
  view.limits = {11, 12, 13, 14, 15};
  return view;
}

execution_request snippet() {
  execution_request request;
  request.session = session_id::generate();
  request.input = "1 + 1";
  return request;
}

execution_request file(execution_kind kind = execution_kind::run_file) {
  execution_request request;
  request.session = session_id::generate();
  request.kind = kind;
  request.path = "./src//a.js";
  return request;
}

/// One thing that may be wrong with a request or its session.
struct fault {
  std::string_view what;
  std::string_view code;
  std::string_view message;
  std::function<void(execution_request&, admission_view&)> make;
};

/// In the order in which they are looked for.
const fault faults[] = {
  {"draining", "OVERLOADED", "stopping",
   [](auto&, auto& view) { view.draining = true; }},
  {"full runtime", "OVERLOADED", "has 10 executions queued or running",
   [](auto&, auto& view) { view.in_flight = 10; }},
  {"too many bytes", "OVERLOADED", "have 101 bytes",
   [](auto&, auto& view) {
     view.bytes_in_flight = 101;
     view.max_bytes_in_flight = 100;
   }},
  {"crashed session", "SESSION_NOT_READY", "is crashed, not ready",
   [](auto&, auto& view) { view.status = session_status::crashed; }},
  {"busy session, no wait", "SESSION_BUSY", "send wait_ms",
   [](auto& request, auto& view) {
     view.busy = true;
     request.wait_ms = 0;
   }},
  {"busy session, full queue", "TOO_MANY_REQUESTS", "2 requests wait",
   [](auto& request, auto& view) {
     view.busy = true;
     view.waiting = 2;
     request.wait_ms = 2000;
   }},
  {"long wait", "VALIDATION_ERROR", "\"wait_ms\" must be at most 1000",
   [](auto& request, auto&) { request.wait_ms = 1001; }},
  {"empty input", "VALIDATION_ERROR", "\"input\" is required",
   [](auto& request, auto&) { request.input.clear(); }},
};

} // namespace

BOOST_AUTO_TEST_SUITE(admission)

BOOST_AUTO_TEST_CASE(each_fault_is_refused) {
  for (const auto& fault : faults)
    BOOST_TEST_CONTEXT(fault.what) {
      auto request = snippet();
      auto view = idle_view();
      fault.make(request, view);
      const auto outcome = admit(request, view);
      BOOST_TEST(code_of(outcome) == fault.code);
      BOOST_TEST(contains(message_of(outcome), fault.message));
    }
}

BOOST_AUTO_TEST_CASE(the_first_of_two_faults_is_reported) {
  for (std::size_t i = 0; i < std::size(faults); ++i)
    for (std::size_t j = i + 1; j < std::size(faults); ++j)
      BOOST_TEST_CONTEXT(faults[i].what << " and " << faults[j].what) {
        auto request = snippet();
        auto view = idle_view();
        faults[j].make(request, view);
        faults[i].make(request, view);
        const auto outcome = admit(request, view);
        BOOST_TEST(code_of(outcome) == faults[i].code);
        BOOST_TEST(contains(message_of(outcome), faults[i].message));
      }
}

BOOST_AUTO_TEST_CASE(
  a_startup_file_needs_a_starting_session_others_a_ready_one) {
  for (std::size_t i = 0; i < enum_names<session_status>::value.size(); ++i)
    BOOST_TEST_CONTEXT(enum_names<session_status>::value[i]) {
      auto view = idle_view();
      view.status = static_cast<session_status>(i);
      const bool starting = view.status == session_status::starting;
      const bool ready = view.status == session_status::ready;
      BOOST_TEST(code_of(admit(file(execution_kind::startup), view))
                 == (starting ? "ok" : "SESSION_NOT_READY"));
      BOOST_TEST(code_of(admit(file(), view))
                 == (ready ? "ok" : "SESSION_NOT_READY"));
      BOOST_TEST(code_of(admit(snippet(), view))
                 == (ready ? "ok" : "SESSION_NOT_READY"));
    }
}

BOOST_AUTO_TEST_CASE(bounds_are_reached_but_not_exceeded) {
  auto request = snippet();
  auto view = idle_view();
  view.in_flight = 9;
  BOOST_TEST(code_of(admit(request, view)) == "ok");
  request.wait_ms = 1000;
  BOOST_TEST(code_of(admit(request, view)) == "ok");
  view.busy = true;
  view.waiting = 1;
  BOOST_TEST(code_of(admit(request, view)) == "ok");
  view.busy = false;
  view.waiting = 2;
  BOOST_TEST(code_of(admit(request, view)) == "ok");
  view.max_bytes_in_flight = 100;
  view.bytes_in_flight = 100 - bytes_of(request);
  BOOST_TEST(code_of(admit(request, view)) == "ok");
  ++view.bytes_in_flight;
  BOOST_TEST(code_of(admit(request, view)) == "OVERLOADED");
}

BOOST_AUTO_TEST_CASE(one_request_that_exceeds_the_bytes_by_itself_is_admitted) {
  auto view = idle_view();
  view.max_bytes_in_flight = 1;
  BOOST_TEST(code_of(admit(snippet(), view)) == "ok");
}

BOOST_AUTO_TEST_CASE(a_view_that_nobody_filled_admits_nothing) {
  BOOST_TEST(code_of(admit(snippet(), {})) == "OVERLOADED");
}

BOOST_AUTO_TEST_CASE(paths_are_checked_for_files_only) {
  struct row {
    std::string path;
    std::string_view code;
  };
  const row rows[] = {
    {"", "VALIDATION_ERROR"}, {"/a", "INVALID_PATH"},
    {"../a", "INVALID_PATH"}, {"a/../b", "INVALID_PATH"},
    {"a/", "INVALID_PATH"},   {std::string{"a\0", 2}, "INVALID_PATH"},
    {"a/./b//c.js", "ok"},
  };
  for (const auto& [path, code] : rows)
    for (const auto kind : {execution_kind::run_file, execution_kind::startup})
      BOOST_TEST_CONTEXT(path << ", " << name_of(kind)) {
        auto view = idle_view();
        if (kind == execution_kind::startup)
          view.status = session_status::starting;
        auto request = file(kind);
        request.path = path;
        BOOST_TEST(code_of(admit(request, view)) == code);
      }
  auto request = snippet();
  request.path = "../a";
  BOOST_TEST(must(admit(request, idle_view())).path.empty());
}

BOOST_AUTO_TEST_CASE(the_record_of_a_snippet) {
  auto request = snippet();
  request.args = {R"({"n":1})"};
  const auto view = idle_view();
  const auto before = timestamp::now();
  const auto record = must(admit(request, view));
  BOOST_TEST(!record.id.nil());
  BOOST_TEST((record.session == request.session));
  BOOST_TEST((record.kind == execution_kind::repl));
  BOOST_TEST(record.input == "1 + 1");
  BOOST_TEST(record.path.empty());
  BOOST_TEST(record.args.text == "[]");
  BOOST_TEST(record.env.text == "{}");
  BOOST_TEST((record.status == execution_status::running));
  BOOST_TEST(!(record.started_at < before));
  BOOST_TEST(!(timestamp::now() < record.started_at));
  BOOST_TEST(!record.ended_at.set());
  BOOST_TEST(record.result.empty());
  BOOST_TEST(record.error.empty());
  BOOST_TEST(record.metrics.events == 0u);
  BOOST_TEST(record.limits.cpu_ms == 11u);
  BOOST_TEST(record.limits.wall_ms == 12u);
  BOOST_TEST(record.limits.mem_mb == 13u);
  BOOST_TEST(record.limits.max_events == 14u);
  BOOST_TEST(record.limits.max_output_kb == 15u);
}

BOOST_AUTO_TEST_CASE(the_record_of_a_file) {
  const auto plain = must(admit(file(), idle_view()));
  BOOST_TEST((plain.kind == execution_kind::run_file));
  BOOST_TEST(plain.path == "src/a.js");
  BOOST_TEST(plain.input.empty());
  BOOST_TEST(plain.args.text == "{}");
  BOOST_TEST(plain.env.text == "{}");
  auto request = file();
  request.input = "not for files";
  request.args = {R"({"n":1})"};
  request.env = {R"({"A":"b"})"};
  const auto full = must(admit(request, idle_view()));
  BOOST_TEST(full.input.empty());
  BOOST_TEST(full.args.text == R"({"n":1})");
  BOOST_TEST(full.env.text == R"({"A":"b"})");
}

BOOST_AUTO_TEST_CASE(later_records_have_greater_ids) {
  const auto request = snippet();
  const auto view = idle_view();
  auto last = must(admit(request, view)).id;
  for (int i = 0; i < 100; ++i) {
    const auto next = must(admit(request, view)).id;
    BOOST_TEST((last < next));
    last = next;
  }
}

BOOST_AUTO_TEST_CASE(what_would_spoil_a_record_is_refused_whoever_sends_it) {
  const auto outcome = [](execution_request request) {
    return code_of(admit(request, idle_view()));
  };
  auto bad_input = snippet();
  bad_input.input = "'\xff'";
  BOOST_TEST(outcome(bad_input) == "INVALID_REQUEST");
  auto bad_path = file();
  bad_path.path = "\xff.js";
  BOOST_TEST(outcome(bad_path) == "INVALID_REQUEST");
  for (const auto* text : {"{", "[1]", "1", "null", "{} {}"}) {
    auto bad_args = file();
    bad_args.args.text = text;
    BOOST_TEST(outcome(bad_args) == "INVALID_REQUEST", text);
    auto bad_env = file();
    bad_env.env.text = text;
    BOOST_TEST(outcome(bad_env) == "INVALID_REQUEST", text);
  }
}

BOOST_AUTO_TEST_SUITE_END()
