#define BOOST_TEST_MODULE hostile
#include "daemon.hpp"
#include "scripts.hpp"
#include "vmsystem/models/codec.hpp"
#include "vmsystem/models/end_reason.hpp"

#include <boost/test/data/monomorphic.hpp>
#include <boost/test/data/test_case.hpp>
#include <boost/test/unit_test.hpp>

#include <map>
#include <string>

using namespace vmsystem;
using namespace vmsystem::test;

namespace {

/// How long a script may go on after its limit, in milliseconds.
constexpr double time_margin_ms = VMSYSTEM_TIME_MARGIN_MS;

/// How much memory may be taken beyond the limit, in MiB.
constexpr uint32_t memory_margin_mb = 16;

/// A daemon, and a session that must not notice anything.
struct site {
  temp_folder worktree;
  test_daemon server{{"--slots", "2"}};
  http_connection client = server.connect();
  std::map<std::string, std::string> templates;
  std::string neighbour = make_session(client, make_template(client));
  int count = 0;

  site() {
    run_snippet(client, neighbour, "var count = 0; const secret = {kept: 1}");
  }

  std::string template_with(const limits_config& limits) {
    const auto json = to_json(limits).value().text;
    auto& id = templates[json];
    if (id.empty())
      id = make_template(client, json);
    return id;
  }

  /// The neighbour's state is what it was, and no global leaked into it.
  void check_neighbour() {
    ++count;
    const auto seen
      = run_snippet(client, neighbour,
                    "[++count, secret.kept, ({}).message, [].push === "
                    "Array.prototype.push, typeof survived].join()");
    BOOST_TEST(seen.field("result").field("preview").text()
               == std::to_string(count) + ",1,,true,undefined");
  }
};

site& shared_site() {
  static site one;
  return one;
}

/// Runs the script.
/// @returns its record, also when the answer was an error that names it.
json_value run(site& where, const std::string& session,
               const hostile_script& one) {
  http_answer answer;
  if (one.as_file) {
    write_file(where.worktree / "hostile.js", one.source);
    answer = where.client.request("POST", "/api/v1/executions/run-file",
                                  "{\"session_id\":" + json_quoted(session)
                                    + ",\"path\":\"hostile.js\"}");
  } else {
    answer = where.client.request("POST", "/api/v1/executions/repl",
                                  repl_body(session, one.source));
  }
  if (answer.status == 201)
    return answer.json();
  BOOST_TEST_REQUIRE(answer.code() == "OUTPUT_LIMIT_EXCEEDED");
  BOOST_TEST(answer.status == 422);
  const auto id
    = answer.json().field("error").field("details").field("execution_id");
  return ask(where.client, "GET", "/api/v1/executions/" + id.text());
}

double number(const json_value& object, std::string_view name) {
  return std::stod(object.field(name).raw());
}

void check_figures(const hostile_script& one, const json_value& record) {
  const auto metrics = record.field("metrics");
  BOOST_TEST(number(metrics, "wall_ms") <= one.limits.wall_ms + time_margin_ms);
  BOOST_TEST(number(metrics, "cpu_ms") <= one.limits.cpu_ms + time_margin_ms);
  BOOST_TEST(number(metrics, "peak_mem_kb")
             <= (one.limits.mem_mb + memory_margin_mb) * 1024.0);
  // The exception that says so is one more.
  BOOST_TEST(number(metrics, "events") <= one.limits.max_events + 1.0);
}

void check_events(site& where, const json_value& record) {
  const auto events
    = ask(where.client, "GET",
          "/api/v1/executions/" + record.field("id").text() + "/events")
        .elements();
  BOOST_TEST(std::to_string(events.size())
             == record.field("metrics").field("events").raw());
  for (std::size_t i = 0; i < events.size(); ++i)
    BOOST_TEST_REQUIRE(events[i].field("seq").raw() == std::to_string(i + 1));
  const bool ok = record.field("status").text() == "ok";
  BOOST_TEST(events.back().field("type").text()
             == (ok ? "value" : "exception"));
  BOOST_TEST(events.back().field("payload").raw()
             == record.field(ok ? "result" : "error").raw());
}

} // namespace

BOOST_DATA_TEST_CASE(hostile_scripts_are_contained,
                     boost::unit_test::data::make(hostile_scripts()), one) {
  auto& where = shared_site();
  BOOST_TEST_CONTEXT("script: " << one.name) {
    const auto session
      = make_session(where.client, where.template_with(one.limits),
                     where.worktree.path().string());
    const auto record = run(where, session, one);
    const auto reason = record.field("end_reason").text();
    BOOST_TEST_MESSAGE(one.name << ": " << reason << ", "
                                << record.field("metrics").raw());
    BOOST_TEST_CONTEXT(
      record.raw().substr(record.raw().find("\"status\""), 600)) {
      BOOST_TEST(one.ends.count(reason) == 1, "it ended with " << reason);
      const auto ended = value_of<end_reason>(reason);
      BOOST_TEST_REQUIRE(ended.has_value());
      BOOST_TEST(record.field("status").text() == name_of(status_of(*ended)));
      check_figures(one, record);
      check_events(where, record);
      if (!one.value.empty())
        BOOST_TEST(record.field("result").field("preview").text() == one.value);
    }
    if (!one.then.empty()) {
      const auto after = run_snippet(where.client, session, one.then);
      BOOST_TEST(after.field("result").field("preview").text() == "ok",
                 after.raw());
    }
    where.check_neighbour();
    BOOST_TEST(where.server.process().running());
    where.client.begin("DELETE", "/api/v1/sessions/" + session);
    // A session that crashed is not live any more.
    const auto closed = where.client.receive();
    BOOST_TEST((closed.status == 200 || closed.code() == "SESSION_NOT_FOUND"));
  }
}

BOOST_AUTO_TEST_CASE(there_are_at_least_sixty_scripts) {
  BOOST_TEST(hostile_scripts().size() >= 60);
}

BOOST_AUTO_TEST_CASE(the_daemon_stops_in_order_after_all_of_them) {
  auto& where = shared_site();
  BOOST_TEST((where.server.stop() == 0));
}
