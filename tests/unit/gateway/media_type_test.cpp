#include "vmsystem/actors/http/media_type.hpp"

#include <boost/test/unit_test.hpp>

using namespace vmsystem;

BOOST_AUTO_TEST_CASE(content_types_are_compared_without_parameters) {
  using http::is_media_type;
  BOOST_TEST(is_media_type("application/json", http::json_type));
  BOOST_TEST(
    is_media_type("Application/JSON ; charset=utf-8", http::json_type));
  BOOST_TEST(!is_media_type("application/jsonx", http::json_type));
  BOOST_TEST(!is_media_type("", http::json_type));
  BOOST_TEST(!is_media_type("application/x-ndjson", http::json_type));
}

BOOST_AUTO_TEST_CASE(a_media_type_is_preferred_when_it_is_named) {
  const auto ndjson = [](std::string_view accept) {
    return http::prefers(accept, http::ndjson_type);
  };
  BOOST_TEST(ndjson("application/x-ndjson"));
  BOOST_TEST(ndjson("text/html, APPLICATION/X-NDJSON;q=0.1"));
  BOOST_TEST(ndjson("application/json, application/x-ndjson"));
  BOOST_TEST(ndjson("application/json;q=0.4,application/x-ndjson;q=0.5"));
  BOOST_TEST(!ndjson("application/json;q=0.5,application/x-ndjson;q=0.4"));
  BOOST_TEST(!ndjson("application/x-ndjson;q=0"));
  BOOST_TEST(!ndjson("application/x-ndjson; q=0.000"));
  BOOST_TEST(!ndjson("application/x-ndjson;q=loud"));
  BOOST_TEST(!ndjson("*/*"));
  BOOST_TEST(!ndjson("application/*"));
  BOOST_TEST(!ndjson(""));
  BOOST_TEST(!ndjson(", ,;,"));
}

BOOST_AUTO_TEST_CASE(preferences_are_found_among_others) {
  const auto async = [](std::string_view prefer) {
    return http::has_preference(prefer, "respond-async");
  };
  BOOST_TEST(async("respond-async"));
  BOOST_TEST(async("Respond-Async; x=1"));
  BOOST_TEST(async("wait=10 , respond-async"));
  BOOST_TEST(!async("respond-async-not"));
  BOOST_TEST(!async("x=respond-async"));
  BOOST_TEST(!async(""));
  BOOST_TEST(!async(",;"));
}

BOOST_AUTO_TEST_CASE(weights_are_read_in_thousandths) {
  const auto weight = [](const std::string& q) {
    return http::weight_of("a/b;v=1;q=" + q, "a/b");
  };
  BOOST_TEST(weight("1") == 1000u);
  BOOST_TEST(weight("1.000") == 1000u);
  BOOST_TEST(weight("0.5") == 500u);
  BOOST_TEST(weight("0.125") == 125u);
  BOOST_TEST(weight("0.") == 0u);
  BOOST_TEST(weight("0.1234") == 0u);
  BOOST_TEST(weight("2") == 0u);
  BOOST_TEST(weight("-1") == 0u);
  BOOST_TEST(weight("") == 0u);
  BOOST_TEST(http::weight_of("a/b", "a/b") == 1000u);
}
