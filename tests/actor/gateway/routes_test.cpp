#include "server.hpp"

#include <algorithm>
#include <set>

using namespace vmsystem;

namespace {

const std::string templates = "/api/v1/templates";
const std::string one_template
  = templates + "/" + fakes::known_template.to_string();
const std::string no_template
  = templates + "/" + fakes::known_session.to_string();
const std::string sessions = "/api/v1/sessions";
const std::string one_session
  = sessions + "/" + fakes::known_session.to_string();
const std::string executions = "/api/v1/executions";
const std::string one_execution
  = executions + "/" + fakes::known_execution.to_string();
const std::string some_id = fakes::known_execution.to_string();
const std::string by_session
  = executions + "?session_id=" + fakes::known_session.to_string();

const std::string batches = "/api/v1/batches";
const std::string known = fakes::known_template.to_string();
const std::string one_batch = batches + "/" + fakes::known_batch.to_string();
const std::string live_batch = batches + "/" + fakes::running_batch.to_string();
const std::string ending_batch
  = batches + "/" + fakes::ending_batch.to_string();
const std::string no_batch = batches + "/" + some_id;

/// A request, and what its answer must have.
struct route_case {
  std::string method;
  std::string path;
  std::string body;
  int status;
  /// Part of the body.
  std::string part;
  std::string headers = {};
  std::string type = "application/json";
};

const std::vector<route_case> cases{
  // Every route, as it is meant.
  {"GET", "/api/v1/health", "", 200, R"({"status":"ok"})"},
  {"GET", "/api/v1/ready", "", 200, R"({"status":"ready"})"},
  {"GET", "/api/v1/runtime/summary", "", 200, R"("active_sessions":1)"},
  {"GET", "/metrics", "", 200, "vm_system_of_the_runtime 1\n# HELP ", "",
   "text/plain; version=0.0.4; charset=utf-8"},
  {"GET", "/api/v1/openapi.json", "", 200, R"("openapi": "3.1.0")"},
  {"GET", templates, "", 200, "[]"},
  {"POST", templates, R"({"name":"x"})", 201, R"("name":"x")"},
  {"GET", one_template, "", 200, R"({"template":{}})"},
  {"DELETE", one_template, "", 200,
   R"({"status":"ok","template_id":"11111111-1111-7111-8111-111111111111"})"},
  {"GET", one_template + "/settings", "", 200, R"("cpu_ms":2000)"},
  {"PUT", one_template + "/settings", R"({"limits":{"cpu_ms":1}})", 200,
   R"("limits")"},
  {"GET", one_template + "/capabilities", "", 200, "[]"},
  {"POST", one_template + "/capabilities", R"({"kind":"fs","name":"x"})", 201,
   R"("vm_id":"11111111-1111-7111-8111-111111111111")"},
  {"DELETE", one_template + "/capabilities/" + some_id, "", 200,
   R"("capability_id":")" + some_id},
  {"GET", one_template + "/startup-files", "", 200, "[]"},
  {"POST", one_template + "/startup-files", R"({"path":"a.js"})", 201,
   R"("path":"a.js")"},
  {"DELETE", one_template + "/startup-files/" + some_id, "", 200,
   R"("file_id":")" + some_id},
  {"GET", one_template + "/modules", "", 200, R"(["fs"])"},
  {"POST", one_template + "/modules", R"({"name":"fs"})", 201,
   R"({"template_id":"11111111-1111-7111-8111-111111111111","name":"fs"})"},
  {"DELETE", one_template + "/modules/fs", "", 200,
   R"({"status":"ok","template_id":"11111111-1111-7111-8111-111111111111",)"
   R"("name":"fs"})"},
  {"GET", one_template + "/libraries", "", 200, "[]"},
  {"POST", one_template + "/libraries", R"({"name":"lodash"})", 201,
   R"("name":"lodash")"},
  {"DELETE", one_template + "/libraries/a%20b", "", 200, R"("name":"a b")"},
  {"GET", sessions, "", 200, "[]"},
  {"GET", sessions + "?status=closed", "", 200, R"(["closed"])"},
  {"POST", sessions,
   R"({"template_id":"11111111-1111-7111-8111-111111111111",)"
   R"("workspace_id":"w","base_commit_oid":"c","worktree_path":"/"})",
   201, R"("status":"ready")"},
  {"GET", one_session, "", 200, "a session"},
  {"DELETE", one_session, "", 200, R"("status":"closed")"},
  {"POST", one_session + "/close", "", 200, R"("status":"closed")"},
  {"POST", one_session + "/close", "not read", 200, R"("status":"closed")"},
  {"POST", executions + "/repl", snippet("1+1"), 201, R"("input":"1+1")"},
  {"POST", executions + "/run-file",
   R"({"session_id":"22222222-2222-7222-8222-222222222222","path":"a.js"})",
   201, some_id},
  {"GET", by_session, "", 200, "[50]"},
  {"GET", by_session + "&limit=7", "", 200, "[7]"},
  {"GET", by_session + "&limit=", "", 200, "[50]"},
  {"GET", by_session + "&limit=1000", "", 200, "[1000]"},
  {"GET", by_session + "&unknown=1", "", 200, "[50]"},
  {"GET", one_execution, "", 200, R"("status":"ok")"},
  {"GET", one_execution + "/events", "", 200, "[0,0]"},
  {"GET", one_execution + "/events?after_seq=3&limit=4", "", 200, "[3,4]"},
  {"POST", one_execution + "/cancel", "", 202,
   R"({"execution_id":"33333333-3333-7333-8333-333333333333","status":"ok"})"},
  {"POST", executions + "/" + fakes::running_execution.to_string() + "/cancel",
   "", 202,
   R"({"execution_id":"44444444-4444-7444-8444-444444444444",)"
   R"("status":"running"})"},
  {"POST", batches, R"({"template_id":")" + known + R"(","jobs":[{}]})", 202,
   R"("jobs":1,)", "Content-Type: application/json; charset=utf-8\r\n"},
  {"GET", batches, "", 200, "[50]"},
  {"GET", batches + "?status=running&limit=7", "", 200, R"([7,"running"])"},
  {"GET", one_batch, "", 200, R"("status":"completed")"},
  {"GET", batches + "/" + fakes::interrupted_batch.to_string(), "", 200,
   R"("status":"interrupted")"},
  {"GET", one_batch + "/results", "", 200,
   R"({"results":[{"index":0},{"index":1},{"index":2}]})"},
  {"GET", one_batch + "/results?limit=2", "", 200,
   R"({"results":[{"index":0},{"index":1}],"next_cursor":"2"})"},
  {"GET", one_batch + "/results?cursor=2", "", 200,
   R"({"results":[{"index":2}]})"},
  {"GET", one_batch + "/results?cursor=3", "", 200, R"({"results":[]})"},
  {"GET", live_batch + "/results?cursor=3", "", 200,
   R"({"results":[],"next_cursor":"3"})"},
  {"POST", live_batch + "/cancel", "", 202, R"("status":"cancelled")"},
  {"POST", one_batch + "/cancel", "", 202, R"("status":"completed")"},
  {"GET", ending_batch, "", 200, R"("status":"completed")"},
  {"POST", ending_batch + "/cancel", "", 202, R"("status":"completed")"},

  // Ids.
  {"GET", sessions + "/22222222222272228222222222222222", "", 200, "a session"},
  {"GET", sessions + "/URN:UUID:22222222-2222-7222-8222-222222222222", "", 200,
   "a session"},
  {"GET", sessions + "/%7B22222222-2222-7222-8222-222222222222%7D", "", 200,
   "a session"},
  {"GET", sessions + "/%2022222222-2222-7222-8222-222222222222%20", "", 200,
   "a session"},
  {"GET", sessions + "/x", "", 400, R"("details":{"session_id":"x"})"},
  {"GET", templates + "/x", "", 400, R"("code":"VALIDATION_ERROR")"},
  {"DELETE", templates + "/x", "", 400, R"("code":"VALIDATION_ERROR")"},
  {"GET", templates + "/x/modules", "", 400, R"("code":"VALIDATION_ERROR")"},
  {"POST", templates + "/x/modules", R"({"name":"fs"})", 400,
   R"("code":"VALIDATION_ERROR")"},
  {"DELETE", one_template + "/capabilities/x", "", 400,
   R"("details":{"capability_id":"x"})"},
  {"GET", executions + "/x", "", 400, R"("code":"VALIDATION_ERROR")"},
  {"GET", executions + "/x/events", "", 400, R"("code":"VALIDATION_ERROR")"},
  {"POST", executions + "/x/cancel", "", 400, R"("code":"VALIDATION_ERROR")"},
  {"POST", sessions + "/x/close", "", 400, R"("code":"VALIDATION_ERROR")"},

  // Query parameters.
  {"GET", executions, "", 400, R"("code":"VALIDATION_ERROR")"},
  {"GET", executions + "?session_id=", "", 400, "is required"},
  {"GET", batches + "?limit=0", "", 400, "from 1 to 1000"},
  {"GET", batches + "?status=x", "", 400, "receiving, running, completed"},
  {"GET", batches + "?cursor=x", "", 400, R"("details":{"cursor":"x"})"},
  {"GET", one_batch + "/results?limit=10001", "", 400, "from 1 to 10000"},
  {"GET", one_batch + "/results?cursor=-1", "", 400, "cursor"},
  {"GET", batches + "/x", "", 400, R"("details":{"batch_id":"x"})"},
  {"GET", batches + "/x/results", "", 400, R"("details":{"batch_id":"x"})"},
  {"POST", batches + "/x/cancel", "", 400, R"("details":{"batch_id":"x"})"},
  {"GET", executions + "?session_id=x", "", 400,
   R"("code":"VALIDATION_ERROR")"},
  {"GET", by_session + "&limit=0", "", 400, R"("code":"VALIDATION_ERROR")"},
  {"GET", by_session + "&limit=-1", "", 400, R"("code":"VALIDATION_ERROR")"},
  {"GET", by_session + "&limit=x", "", 400, R"("code":"VALIDATION_ERROR")"},
  {"GET", by_session + "&limit=1.5", "", 400, R"("code":"VALIDATION_ERROR")"},
  {"GET", by_session + "&limit=1001", "", 400, "from 1 to 1000"},
  {"GET", by_session + "&limit=99999999999999999999", "", 400,
   "from 1 to 1000"},
  {"GET", by_session + "&cursor=x", "", 400, R"("code":"VALIDATION_ERROR")"},
  {"GET", by_session + "&status=x", "", 400, "running, ok, error"},
  {"GET", by_session + "&kind=x", "", 400, "startup, run_file, repl"},
  {"GET", by_session + "&kind=%", "", 400, R"("code":"INVALID_REQUEST")"},
  {"GET", sessions + "?status=x", "", 400, "starting, ready"},
  {"GET", one_execution + "/events?after_seq=-1", "", 400,
   R"("code":"VALIDATION_ERROR")"},
  {"GET", one_execution + "/events?limit=0", "", 400,
   R"("code":"VALIDATION_ERROR")"},

  // Bodies.
  {"POST", templates, "", 400, R"("code":"INVALID_REQUEST")"},
  {"POST", templates, "{", 400, R"("code":"INVALID_REQUEST")"},
  {"POST", templates, "[]", 400, R"("code":"INVALID_REQUEST")"},
  {"POST", templates, R"({"name":"x"} x)", 400, R"("code":"INVALID_REQUEST")"},
  {"POST", templates, "{\"name\":\"\xff\"}", 400,
   R"("code":"INVALID_REQUEST")"},
  {"POST", templates, R"({"name":1})", 400, "name"},
  {"POST", templates, R"({"name":"x","nme":1})", 400, "nme"},
  {"POST", templates, R"({})", 400, R"("code":"VALIDATION_ERROR")"},
  {"POST", templates, R"({"name":""})", 400, R"("code":"VALIDATION_ERROR")"},
  {"PUT", one_template + "/settings", "[]", 400, R"("code":"INVALID_REQUEST")"},
  {"PUT", one_template + "/settings", "", 400, R"("code":"INVALID_REQUEST")"},
  {"POST", executions + "/repl", R"({"input":"1"})", 400,
   R"("code":"VALIDATION_ERROR")"},
  {"POST", executions + "/repl", R"({"session_id":"x","input":"1"})", 400,
   R"("code":"VALIDATION_ERROR")"},
  {"POST", executions + "/run-file", R"({"session_id":1})", 400,
   R"("code":"INVALID_REQUEST")"},
  {"POST", sessions, R"({"template_id":"x"})", 400,
   R"("code":"VALIDATION_ERROR")"},

  // What the runtime refuses.
  {"POST", templates, R"({"name":"taken"})", 409,
   R"("code":"TEMPLATE_EXISTS")"},
  {"GET", no_template, "", 404, R"("code":"TEMPLATE_NOT_FOUND")"},
  {"GET", no_template + "/settings", "", 404, R"("code":"TEMPLATE_NOT_FOUND")"},
  {"GET", sessions + "/" + some_id, "", 404, R"("code":"SESSION_NOT_FOUND")"},
  {"GET", executions + "/" + fakes::known_session.to_string(), "", 404,
   R"("code":"EXECUTION_NOT_FOUND")"},
  {"POST", executions + "/" + fakes::known_session.to_string() + "/cancel", "",
   404, R"("code":"EXECUTION_NOT_FOUND")"},
  {"GET", no_batch, "", 404, R"("code":"BATCH_NOT_FOUND")"},
  {"GET", no_batch, "", 404, R"("code":"BATCH_NOT_FOUND")",
   "Accept: text/event-stream\r\n"},
  {"GET", no_batch + "/results", "", 404, R"("code":"BATCH_NOT_FOUND")"},
  {"POST", no_batch + "/cancel", "", 404, R"("code":"BATCH_NOT_FOUND")"},
  {"POST", executions + "/repl", snippet("exception"), 201, some_id},
  {"POST", executions + "/repl", snippet("output_limit"), 422,
   R"("details":{"execution_id":")" + some_id},
  {"POST", executions + "/repl", snippet("event_limit"), 422,
   R"("code":"OUTPUT_LIMIT_EXCEEDED")"},

  // Paths.
  {"GET", "/", "", 404, R"("code":"NOT_FOUND")"},
  {"GET", "/api/v1", "", 404, R"("code":"NOT_FOUND")"},
  {"GET", "/api/v1/health/", "", 404, R"("code":"NOT_FOUND")"},
  {"GET", "/api/v2/health", "", 404, R"("code":"NOT_FOUND")"},
  {"GET", "//api/v1/health", "", 404, R"("code":"NOT_FOUND")"},
  {"GET", "/api/v1/../v1/health", "", 404, R"("code":"NOT_FOUND")"},
  {"GET", sessions + "/..", "", 400, R"("code":"INVALID_REQUEST")"},
  {"GET", sessions + "/%2e%2e", "", 400, R"("code":"INVALID_REQUEST")"},
  {"GET", sessions + "/a%2fb", "", 400, R"("code":"INVALID_REQUEST")"},
  {"GET", sessions + "/a%00b", "", 400, R"("code":"INVALID_REQUEST")"},
  {"GET", sessions + "/%zz", "", 400, R"("code":"INVALID_REQUEST")"},
  {"GET", sessions + "/%ff", "", 400, R"("code":"INVALID_REQUEST")"},
  {"GET", "api/v1/health", "", 400, R"("code":"INVALID_REQUEST")"},
  {"GET", "*", "", 404, R"("code":"NOT_FOUND")"},
  {"CONNECT", "test:80", "", 400, R"("code":"INVALID_REQUEST")"},
  {"PATCH", "/api/v1/health", "", 405, "GET, HEAD, OPTIONS"},
  {"POST", "/api/v1/health", "", 405, R"("code":"METHOD_NOT_ALLOWED")"},
  {"get", "/api/v1/health", "", 405, R"("code":"METHOD_NOT_ALLOWED")"},
};

std::size_t segments_of(std::string_view path) {
  path = path.substr(0, path.find('?'));
  return static_cast<std::size_t>(std::count(path.begin(), path.end(), '/'));
}

} // namespace

BOOST_AUTO_TEST_CASE(every_route_case_is_answered_on_one_connection) {
  server s;
  http_client client{s.where()};
  for (const auto& x : cases)
    BOOST_TEST_CONTEXT(x.method << " " << x.path << " " << x.body) {
      const auto answer = client.ask(x.method, x.path, x.body, x.headers);
      BOOST_REQUIRE(answer.has_value());
      BOOST_TEST(answer->status == x.status);
      BOOST_TEST(answer->body.find(x.part) != std::string::npos, answer->body);
      BOOST_TEST(answer->field("Content-Type").value() == x.type);
      BOOST_TEST(answer->field("X-Request-Id").has_value());
      BOOST_TEST(!answer->field("Connection").has_value());
    }
}

BOOST_AUTO_TEST_CASE(every_route_has_a_case_that_succeeds) {
  const http::router table{http_routes()};
  std::set<std::size_t> reached;
  for (const auto& x : cases) {
    http::router::match match;
    const auto path = x.path.substr(0, x.path.find('?'));
    table.find(http::method_of(x.method), path, match);
    if (x.status < 300 && match.outcome == http::router::outcome::found)
      reached.insert(match.route);
  }
  BOOST_TEST(reached.size() == http_routes().size());
  for (const auto& doc : http_routes()) {
    BOOST_TEST((doc.pattern == "/metrics" || segments_of(doc.pattern) > 2u));
    BOOST_TEST(!doc.summary.empty());
  }
}

BOOST_AUTO_TEST_CASE(every_error_of_the_runtime_has_its_status_and_code) {
  server s;
  http_client client{s.where()};
  for (const auto& row : error_table())
    BOOST_TEST_CONTEXT(row.name) {
      const auto answer
        = client.ask("POST", repl, snippet(std::string{row.name}));
      BOOST_REQUIRE(answer.has_value());
      BOOST_TEST(answer->status == row.status);
      BOOST_TEST(answer->body
                 == "{\"error\":{\"code\":\"" + std::string{row.name}
                      + "\",\"message\":\"asked for\",\"details\":{}}}");
      const bool later = row.status == 429 || row.status == 503;
      BOOST_TEST(answer->field("Retry-After").has_value() == later);
    }
}

BOOST_AUTO_TEST_CASE(a_bad_request_never_reaches_the_runtime) {
  server s;
  http_client client{s.where()};
  for (const auto& x : cases)
    if (x.status == 400)
      client.ask(x.method, x.path, x.body);
  BOOST_TEST(s.seen->commands == 0);
}

BOOST_AUTO_TEST_CASE(a_page_leads_to_the_next) {
  server s;
  http_client client{s.where()};
  const auto first
    = client.ask("GET", by_session + "&limit=2&status=error&kind=repl");
  BOOST_TEST(first->field("X-Next-Cursor").value() == some_id);
  const auto link = first->field("Link").value();
  BOOST_TEST(link
             == "<" + by_session + "&limit=2&cursor=" + some_id
                  + "&status=error&kind=repl>; rel=\"next\"");
  const auto second = client.ask("GET", link.substr(1, link.find('>') - 1));
  BOOST_TEST(second->status == 200);
  BOOST_TEST(!second->field("X-Next-Cursor").has_value());
  BOOST_TEST(!second->field("Link").has_value());
}

BOOST_AUTO_TEST_CASE(head_is_get_without_body) {
  server s;
  http_client client{s.where()};
  for (const auto& path : {std::string{health}, one_session, by_session}) {
    const auto get = client.ask("GET", path);
    const auto head = client.ask("HEAD", path);
    BOOST_REQUIRE(head.has_value());
    BOOST_TEST(head->status == 200);
    BOOST_TEST(head->field("Content-Length").value()
               == std::to_string(get->body.size()));
  }
  const auto missing = client.ask("HEAD", "/nowhere");
  BOOST_TEST(missing->status == 404);
  BOOST_TEST(client.ask("HEAD", repl).value().status == 405);
  BOOST_TEST(client.ask("GET", health).value().body == R"({"status":"ok"})");
}

BOOST_AUTO_TEST_CASE(options_tells_the_methods) {
  server s;
  http_client client{s.where()};
  const auto one = client.ask("OPTIONS", one_template);
  BOOST_TEST(one->status == 204);
  BOOST_TEST(one->field("Allow").value() == "GET, HEAD, DELETE, OPTIONS");
  BOOST_TEST(!one->field("Content-Length").has_value());
  const auto all = client.ask("OPTIONS", "*");
  BOOST_TEST(all->status == 204);
  BOOST_TEST(client.ask("OPTIONS", "/nowhere").value().status == 404);
  const auto wrong = client.ask("PUT", one_template, "{}");
  BOOST_TEST(wrong->status == 405);
  BOOST_TEST(wrong->field("Allow").value() == "GET, HEAD, DELETE, OPTIONS");
}

BOOST_AUTO_TEST_CASE(readiness_fails_with_the_reason) {
  server s;
  http_client busy{s.where()};
  busy.send(http_request("POST", repl, snippet("hold")));
  BOOST_TEST(eventually([&] { return s.seen->held == 1; }));
  http_client client{s.where()};
  const auto answer = client.ask("GET", "/api/v1/ready");
  BOOST_TEST(answer->status == 503);
  BOOST_TEST(answer->body
             == R"({"error":{"code":"OVERLOADED",)"
                R"("message":"the queue is full; the store takes no writes",)"
                R"("details":{"status":"not_ready","obstacles":[)"
                R"({"part":"queue","reason":"the queue is full"},)"
                R"({"part":"store","reason":"the store takes no writes"}]}}})");
  BOOST_TEST(answer->field("Retry-After").has_value());
}

BOOST_AUTO_TEST_CASE(a_lost_runtime_is_an_obstacle) {
  server s;
  caf::anon_send_exit(s.supervisor, caf::exit_reason::kill);
  http_client client{s.where()};
  const auto answer = client.ask("GET", "/api/v1/ready");
  BOOST_REQUIRE(answer.has_value());
  BOOST_TEST(answer->status == 503);
  BOOST_TEST(answer->body.find(R"("part":"runtime")") != std::string::npos,
             answer->body);
}

BOOST_AUTO_TEST_CASE(content_types_do_not_matter) {
  server s;
  http_client client{s.where()};
  for (const auto* type :
       {"", "Content-Type: application/json\r\n",
        "Content-Type: text/plain\r\n",
        "Content-Type: application/x-www-form-urlencoded\r\n"})
    BOOST_TEST(client.ask("POST", repl, snippet("1"), type).value().status
               == 201);
}

BOOST_AUTO_TEST_CASE(request_ids_come_back) {
  server s;
  http_client client{s.where()};
  for (const auto* path : {health, "/nowhere", repl})
    BOOST_TEST(client.ask("GET", path, "", "X-Request-Id: my-id\r\n")
                 .value()
                 .field("X-Request-Id")
                 .value()
               == "my-id");
  BOOST_TEST(client.ask("POST", repl, snippet("1"), "x-request-id: my-id\r\n")
               .value()
               .field("X-Request-Id")
               .value()
             == "my-id");
}
