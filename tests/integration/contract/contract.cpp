#define BOOST_TEST_MODULE contract
#include "cases.hpp"
#include "vmsystem/actors/http/router.hpp"
#include "vmsystem/actors/http_gateway.hpp"
#include "vmsystem/models/error_code.hpp"
#include "vmsystem/tests/library_folder.hpp"
#include "world.hpp"

#include <boost/test/data/monomorphic.hpp>
#include <boost/test/data/test_case.hpp>
#include <boost/test/unit_test.hpp>

#include <memory>
#include <set>
#include <string>

#include <sys/resource.h>

namespace data = boost::unit_test::data;

using namespace vmsystem;
using namespace vmsystem::test;

namespace {

/// A library cache with `works`, which sets a global, and `throws`.
std::string library_cache() {
  static const auto cache = [] {
    auto made = std::make_unique<library_folder>();
    made->put("works", "1.0.0", "works", "works = 'of the library'");
    made->put("throws", "1.0.0", "throws",
              "throw new Error('thrown on purpose')");
    return made;
  }();
  return cache->path();
}

/// One daemon for all cases; its bounds are small, so that cases reach them.
test_daemon& server() {
  static test_daemon one{{"--max-in-flight", "3", "--max-waiting", "1",
                          "--max-body-bytes", "65536", "--slots", "3",
                          "--library-cache", library_cache()}};
  return one;
}

/// What holds for every answer. Only one that succeeds may be anything but
/// JSON, when the request asked for it.
void check_frame(const http_answer& answer, bool any_type) {
  BOOST_TEST(!answer.header("X-Request-Id").empty());
  if (answer.body.empty())
    return;
  if (answer.status >= 400 || !any_type)
    BOOST_TEST(answer.header("Content-Type") == "application/json");
  if (answer.status < 400)
    return;
  const auto error = answer.json().field("error");
  BOOST_TEST(!error.field("code").text().empty());
  BOOST_TEST(!error.field("message").text().empty());
  BOOST_TEST(error.field("details").is_object());
}

void check_claim(const http_answer& answer, const std::string& claim) {
  const auto& body = answer.body;
  const auto after
    = [&](std::string_view word) { return claim.substr(word.size()); };
  const auto has = [&](const std::string& text) {
    return body.find(text) != std::string::npos;
  };
  if (claim.rfind("not ", 0) == 0) {
    BOOST_TEST(!has(after("not ")));
  } else if (claim.rfind("is ", 0) == 0) {
    BOOST_TEST(body == after("is "));
  } else if (claim.rfind("header ", 0) == 0) {
    const auto line = "\r\n" + after("header ");
    BOOST_TEST(answer.head.find(line) != std::string::npos);
  } else if (claim.rfind("order ", 0) == 0) {
    const auto words = split(after("order "), " ");
    const auto first = body.find(words.at(0));
    const auto second = body.find(words.at(1));
    BOOST_TEST(first != std::string::npos);
    BOOST_TEST(second != std::string::npos);
    BOOST_TEST(first < second);
  } else {
    BOOST_TEST(has(claim));
  }
}

void run_step(world& things, const contract_step& step) {
  if (step.is_test() || step.request == "later")
    return;
  const auto request = split(things.expand(step.request), " | ");
  if (step.is_make())
    return;
  const auto words = split(request.at(0), " ");
  std::string headers;
  for (std::size_t i = 1; i < request.size(); ++i)
    headers += request[i] + "\r\n";
  const auto body = things.expand(step.body);
  const auto answer = server().request(words.at(0), words.at(1), body, headers);
  const auto seen = std::to_string(answer.status)
                    + (answer.status < 400 ? "" : ' ' + answer.code());
  BOOST_TEST_CONTEXT(step.request << "\n" << answer.head << answer.body) {
    BOOST_TEST(seen == step.answer);
    check_frame(answer, headers.find("Accept:") != std::string::npos);
    for (const auto& claim : step.holds)
      check_claim(answer, things.expand(claim));
  }
}

} // namespace

BOOST_DATA_TEST_CASE(the_contract_holds, data::make(contract_cases()), one) {
  BOOST_TEST_CONTEXT("case: " << one.name) {
    world things{server()};
    for (const auto& step : one.steps)
      run_step(things, step);
  }
}

BOOST_AUTO_TEST_CASE(every_route_has_a_case_in_which_it_works) {
  const http::router routes{http_routes()};
  std::set<std::size_t> covered;
  for (const auto& one : contract_cases())
    for (const auto& step : one.steps) {
      const auto words = split(step.request, " ");
      if (step.answer.at(0) != '2' || words.size() < 2)
        continue;
      http::router::match match;
      const auto path = words[1].substr(0, words[1].find('?'));
      routes.find(http::method_of(words[0]), path, match);
      if (match.outcome == http::router::outcome::found)
        covered.insert(match.route);
    }
  for (std::size_t i = 0; i < http_routes().size(); ++i)
    BOOST_TEST(covered.count(i) == 1, http::name_of(http_routes()[i].verb)
                                        << ' ' << http_routes()[i].pattern
                                        << " has no case");
}

BOOST_AUTO_TEST_CASE(every_error_code_has_a_case_with_its_status) {
  std::set<std::string> covered;
  for (const auto& one : contract_cases())
    for (const auto& step : one.steps)
      covered.insert(step.answer);
  for (const auto& row : error_table()) {
    const auto wanted
      = std::to_string(row.status) + ' ' + std::string{row.name};
    BOOST_TEST(covered.count(wanted) == 1, wanted << " has no case");
  }
}

BOOST_AUTO_TEST_CASE(tests_that_the_cases_name_exist) {
  const auto& suite = boost::unit_test::framework::master_test_suite();
  for (const auto& one : contract_cases())
    for (const auto& step : one.steps)
      if (step.is_test())
        BOOST_TEST(suite.get(split(step.request, " ").at(1))
                     != boost::unit_test::INV_TEST_UNIT_ID,
                   step.request);
}

BOOST_AUTO_TEST_CASE(a_store_that_fails_answers_internal_and_loses_nothing) {
  const temp_folder folder;
  std::string session;
  {
    test_daemon failing{folder.path().string(), {}};
    auto client = failing.connect();
    session = make_session(client, make_template(client));
    run_snippet(client, session, "'kept'");
    // No file of the process may grow any more: like a disk that is full.
    const auto pid = failing.process().pid();
    rlimit full{};
    BOOST_REQUIRE(prlimit(pid, RLIMIT_FSIZE, nullptr, &full) == 0);
    full.rlim_cur = 1;
    BOOST_REQUIRE(prlimit(pid, RLIMIT_FSIZE, &full, nullptr) == 0);
    const auto lost = client.request("POST", "/api/v1/executions/repl",
                                     repl_body(session, "'lost'"));
    BOOST_TEST(lost.status == 500);
    BOOST_TEST(lost.code() == "INTERNAL");
    const auto unnamed
      = client.request("POST", "/api/v1/templates", R"({"name":"lost"})");
    BOOST_TEST(unnamed.status == 500);
    BOOST_TEST(unnamed.code() == "INTERNAL");
    // What is stored can still be read.
    const auto list
      = ask(client, "GET", "/api/v1/executions?session_id=" + session);
    BOOST_TEST(list.raw().find("'kept'") != std::string::npos);
  }
  test_daemon again{folder.path().string(), {}};
  auto client = again.connect();
  const auto list
    = ask(client, "GET", "/api/v1/executions?session_id=" + session);
  BOOST_TEST(list.raw().find("'kept'") != std::string::npos);
  for (const auto& record : list.elements())
    if (record.field("input").text() == "'lost'")
      BOOST_TEST(record.field("status").text() == "error", record.raw());
  BOOST_TEST(ask(client, "GET", "/api/v1/templates").raw().find("lost")
             == std::string::npos);
  BOOST_TEST((again.stop() == 0));
}
