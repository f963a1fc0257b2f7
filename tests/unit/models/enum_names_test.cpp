#include "vmsystem/models/batch.hpp"
#include "vmsystem/models/change.hpp"
#include "vmsystem/models/event.hpp"
#include "vmsystem/models/runtime_options.hpp"
#include "vmsystem/models/session.hpp"
#include "vmsystem/models/template.hpp"
#include "vmsystem/tests/unit/models/enumerators.hpp"

#include <boost/mpl/list.hpp>
#include <boost/test/unit_test.hpp>

#include <set>
#include <string>
#include <string_view>
#include <vector>

using namespace vmsystem;
using namespace vmsystem::test;

BOOST_AUTO_TEST_SUITE(enum_name_lists)

using all_enums
  = boost::mpl::list<change_kind, end_reason, execution_status, execution_kind,
                     event_type, console_level, value_type, session_status,
                     capability_kind, name_list, durability>;

BOOST_AUTO_TEST_CASE_TEMPLATE(every_value_has_its_own_name, Enum, all_enums) {
  const auto& names = enum_names<Enum>::value;
  const auto identifiers = enumerators<Enum>();
  BOOST_TEST_REQUIRE(names.size() == identifiers.size());
  std::set<std::string_view> seen;
  for (std::size_t i = 0; i < names.size(); ++i)
    BOOST_TEST_CONTEXT(names[i]) {
      const auto value = static_cast<Enum>(i);
      BOOST_TEST(!names[i].empty());
      BOOST_TEST(seen.insert(names[i]).second);
      BOOST_TEST(name_of(value) == names[i]);
      const auto found = value_of<Enum>(names[i]);
      BOOST_TEST_REQUIRE(found.has_value());
      BOOST_TEST((*found == value));
      // `stdout_text` stands for `stdout`, which is a macro.
      BOOST_TEST(identifiers[i].substr(0, names[i].size()) == names[i]);
    }
}

BOOST_AUTO_TEST_CASE_TEMPLATE(other_texts_name_no_value, Enum, all_enums) {
  const std::string first{enum_names<Enum>::value.front()};
  const std::string texts[]
    = {"",   "?", first + ' ', ' ' + first, first + "x", std::string{first, 1},
       "OK", "0"};
  for (const auto& text : texts)
    BOOST_TEST_CONTEXT(text) {
      BOOST_TEST(!value_of<Enum>(text).has_value());
    }
}

BOOST_AUTO_TEST_CASE_TEMPLATE(a_value_without_a_name_is_a_question_mark, Enum,
                              all_enums) {
  const auto count = enum_names<Enum>::value.size();
  BOOST_TEST(name_of(static_cast<Enum>(count)) == "?");
  BOOST_TEST(name_of(static_cast<Enum>(255)) == "?");
}

BOOST_AUTO_TEST_CASE(all_names_are_listed_in_order) {
  BOOST_TEST(all_names<execution_kind>() == "startup, run_file, repl");
  BOOST_TEST(all_names<session_status>() == "starting, ready, crashed, closed");
}

BOOST_AUTO_TEST_CASE(stored_names_are_frozen) {
  BOOST_TEST(all_names<execution_status>()
             == "running, ok, error, timeout, cancelled");
  BOOST_TEST(all_names<end_reason>()
             == "ok, exception, syntax_error, wall_timeout, cpu_timeout, "
                "memory_limit, stack_limit, output_limit, event_limit, "
                "cancelled, session_closed, interrupted, engine_failure, "
                "invalid_job");
  BOOST_TEST(all_names<batch_status>()
             == "receiving, running, completed, stopped, cancelled, failed, "
                "interrupted");
  BOOST_TEST(all_names<batch_isolation>() == "fresh, session");
  BOOST_TEST(all_names<batch_on_error>() == "continue, stop");
  BOOST_TEST(all_names<event_type>()
             == "input_echo, console, value, exception, system, stdout, "
                "stderr");
  BOOST_TEST(all_names<console_level>() == "log, info, warn, error, debug");
  BOOST_TEST(all_names<value_type>()
             == "undefined, null, boolean, number, bigint, string, symbol, "
                "function, array, object");
  BOOST_TEST(all_names<capability_kind>() == "module, global, fs, net, env");
}

BOOST_AUTO_TEST_CASE(every_end_reason_has_its_status) {
  struct row {
    end_reason reason;
    execution_status status;
  };
  const row rows[] = {
    {end_reason::ok, execution_status::ok},
    {end_reason::exception, execution_status::error},
    {end_reason::syntax_error, execution_status::error},
    {end_reason::wall_timeout, execution_status::timeout},
    {end_reason::cpu_timeout, execution_status::timeout},
    {end_reason::memory_limit, execution_status::error},
    {end_reason::stack_limit, execution_status::error},
    {end_reason::output_limit, execution_status::error},
    {end_reason::event_limit, execution_status::error},
    {end_reason::cancelled, execution_status::cancelled},
    {end_reason::session_closed, execution_status::cancelled},
    {end_reason::interrupted, execution_status::error},
    {end_reason::engine_failure, execution_status::error},
    {end_reason::invalid_job, execution_status::error},
  };
  BOOST_TEST(std::size(rows) == enum_names<end_reason>::value.size());
  for (const auto& [reason, status] : rows)
    BOOST_TEST(name_of(status_of(reason)) == name_of(status));
}

BOOST_AUTO_TEST_SUITE_END()
