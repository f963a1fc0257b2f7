#include "vmsystem/actors/http/audit.hpp"

#include <boost/test/unit_test.hpp>

#include <array>
#include <initializer_list>

using namespace vmsystem;
using namespace vmsystem::http;

namespace {

const std::string id = "11111111-1111-7111-8111-111111111111";
const std::string other = "22222222-2222-7222-8222-222222222222";

audit_entry entry(std::string_view route, method verb = method::post) {
  audit_entry x;
  x.time = *timestamp::parse("2026-01-02T03:04:05.000006Z");
  x.request_id = "r-1";
  x.token = "ci";
  x.verb = verb;
  x.route = route;
  x.remote = "127.0.0.1:1";
  return x;
}

std::string line_of(const audit_entry& x, uint16_t status,
                    const std::string& body = {},
                    const std::string& headers = {}) {
  response answer;
  answer.status = status;
  answer.body = body;
  answer.headers = headers;
  return audit_line(x, answer);
}

std::string error_of(const std::string& code, const std::string& details) {
  return R"({"error":{"code":")" + code + R"(","message":"","details":)"
         + details + "}}";
}

/// What a line says of ids.
std::string ids_of(const std::string& line) {
  const auto begin = line.find("\"ids\":") + 6;
  return line.substr(begin, line.find('}', begin) + 1 - begin);
}

bool is_logged(uint16_t status, const std::string& body = {}) {
  return !line_of(entry("/api/v1/sessions"), status, body).empty();
}

} // namespace

BOOST_AUTO_TEST_CASE(a_line_says_who_did_what_to_what) {
  BOOST_TEST(
    line_of(entry("/api/v1/executions/repl"), 201,
            R"({"id":")" + id + R"(","session_id":")" + other
              + R"(","input":"secret"})")
    == R"({"time":"2026-01-02T03:04:05.000006Z","request_id":"r-1",)"
       R"("token":"ci","method":"POST","route":"/api/v1/executions/repl",)"
       R"("ids":{"execution_id":")"
         + id + R"(","session_id":")" + other
         + R"("},"status":201,"remote":"127.0.0.1:1"})" + "\n");
}

BOOST_AUTO_TEST_CASE(ids_are_those_of_the_path_and_the_answer) {
  auto removed
    = entry("/api/v1/templates/{template_id}/modules/{name}", method::remove);
  const std::array<std::string_view, 2> params{id, "fs"};
  note_path(removed, params.data());
  BOOST_TEST(ids_of(line_of(removed, 200))
             == R"({"name":"fs","template_id":")" + id + "\"}");
  const auto made = [](std::string_view route, const std::string& body) {
    return ids_of(line_of(entry(route), 201, body));
  };
  const auto document = R"({"id":")" + id + R"(","vm_id":")" + other
                        + R"(","name":"x","more":1})";
  BOOST_TEST(made("/api/v1/templates", R"({"id":")" + id + R"(","name":"x"})")
             == R"({"template_id":")" + id + "\"}");
  BOOST_TEST(made("/api/v1/templates/{template_id}/capabilities", document)
             == R"({"capability_id":")" + id + R"(","template_id":")" + other
                  + "\"}");
  BOOST_TEST(made("/api/v1/templates/{template_id}/startup-files", document)
             == R"({"file_id":")" + id + R"(","template_id":")" + other
                  + "\"}");
  BOOST_TEST(made("/api/v1/sessions", document)
             == R"({"session_id":")" + id + R"(","template_id":")" + other
                  + "\"}");
  BOOST_TEST(ids_of(line_of(entry("/api/v1/batches"), 200, {},
                            "X: y\r\nLocation: /api/v1/batches/" + id + "\r\n"))
             == R"({"batch_id":")" + id + "\"}");
}

BOOST_AUTO_TEST_CASE(what_is_no_id_is_left_out) {
  auto x = entry("/api/v1/templates/{template_id}/libraries/{name}");
  const std::array<std::string_view, 2> params{"{\"evil\"}\n", "\xff"};
  note_path(x, params.data());
  BOOST_TEST(x.ids.empty());
  note_id(x, "name", std::string(257, 'x'));
  BOOST_TEST(x.ids.empty());
  note_id(x, "name", std::string(256, 'x'));
  BOOST_TEST(x.ids.size() == 1u);
  for (const auto* body : {"", "[]", "1", "{", R"({"id":1})", R"({"id":"x"})"})
    BOOST_TEST(ids_of(line_of(entry("/api/v1/sessions"), 201, body)) == "{}",
               body);
}

BOOST_AUTO_TEST_CASE(ids_are_those_of_any_document) {
  auto x = entry("/api/v1/executions/repl");
  note_document(x, json_text{R"({"session_id":")" + id + R"(","execution_id":")"
                             + other + R"(","input":"secret"})"});
  BOOST_TEST(x.ids.size() == 2u);
  BOOST_TEST(x.ids["session_id"] == id);
  BOOST_TEST(x.ids["execution_id"] == other);
  for (const auto* text : {"", "[]", "{", R"({"session_id":"x\n"})"}) {
    auto bare = entry("/api/v1/executions/repl");
    note_document(bare, json_text{text});
    BOOST_TEST(bare.ids.empty(), text);
  }
}

BOOST_AUTO_TEST_CASE(only_changes_and_lacking_rights_are_logged) {
  BOOST_TEST(is_change(method::post));
  BOOST_TEST(is_change(method::put));
  BOOST_TEST(is_change(method::remove));
  for (const auto verb :
       {method::get, method::head, method::options, method::other})
    BOOST_TEST(!is_change(verb));
  for (const uint16_t status :
       std::initializer_list<uint16_t>{0, 200, 201, 202, 204, 401, 403, 500})
    BOOST_TEST(is_logged(status), status);
  for (const uint16_t status :
       std::initializer_list<uint16_t>{400, 404, 405, 409, 413, 422, 429, 503})
    BOOST_TEST(!is_logged(status, error_of("NOT_FOUND", "{}")), status);
  // These were refused after they had left a record.
  for (const auto* code : {"OUTPUT_LIMIT_EXCEEDED", "STARTUP_FAILED"})
    BOOST_TEST(
      ids_of(line_of(entry("/api/v1/sessions"), 422,
                     error_of(code, R"({"session_id":")" + id + "\"}")))
      == R"({"session_id":")" + id + "\"}");
}
