#include "vmsystem/actors/http/cors.hpp"

#include <boost/test/unit_test.hpp>

using namespace vmsystem;
using namespace vmsystem::http;

BOOST_AUTO_TEST_CASE(origins_are_read_as_browsers_send_them) {
  for (const auto* text :
       {"https://example.org", "http://localhost:8080", "http://[::1]:8080",
        "http://127.0.0.1:1", "https://example.org:80", "http://a:443",
        "chrome-extension://abcdefgh"})
    BOOST_TEST(read_origin(text).value() == text);
  BOOST_TEST(read_origin("HTTPS://Example.ORG").value()
             == "https://example.org");
  for (const auto* text :
       {"", "*", "null", "https://*", "https://*.example.org", "https://",
        "example.org", "://example.org", "1http://example.org",
        "https://example.org/", "https://example.org/page",
        "https://a@example.org", "https://example.org,https://b",
        "https://exa mple.org", "https://example.org\r\nX: y",
        "https://example.org:443", "http://example.org:80"}) {
    const auto origin = read_origin(text);
    BOOST_TEST_CONTEXT(text) {
      BOOST_REQUIRE(!origin);
      BOOST_TEST((origin.error().code == ec::validation_error));
    }
  }
}

BOOST_AUTO_TEST_CASE(only_the_whole_origin_is_allowed) {
  const std::vector<std::string> allowed{"https://example.org",
                                         "http://localhost:8080"};
  BOOST_TEST(is_allowed_origin("https://example.org", allowed));
  BOOST_TEST(is_allowed_origin("https://EXAMPLE.org", allowed));
  BOOST_TEST(is_allowed_origin("http://localhost:8080", allowed));
  for (const auto* other :
       {"", "null", "*", "http://example.org", "https://example.org:8443",
        "https://example.org.evil.example", "https://evil.example",
        "https://a.example.org", "http://localhost", "https://example.or"})
    BOOST_TEST(!is_allowed_origin(other, allowed), other);
  BOOST_TEST(!is_allowed_origin("https://example.org", {}));
}
