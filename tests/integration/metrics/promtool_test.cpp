#define BOOST_TEST_MODULE promtool
#include "daemon.hpp"
#include "dashboard.hpp"

#include <boost/test/unit_test.hpp>

#include <string>
#include <utility>
#include <vector>

using namespace vmsystem;
using namespace vmsystem::test;

namespace {

/// An expression as Prometheus gets it: with values for Grafana's variables.
std::string filled_in(std::string expression) {
  const std::pair<std::string, std::string> values[]{{"$__rate_interval", "5m"},
                                                     {"$instance", ".*"}};
  for (const auto& [name, value] : values)
    for (auto at = expression.find(name); at != std::string::npos;
         at = expression.find(name))
      expression.replace(at, name.size(), value);
  return expression;
}

} // namespace

BOOST_AUTO_TEST_CASE(promtool_finds_nothing_to_object_to) {
  const test_daemon server;
  auto client = server.connect();
  run_snippet(client, make_session(client, make_template(client)), "1");
  const temp_folder folder;
  const auto file = folder / "metrics";
  write_file(file, server.request("GET", "/metrics").body);
  const auto check = [&] {
    return run_program({"/bin/sh", "-c", "\"$0\" check metrics < \"$1\"",
                        VMSYSTEM_PROMTOOL, file});
  };
  const auto found = check();
  BOOST_TEST(found.status == 0, found.out << found.err);
  BOOST_TEST((found.out + found.err) == "");
  write_file(file, "x_total{ 1\n");
  BOOST_TEST(check().status != 0);
}

BOOST_AUTO_TEST_CASE(promtool_reads_the_expressions_of_the_dashboard) {
  const auto dashboard
    = json_value::parse(bytes_of(VMSYSTEM_DOCS "/grafana-dashboard.json"));
  BOOST_REQUIRE(dashboard.has_value());
  const temp_folder folder;
  const auto check = [&](const std::vector<std::string>& expressions) {
    std::string rules = R"({"groups":[{"name":"panels","rules":[)";
    for (std::size_t i = 0; i < expressions.size(); ++i)
      rules += std::string{i > 0 ? "," : ""} + R"({"record":"panel:)"
               + std::to_string(i) + R"(","expr":)"
               + json_quoted(filled_in(expressions[i])) + '}';
    write_file(folder / "rules.yml", rules + "]}]}");
    return run_program(
      {VMSYSTEM_PROMTOOL, "check", "rules", folder / "rules.yml"});
  };
  const auto found = check(expressions_of(*dashboard));
  BOOST_TEST(found.status == 0, found.out << found.err);
  BOOST_TEST(check({"sum(rate(x[5m])"}).status != 0);
}
