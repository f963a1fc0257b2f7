#include "daemon.hpp"
#include "tokens.hpp"
#include "vmsystem/tests/temp_folder.hpp"

#include <boost/test/unit_test.hpp>

#include <string>

using namespace vmsystem;
using namespace vmsystem::test;

namespace {

const std::string site = "https://example.org";
const std::string other_site = "http://localhost:8080";
const std::string list = "/api/v1/templates";

std::string from(const std::string& origin) {
  return "Origin: " + origin + "\r\n";
}

/// What a browser asks before it sends a request of a page.
http_answer preflight(const test_daemon& server, const std::string& origin,
                      const std::string& target) {
  return server.request("OPTIONS", target, {},
                        from(origin)
                          + "Access-Control-Request-Method: POST\r\n"
                            "Access-Control-Request-Headers: authorization,"
                            "content-type\r\n");
}

bool has_no_cors(const http_answer& x) {
  return x.head.find("Access-Control-") == std::string::npos;
}

} // namespace

BOOST_AUTO_TEST_CASE(pages_of_the_named_origins_may_use_the_server) {
  const temp_folder folder;
  const auto token = new_token(folder / "tokens", "page", "read,execute,admin");
  const test_daemon server{{"--allow-origin", site, "--allow-origin",
                            other_site, "--token-file", folder / "tokens"}};
  const auto field = "Authorization: Bearer " + token + "\r\n";
  for (const auto& origin : {site, other_site}) {
    BOOST_TEST_CONTEXT(origin) {
      // It needs no token: browsers send none.
      const auto asked = preflight(server, origin, list);
      BOOST_TEST(asked.status == 204);
      BOOST_TEST(asked.header("Access-Control-Allow-Origin") == origin);
      BOOST_TEST(asked.header("Access-Control-Allow-Methods")
                 == "GET, HEAD, POST, OPTIONS");
      const auto headers = asked.header("Access-Control-Allow-Headers");
      for (const auto* name : {"Authorization", "Content-Type", "Prefer",
                               "Idempotency-Key", "Last-Event-ID"})
        BOOST_TEST(headers.find(name) != std::string::npos, name);
      BOOST_TEST(asked.header("Vary") == "Origin");
      BOOST_TEST(asked.header("Access-Control-Max-Age") == "600");
      const auto answer = server.request("GET", list, {}, from(origin) + field);
      BOOST_TEST(answer.status == 200);
      BOOST_TEST(answer.header("Access-Control-Allow-Origin") == origin);
      BOOST_TEST(answer.header("Vary") == "Origin");
      BOOST_TEST(
        answer.header("Access-Control-Expose-Headers").find("X-Next-Cursor")
        != std::string::npos);
      BOOST_TEST(answer.header("Access-Control-Allow-Methods").empty());
      // A page can read why it was refused.
      const auto refused = server.request("GET", list, {}, from(origin));
      BOOST_TEST(refused.status == 401);
      BOOST_TEST(refused.header("Access-Control-Allow-Origin") == origin);
      const auto missing
        = server.request("GET", "/api/v1/none", {}, from(origin));
      BOOST_TEST(missing.status == 404);
      BOOST_TEST(missing.header("Access-Control-Allow-Origin") == origin);
      for (const auto& x : {asked, answer, refused})
        BOOST_TEST(x.header("Access-Control-Allow-Credentials").empty());
    }
  }
  for (const std::string origin :
       {"https://evil.example", "null", "http://example.org"}) {
    const auto asked = preflight(server, origin, list);
    BOOST_TEST(asked.code() == "FORBIDDEN", origin);
    BOOST_TEST(has_no_cors(asked), asked.head);
    BOOST_TEST(asked.header("Vary") == "Origin");
    const auto answer = server.request("GET", list, {}, from(origin) + field);
    BOOST_TEST(answer.code() == "FORBIDDEN", origin);
    BOOST_TEST(has_no_cors(answer), answer.head);
  }
  const auto plain = server.request("GET", list, {}, field);
  BOOST_TEST(plain.status == 200);
  BOOST_TEST(has_no_cors(plain), plain.head);
  BOOST_TEST(plain.header("Vary") == "Origin");
}

BOOST_AUTO_TEST_CASE(each_answer_of_a_connection_has_its_own_headers) {
  const test_daemon server{{"--allow-origin", site}};
  auto wire = server.connect();
  const auto with = wire.request("GET", list, {}, from(site));
  BOOST_TEST(with.header("Access-Control-Allow-Origin") == site);
  BOOST_TEST(has_no_cors(wire.request("GET", list)));
  const auto session = make_session(wire, make_template(wire));
  // Streams have them too.
  const auto id = run_snippet(wire, session, "1").field("id").text();
  const auto stream
    = wire.request("GET", "/api/v1/executions/" + id + "/events", {},
                   from(site) + "Accept: text/event-stream\r\n");
  BOOST_TEST(stream.status == 200);
  BOOST_TEST(stream.header("Content-Type") == "text/event-stream");
  BOOST_TEST(stream.header("Access-Control-Allow-Origin") == site);
}

BOOST_AUTO_TEST_CASE(without_the_flag_nothing_is_said_of_origins) {
  const test_daemon server;
  const auto plain = server.request("OPTIONS", list);
  BOOST_TEST(plain.status == 204);
  BOOST_TEST(has_no_cors(plain), plain.head);
  BOOST_TEST(plain.header("Vary").empty());
  const auto asked = preflight(server, site, list);
  BOOST_TEST(asked.code() == "FORBIDDEN");
  BOOST_TEST(has_no_cors(asked), asked.head);
  BOOST_TEST(asked.header("Vary").empty());
}

BOOST_AUTO_TEST_CASE(what_is_no_origin_cannot_be_allowed) {
  const temp_folder folder;
  for (const auto* origin : {"*", "null", "example.org", "https://a/b"}) {
    const auto ran = run_program(
      {program(), "--db", folder / "db", "serve", "--allow-origin", origin});
    BOOST_TEST(ran.status == 2, origin);
    BOOST_TEST(ran.err.find("--allow-origin: ") != std::string::npos, ran.err);
  }
}
