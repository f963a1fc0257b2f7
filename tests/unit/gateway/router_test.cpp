#include "vmsystem/actors/http/router.hpp"

#include <boost/test/unit_test.hpp>

using namespace vmsystem;
using http::method;
using http::router;
using outcome = http::router::outcome;

namespace {

const std::vector<http::route_doc> docs{
  {method::get, "/things", ""},
  {method::post, "/things", ""},
  {method::post, "/things/special", ""},
  {method::get, "/things/{id}", ""},
  {method::remove, "/things/{id}/parts/{part}", ""},
};

struct found {
  outcome result;
  std::size_t route;
  std::string allow;
  std::string first;
  std::string second;
};

found find(method verb, std::string_view path) {
  static const router table{docs};
  router::match match;
  table.find(verb, path, match);
  return {match.outcome, match.route, std::string{match.allow},
          std::string{match.params[0]}, std::string{match.params[1]}};
}

} // namespace

BOOST_AUTO_TEST_CASE(routes_are_found_by_method_and_path) {
  BOOST_TEST(find(method::get, "/things").route == 0u);
  BOOST_TEST(find(method::post, "/things").route == 1u);
  BOOST_TEST(find(method::post, "/things/special").route == 2u);
  const auto one = find(method::get, "/things/7");
  BOOST_TEST(one.route == 3u);
  BOOST_TEST(one.first == "7");
  const auto part = find(method::remove, "/things/7/parts/a%20b");
  BOOST_TEST(part.route == 4u);
  BOOST_TEST(part.first == "7");
  BOOST_TEST(part.second == "a b");
}

BOOST_AUTO_TEST_CASE(head_finds_the_route_of_get) {
  const auto x = find(method::head, "/things");
  BOOST_TEST((x.result == outcome::found));
  BOOST_TEST(x.route == 0u);
}

BOOST_AUTO_TEST_CASE(a_wrong_method_is_told_the_right_ones) {
  const auto x = find(method::put, "/things");
  BOOST_TEST((x.result == outcome::wrong_method));
  BOOST_TEST(x.allow == "GET, HEAD, POST, OPTIONS");
  BOOST_TEST(find(method::other, "/things/7").allow == "GET, HEAD, OPTIONS");
  BOOST_TEST(
    (find(method::options, "/things").result == outcome::wrong_method));
}

BOOST_AUTO_TEST_CASE(other_paths_are_not_found) {
  for (const auto* path :
       {"/", "", "*", "/thing", "/things/", "//things", "/things//", "/THINGS",
        "/things/7/parts", "/things/7/parts/", "/%74hings", "/things/7/../8",
        "/a/b/c/d/e/f/g/h/i/j", "/./things"})
    BOOST_TEST_CONTEXT(path)
  BOOST_TEST((find(method::get, path).result == outcome::not_found));
}

BOOST_AUTO_TEST_CASE(tricky_segments_are_refused) {
  for (const auto* path :
       {"/things/..", "/things/.", "/things/%2e%2e", "/things/.%2E",
        "/things/a%2fb", "/things/a%2Fb", "/things/a%00b", "/things/%",
        "/things/%4", "/things/%zz", "/things/%ff", "/things/\xff"})
    BOOST_TEST_CONTEXT(path)
  BOOST_TEST((find(method::get, path).result == outcome::bad_path));
}
