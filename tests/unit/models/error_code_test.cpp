#include "vmsystem/models/error_code.hpp"
#include "vmsystem/tests/unit/models/enumerators.hpp"

#include <boost/test/unit_test.hpp>

#include <cctype>
#include <set>
#include <string>
#include <string_view>

using namespace vmsystem;
using namespace vmsystem::test;

namespace {

std::string upper(std::string_view text) {
  std::string result{text};
  for (auto& c : result)
    c = static_cast<char>(std::toupper(static_cast<unsigned char>(c)));
  return result;
}

} // namespace

BOOST_AUTO_TEST_SUITE(error_codes)

BOOST_AUTO_TEST_CASE(every_code_has_one_row_named_after_it) {
  const auto identifiers = enumerators<ec>();
  BOOST_TEST_REQUIRE(identifiers.front() == "none");
  const auto table = error_table();
  std::size_t count = 0;
  std::set<std::string_view> names;
  for (const auto& row : table) {
    ++count;
    BOOST_TEST_CONTEXT(row.name) {
      BOOST_TEST_REQUIRE(count < identifiers.size());
      BOOST_TEST(static_cast<std::size_t>(row.code) == count);
      BOOST_TEST(row.name == upper(identifiers[count]));
      BOOST_TEST(names.insert(row.name).second);
      BOOST_TEST(!row.when.empty());
    }
  }
  BOOST_TEST(count + 1 == identifiers.size());
}

BOOST_AUTO_TEST_CASE(every_code_has_the_status_of_the_contract) {
  struct row {
    std::string_view name;
    int status;
  };
  const row rows[] = {
    {"VALIDATION_ERROR", 400},
    {"INVALID_REQUEST", 400},
    {"UNAUTHORIZED", 401},
    {"FORBIDDEN", 403},
    {"NOT_FOUND", 404},
    {"TEMPLATE_NOT_FOUND", 404},
    {"SESSION_NOT_FOUND", 404},
    {"EXECUTION_NOT_FOUND", 404},
    {"BATCH_NOT_FOUND", 404},
    {"CAPABILITY_NOT_FOUND", 404},
    {"STARTUP_FILE_NOT_FOUND", 404},
    {"FILE_NOT_FOUND", 404},
    {"METHOD_NOT_ALLOWED", 405},
    {"SESSION_NOT_READY", 409},
    {"SESSION_BUSY", 409},
    {"TEMPLATE_EXISTS", 409},
    {"CAPABILITY_EXISTS", 409},
    {"STARTUP_FILE_EXISTS", 409},
    {"IDEMPOTENCY_CONFLICT", 409},
    {"PAYLOAD_TOO_LARGE", 413},
    {"URI_TOO_LONG", 414},
    {"HEADERS_TOO_LARGE", 431},
    {"INVALID_PATH", 422},
    {"OUTPUT_LIMIT_EXCEEDED", 422},
    {"STARTUP_MODE_UNSUPPORTED", 422},
    {"STARTUP_FAILED", 422},
    {"MODULE_NOT_ALLOWED", 422},
    {"LIBRARY_NOT_FOUND", 422},
    {"LIBRARY_FAILED", 422},
    {"ENGINE_UNSUPPORTED", 422},
    {"WORKTREE_NOT_FOUND", 422},
    {"TOO_MANY_REQUESTS", 429},
    {"OVERLOADED", 503},
    {"INTERNAL", 500},
  };
  BOOST_TEST(std::size(rows) + 1 == enumerators<ec>().size());
  for (const auto& [name, status] : rows)
    BOOST_TEST_CONTEXT(name) {
      const auto code = error_code_of(name);
      BOOST_TEST(to_string_view(code) == name);
      BOOST_TEST(row_of(code).status == status);
      BOOST_TEST((row_of(code).code == code));
    }
}

BOOST_AUTO_TEST_CASE(codes_that_no_row_has_are_internal) {
  BOOST_TEST(to_string_view(ec::none) == "INTERNAL");
  BOOST_TEST(to_string_view(static_cast<ec>(255)) == "INTERNAL");
  BOOST_TEST(row_of(ec::none).status == 500);
  BOOST_TEST((error_code_of("") == ec::internal));
  BOOST_TEST((error_code_of("session_busy") == ec::internal));
  BOOST_TEST((error_code_of("SESSION_BUSY ") == ec::internal));
}

BOOST_AUTO_TEST_SUITE_END()
