#define BOOST_TEST_MODULE metrics
#include "daemon.hpp"
#include "dashboard.hpp"
#include "exposition.hpp"

#include <boost/test/unit_test.hpp>

#include <cctype>
#include <set>
#include <string>
#include <vector>

using namespace vmsystem;
using namespace vmsystem::test;

namespace {

http_answer scrape(const test_daemon& server) {
  return server.request("GET", "/metrics");
}

exposition metrics_of(const test_daemon& server) {
  return exposition{scrape(server).body};
}

std::string ended(const std::string& kind, const std::string& status,
                  const std::string& reason) {
  return "vm_system_executions_total{kind=\"" + kind + "\",status=\"" + status
         + "\",end_reason=\"" + reason + "\"}";
}

std::string answered(const std::string& route, const std::string& method,
                     const std::string& code) {
  return "vm_system_http_requests_total{route=\"" + route + "\",method=\""
         + method + "\",code=\"" + code + "\"}";
}

/// A value before and after something.
struct change {
  exposition before;
  exposition after;

  /// By how much a value grew; one that was not there counts as 0.
  [[nodiscard]] double of(const std::string& series) const {
    const auto found = before.samples().find(series);
    return after.at(series)
           - (found == before.samples().end() ? 0.0 : found->second);
  }
};

/// All that looks like the name of one of our metrics.
std::set<std::string> names_in(const std::string& text) {
  std::set<std::string> result;
  const auto is_part = [](char c) {
    return std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '_';
  };
  for (const std::string prefix : {"vm_system_", "process_"})
    for (auto at = text.find(prefix); at != std::string::npos;
         at = text.find(prefix, at + 1)) {
      if (at > 0 && is_part(text[at - 1]))
        continue;
      auto end = at;
      while (end < text.size() && is_part(text[end]))
        ++end;
      result.insert(text.substr(at, end - at));
    }
  return result;
}

} // namespace

BOOST_AUTO_TEST_CASE(a_new_server_serves_every_family) {
  const test_daemon server;
  const auto answer = scrape(server);
  BOOST_TEST(answer.status == 200);
  BOOST_TEST(answer.header("Content-Type")
             == "text/plain; version=0.0.4; charset=utf-8");
  const exposition all{answer.body};
  BOOST_TEST(all.at(ended("repl", "ok", "ok")) == 0);
  BOOST_TEST(all.at("vm_system_sessions{state=\"ready\"}") == 0);
  BOOST_TEST(all.at("vm_system_slots") > 0);
  BOOST_TEST(all.at("vm_system_store_failing") == 0);
  BOOST_TEST(all.at("process_resident_memory_bytes") > 1e6);
  BOOST_TEST(all.at("process_start_time_seconds") > 1.7e9);
  BOOST_TEST(all.at("process_cpu_seconds_total") > 0);
  BOOST_TEST(all.at("process_open_fds") > 3);
  BOOST_TEST(all.at("process_threads") > 1);
  BOOST_TEST(all.at("vm_system_http_connections") == 1);
}

BOOST_AUTO_TEST_CASE(what_runs_is_counted_once) {
  const test_daemon server{{"--slots", "1"}};
  auto client = server.connect();
  const auto session = make_session(
    client, make_template(client, R"({"wall_ms":200,"max_events":100})"));
  const auto before = metrics_of(server);
  for (int i = 0; i < 3; ++i)
    run_snippet(client, session, "1 + 1");
  run_snippet(client, session, "throw new Error('no')");
  run_snippet(client, session, "for (;;) {}");
  BOOST_TEST(client
               .request("POST", "/api/v1/executions/repl",
                        repl_body(session, "for (;;) console.log(1)"))
               .code()
             == "OUTPUT_LIMIT_EXCEEDED");
  const auto closed
    = client.request("POST", "/api/v1/sessions/" + session + "/close");
  BOOST_TEST(closed.status == 200);
  BOOST_TEST(
    client.request("POST", "/api/v1/executions/repl", repl_body(session, "1"))
      .code()
    == "SESSION_NOT_READY");
  const change grew{before, metrics_of(server)};

  BOOST_TEST(grew.of(ended("repl", "ok", "ok")) == 3);
  BOOST_TEST(grew.of(ended("repl", "error", "exception")) == 1);
  BOOST_TEST(grew.of(ended("repl", "timeout", "wall_timeout")) == 1);
  BOOST_TEST(grew.of(ended("repl", "error", "event_limit")) == 1);
  BOOST_TEST(grew.of(ended("run_file", "ok", "ok")) == 0);
  BOOST_TEST(grew.of("vm_system_limits_hit_total{limit=\"wall_ms\"}") == 1);
  BOOST_TEST(grew.of("vm_system_limits_hit_total{limit=\"max_events\"}") == 1);
  BOOST_TEST(grew.of("vm_system_limits_hit_total{limit=\"mem_mb\"}") == 0);
  BOOST_TEST(
    grew.of("vm_system_executions_refused_total{code=\"SESSION_NOT_READY\"}")
    == 1);
  for (const std::string name :
       {"queue_seconds", "wall_seconds", "cpu_seconds", "peak_memory_bytes"}) {
    const auto family = "vm_system_execution_" + name;
    BOOST_TEST(grew.of(family + "_count") == 6, name);
    BOOST_TEST(grew.of(family + "_bucket{le=\"+Inf\"}") == 6, name);
  }
  BOOST_TEST(grew.of("vm_system_execution_wall_seconds_sum") >= 0.2);
  BOOST_TEST(grew.of("vm_system_execution_wall_seconds_bucket{le=\"0.1\"}")
             <= 5);
  BOOST_TEST(grew.of("vm_system_execution_events_total") > 100);
  BOOST_TEST(grew.of("vm_system_sessions{state=\"ready\"}") == -1);
  BOOST_TEST(grew.of("vm_system_sessions_ended_total{state=\"closed\"}") == 1);
  BOOST_TEST(grew.of("vm_system_writer_commits_total") >= 6);
  BOOST_TEST(grew.of("vm_system_writer_group_sets_count")
             == grew.of("vm_system_writer_commits_total"));
  BOOST_TEST(grew.of("vm_system_writer_bytes_total") > 1000);
  BOOST_TEST(grew.after.at("vm_system_slots") == 1);
  BOOST_TEST(grew.after.at("vm_system_slots_busy") == 0);
  BOOST_TEST(
    grew.after.at("vm_system_executions_in_flight{stage=\"executing\"}") == 0);
}

BOOST_AUTO_TEST_CASE(what_goes_on_is_shown) {
  const test_daemon server{{"--slots", "1"}};
  auto client = server.connect();
  const auto session
    = make_session(client, make_template(client, R"({"wall_ms":60000})"));
  auto busy = server.connect();
  busy.begin("POST", "/api/v1/executions/repl",
             repl_body(session, "new Promise(() => {})"));
  static_cast<void>(wait_for_running(client, session));
  const auto now = metrics_of(server);
  BOOST_TEST(now.at("vm_system_executions_in_flight{stage=\"parked\"}") == 1);
  BOOST_TEST(now.at("vm_system_requests_in_flight") == 1);
  BOOST_TEST(now.at("vm_system_sessions_busy") == 1);
  BOOST_TEST(now.at("vm_system_sessions{state=\"ready\"}") == 1);
  // The one that runs and the one that asks.
  BOOST_TEST(now.at("vm_system_http_requests_in_flight") == 2);
  BOOST_TEST(now.at("vm_system_http_connections") == 3);
}

BOOST_AUTO_TEST_CASE(jobs_of_batches_are_executions_too) {
  const test_daemon server;
  auto client = server.connect();
  const auto made = make_template(client);
  const auto before = metrics_of(server);
  const auto begun = client.request(
    "POST", "/api/v1/batches?template_id=" + made,
    "{\"input\":\"1\"}\n{\"input\":\"2\"}\n{\"input\":\"throw 3\"}\n{}\n",
    "Content-Type: application/x-ndjson\r\n");
  BOOST_REQUIRE(begun.status == 202);
  wait_for_batch(client, begun.json().field("id").text());
  const change grew{before, metrics_of(server)};
  BOOST_TEST(grew.of(ended("repl", "ok", "ok")) == 2);
  BOOST_TEST(grew.of(ended("repl", "error", "exception")) == 1);
  BOOST_TEST(grew.of(ended("repl", "error", "invalid_job")) == 1);
  BOOST_TEST(grew.of("vm_system_execution_wall_seconds_count") == 4);
  BOOST_TEST(grew.after.at("vm_system_batches") == 0);
}

BOOST_AUTO_TEST_CASE(http_is_counted_by_route_and_never_by_path) {
  const test_daemon server;
  auto client = server.connect();
  const auto session = make_session(client, make_template(client));
  const auto one = "/api/v1/sessions/" + session;
  for (int i = 0; i < 2; ++i)
    BOOST_TEST(client.request("GET", one).status == 200);
  client.begin("HEAD", one);
  BOOST_TEST(client.receive(true).status == 200);
  BOOST_TEST(client.request("GET", "/api/v1/sessions/none").status == 400);
  BOOST_TEST(client.request("GET", "/secret-path").status == 404);
  BOOST_TEST(client.request("PUT", one, "{}").status == 405);
  BOOST_TEST(client.request("BREW", "/secret-path").status == 404);
  auto other = server.connect();
  other.send("no request\r\n\r\n");
  BOOST_TEST(other.receive().status == 400);

  const auto text = scrape(server).body;
  const exposition now{text};
  const std::string route = "/api/v1/sessions/{session_id}";
  BOOST_TEST(now.at(answered(route, "GET", "200")) == 2);
  BOOST_TEST(now.at(answered(route, "GET", "400")) == 1);
  BOOST_TEST(now.at(answered(route, "HEAD", "200")) == 1);
  BOOST_TEST(now.at(answered("none", "GET", "404")) == 1);
  BOOST_TEST(now.at(answered("none", "PUT", "405")) == 1);
  BOOST_TEST(now.at(answered("none", "other", "404")) == 1);
  BOOST_TEST(now.at("vm_system_http_malformed_total{code=\"400\"}") == 1);
  BOOST_TEST(now.at("vm_system_http_request_seconds_count{route=\"" + route
                    + "\",method=\"GET\"}")
             == 3);
  BOOST_TEST(text.find(session) == std::string::npos);
  BOOST_TEST(text.find("secret") == std::string::npos);
  BOOST_TEST(text.find("BREW") == std::string::npos);
}

BOOST_AUTO_TEST_CASE(the_documents_name_all_families_and_no_others) {
  const test_daemon server;
  const auto served = metrics_of(server);
  std::set<std::string> families;
  for (const auto& [name, type] : served.families())
    families.insert(name);
  const auto page = bytes_of(VMSYSTEM_DOCS "/operations.md");
  std::set<std::string> described;
  for (auto at = page.find("\n| `"); at != std::string::npos;
       at = page.find("\n| `", at + 1)) {
    const auto begin = at + 4;
    const auto name = page.substr(begin, page.find('`', begin) - begin);
    if (names_in(name).count(name) > 0)
      described.insert(name);
  }
  BOOST_TEST(described == families, boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(the_dashboard_shows_what_is_served) {
  const test_daemon server;
  const auto served = metrics_of(server);
  const auto dashboard
    = json_value::parse(bytes_of(VMSYSTEM_DOCS "/grafana-dashboard.json"));
  BOOST_REQUIRE(dashboard.has_value());
  BOOST_TEST(!dashboard->field("title").text().empty());
  BOOST_TEST(dashboard->field("schemaVersion").present());
  const auto variables
    = dashboard->field("templating").field("list").elements();
  BOOST_REQUIRE(!variables.empty());
  BOOST_TEST(variables.front().field("type").text() == "datasource");
  BOOST_TEST(variables.front().field("query").text() == "prometheus");

  std::set<std::string> ids;
  for (const auto& panel : dashboard->field("panels").elements()) {
    BOOST_TEST(ids.insert(panel.field("id").raw()).second);
    const bool row = panel.field("type").text() == "row";
    BOOST_TEST(panel.field("gridPos").present());
    if (!row)
      BOOST_TEST(panel.field("datasource").field("uid").text()
                 == "${datasource}");
  }
  std::set<std::string> shown;
  const auto expressions = expressions_of(*dashboard);
  BOOST_TEST(expressions.size() > 20u);
  for (const auto& text : expressions) {
    const auto names = names_in(text);
    BOOST_TEST(!names.empty(), text);
    for (const auto& name : names) {
      const auto family = served.family_of(name);
      BOOST_TEST(!family.empty(), name << " is not served: " << text);
      shown.insert(family);
    }
  }
  for (const auto& [name, type] : served.families())
    BOOST_TEST(shown.count(name) == 1u, name << " is on no panel");
}
