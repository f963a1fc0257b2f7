#define BOOST_TEST_MODULE documents
#include "vmsystem/actors/http_gateway.hpp"
#include "vmsystem/models/end_reason.hpp"
#include "vmsystem/models/error_code.hpp"
#include "vmsystem/models/event.hpp"

#include <boost/test/unit_test.hpp>

#include <fstream>
#include <iterator>
#include <set>
#include <string>

using namespace vmsystem;

namespace {

std::string page() {
  std::ifstream file{VMSYSTEM_DOCS "/api.md"};
  BOOST_REQUIRE(file);
  return {std::istreambuf_iterator<char>{file}, {}};
}

/// The lines of the page that begin with `prefix`.
std::set<std::string> lines_with(const std::string& prefix) {
  std::set<std::string> result;
  std::ifstream file{VMSYSTEM_DOCS "/api.md"};
  for (std::string line; std::getline(file, line);)
    if (line.compare(0, prefix.size(), prefix) == 0)
      result.insert(line);
  return result;
}

} // namespace

BOOST_AUTO_TEST_CASE(the_page_has_every_route_and_no_other) {
  std::set<std::string> documented;
  for (const std::string verb : {"GET", "POST", "PUT", "DELETE"})
    documented.merge(lines_with("| " + verb + " | "));
  std::set<std::string> served;
  for (const auto& route : http_routes())
    served.insert("| " + std::string{http::name_of(route.verb)} + " | `"
                  + std::string{route.pattern} + "` | "
                  + std::string{route.summary} + " |");
  BOOST_TEST(documented == served, boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(the_page_has_the_whole_error_table) {
  std::set<std::string> table;
  for (const auto& row : error_table())
    table.insert("| `" + std::string{row.name} + "` | "
                 + std::to_string(row.status) + " | " + std::string{row.when}
                 + " |");
  std::set<std::string> documented;
  for (const auto& line : lines_with("| `"))
    if (line.find("` | 4") != std::string::npos
        || line.find("` | 5") != std::string::npos)
      documented.insert(line);
  BOOST_TEST(documented == table, boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(the_page_names_all_statuses_reasons_and_types) {
  const auto text = page();
  for (const auto& names : {all_names<end_reason>(), all_names<event_type>(),
                            all_names<execution_status>()})
    BOOST_TEST((text.find(names) != std::string::npos), names);
}
