#include "vmsystem/actors/http/access.hpp"

#include <boost/test/unit_test.hpp>

using namespace vmsystem;
using namespace vmsystem::http;

namespace {

const std::string digest_of_abc
  = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";

std::string line(const std::string& name, const std::string& scopes,
                 const std::string& sha256 = digest_of_abc) {
  return R"({"name":")" + name + R"(","scopes":[)" + scopes + R"(],"sha256":")"
         + sha256 + "\"}\n";
}

} // namespace

BOOST_AUTO_TEST_CASE(a_token_is_found_by_its_digest) {
  BOOST_TEST(token_digest("abc") == digest_of_abc);
  const auto list = access_list::parse(
    line("a", R"("read")") + '\n'
    + line("b", R"("execute","admin")", token_digest("other")));
  BOOST_REQUIRE(list);
  BOOST_TEST(list.value().tokens().size() == 2u);
  const auto* const a = list.value().find("abc");
  BOOST_REQUIRE(a != nullptr);
  BOOST_TEST(a->name == "a");
  BOOST_TEST(a->permits(access_scope::read));
  BOOST_TEST(!a->permits(access_scope::execute));
  const auto* const b = list.value().find("other");
  BOOST_REQUIRE(b != nullptr);
  BOOST_TEST(b->permits(access_scope::admin));
  BOOST_TEST(!b->permits(access_scope::read));
  for (const auto* wrong : {"", "ab", "abcd", "ABC", digest_of_abc.c_str()})
    BOOST_TEST(list.value().find(wrong) == nullptr, wrong);
}

BOOST_AUTO_TEST_CASE(a_line_is_read_as_it_is_written) {
  const access_token token{"ci.1-x_Y",
                           {access_scope::admin, access_scope::read},
                           token_digest("secret")};
  const auto list = access_list::parse(token_line(token));
  BOOST_REQUIRE(list);
  const auto& read = list.value().tokens().front();
  BOOST_TEST(read.name == token.name);
  BOOST_TEST((read.scopes == token.scopes));
  BOOST_TEST(read.sha256 == token.sha256);
}

BOOST_AUTO_TEST_CASE(limits_are_read_as_they_are_written) {
  access_token token{"ci", {access_scope::read}, token_digest("secret")};
  BOOST_TEST(!token.limits.any());
  BOOST_TEST(token_line(token).find("limits") == std::string::npos);
  token.limits.requests_per_second = 5;
  token.limits.sessions = 4294967294;
  const auto list = access_list::parse(token_line(token));
  BOOST_REQUIRE(list);
  const auto& limits = list.value().tokens().front().limits;
  BOOST_TEST(limits.requests_per_second == 5u);
  BOOST_TEST(limits.executions == token_limits::none);
  BOOST_TEST(limits.sessions == 4294967294u);
  BOOST_TEST(!read_token_limits("{}").value().any());
  BOOST_TEST(!read_token_limits(R"({"sessions":null})").value().any());
  for (const auto* bad :
       {"", "[]", "1", R"({"sessions":0})", R"({"sessions":-1})",
        R"({"sessions":"1"})", R"({"sessions":1.5})",
        R"({"sessions":4294967296})", R"({"session":1})"})
    BOOST_TEST(!read_token_limits(bad), bad);
  const auto wrong
    = access_list::parse(R"({"name":"a","scopes":[],"sha256":")" + digest_of_abc
                         + R"(","limits":{"executions":0}})");
  BOOST_REQUIRE(!wrong);
  BOOST_TEST(wrong.error().message.find("limits.executions")
               != std::string::npos,
             wrong.error().message);
}

BOOST_AUTO_TEST_CASE(what_is_no_token_file_is_refused_with_its_line) {
  const auto why = [](const std::string& text) {
    const auto list = access_list::parse(text);
    return list ? std::string{} : list.error().message;
  };
  const auto good = line("a", R"("read")");
  BOOST_TEST(why("") == "there is no token in it");
  BOOST_TEST(why("\n\n") == "there is no token in it");
  for (const auto& bad :
       {line("", R"("read")"), line("a b", R"("read")"),
        line(std::string(65, 'a'), R"("read")"), line("b", R"("write")"),
        line("b", "1"), line("b", R"("read")", "abc"),
        line("b", R"("read")", std::string(64, 'A')), good,
        std::string{"token\n"}, std::string{"[]\n"}, std::string{"{}\n"},
        std::string{R"({"name":"b","scopes":["read"]})"},
        std::string{R"({"name":"b","scopes":[],"sha256":")"} + digest_of_abc
          + R"(","more":1})"})
    BOOST_TEST(why(good + '\n' + bad).rfind("line 3: ", 0) == 0u,
               bad << why(good + '\n' + bad));
}

BOOST_AUTO_TEST_CASE(only_bearer_tokens_are_taken) {
  BOOST_TEST(bearer_of("Bearer abc") == "abc");
  BOOST_TEST(bearer_of("bEARER   abc") == "abc");
  for (const auto* other : {"", "abc", "Bearer", "Bearer ", "Basic abc",
                            "Bearerabc", "Bearer: abc"})
    BOOST_TEST(bearer_of(other).empty(), other);
}

BOOST_AUTO_TEST_CASE(names_of_other_hosts_are_not_ours) {
  const std::vector<std::string> names{"vm.example.org"};
  for (const auto* own :
       {"", "localhost", "LocalHost:3210", "127.0.0.1", "127.0.0.1:3210",
        "[::1]", "[::1]:3210", "192.168.0.7:80", "vm.example.org",
        "VM.example.org:443"})
    BOOST_TEST(is_own_host(own, names), own);
  for (const auto* other :
       {"evil.example", "localhost.evil.example", "example.org",
        "x.vm.example.org", "127.0.0.1.evil.example:3210", "0x7f.1",
        "2130706433", "[::1", "::1", ":3210"})
    BOOST_TEST(!is_own_host(other, names), other);
}

BOOST_AUTO_TEST_CASE(pages_of_other_sites_are_not_ours) {
  BOOST_TEST(is_own_origin("", "localhost:3210"));
  BOOST_TEST(is_own_origin("http://localhost:3210", "localhost:3210"));
  BOOST_TEST(is_own_origin("https://LOCALHOST:3210", "localhost:3210"));
  for (const auto* other : {"null", "http://localhost", "http://evil.example",
                            "http://localhost:3210.evil.example", "localhost",
                            "http://", "file://"})
    BOOST_TEST(!is_own_origin(other, "localhost:3210"), other);
  BOOST_TEST(!is_own_origin("http://", ""));
}
