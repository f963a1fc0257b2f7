#include "lines.hpp"

using namespace vmsystem::test;

namespace {

finished_program alone(std::vector<std::string> arguments,
                       const variables& extra = {}) {
  arguments.insert(arguments.begin(), program());
  return run_program(arguments, extra);
}

/// Checks the manual page of a command, and those of the commands below it.
/// @returns how many pages there are.
std::size_t check_manual(const std::vector<std::string>& command) {
  auto arguments = command;
  arguments.emplace_back("--help");
  const auto page = alone(arguments);
  std::string path = "vm-system";
  for (const auto& word : command)
    path += ' ' + word;
  std::size_t count = 1;
  BOOST_TEST_CONTEXT(path << " --help\n" << page.out) {
    BOOST_TEST(page.status == 0);
    BOOST_TEST(page.err.empty());
    BOOST_TEST(page.out.find("NAME\n       " + path + " - ") == 0u);
    for (const std::string part :
         {"SYNOPSIS", "FLAGS", "EXIT STATUS", "EXAMPLE"})
      BOOST_TEST(page.out.find('\n' + part + '\n') != std::string::npos, part);
    BOOST_TEST(page.out.find("Environment: VM_SYSTEM_SERVER_URL")
               != std::string::npos);
    for (const auto& line : lines_of(page.out))
      BOOST_TEST(line.size() <= 80u, line);
  }
  for (const auto& name : commands_on(page.out)) {
    auto inner = command;
    inner.push_back(name);
    count += check_manual(inner);
  }
  return count;
}

} // namespace

BOOST_AUTO_TEST_CASE(every_command_has_a_manual_page) {
  BOOST_TEST(check_manual({}) >= 35u);
}

BOOST_AUTO_TEST_CASE(wrong_usage_is_status_2_and_says_what_is_wrong) {
  const std::vector<std::vector<std::string>> wrong{
    {},
    {"bogus"},
    {"libs", "download", "left-pad"},
    {"template"},
    {"template", "bogus"},
    {"template", "create"},
    {"template", "get"},
    {"template", "list", "extra"},
    {"exec", "repl", "S"},
    {"exec", "list", "S", "--limit", "many"},
    {"exec", "list", "S", "--limit", "-5"},
    {"serve", "--slots", "x"},
    {"serve", "--keep-days", "-1"},
    {"serve", "--keep-days", "soon"},
    {"serve", "--keep-executions", "1.5"},
    {"serve", "--keep-executions", "4294967296"},
    {"serve", "--max-in-flight", "0"},
    {"serve", "--durability", "maybe"},
    {"serve", "--listen", "nowhere"},
    {"--output", "xml", "ops", "health"},
    {"--bogus", "ops", "health"},
    {"run"},
  };
  for (const auto& arguments : wrong) {
    const auto ran = alone(arguments);
    std::string shown;
    for (const auto& word : arguments)
      shown += word + ' ';
    BOOST_TEST_CONTEXT(shown << ": " << ran.err) {
      BOOST_TEST(ran.status == 2);
      BOOST_TEST(ran.out.empty());
      BOOST_TEST(ran.err.rfind("vm-system: ", 0) == 0u);
      BOOST_TEST(ran.err.find("Try --help.") != std::string::npos);
    }
  }
}

BOOST_AUTO_TEST_CASE(the_environment_stands_for_flags_and_flags_win) {
  const auto port = std::to_string(shared_daemon().port());
  const variables wrong{{"VM_SYSTEM_SERVER_URL", "http://127.0.0.1:1"}};
  BOOST_TEST(alone({"ops", "health"}, wrong).status == 1);
  BOOST_TEST(
    alone({"--server-url", "http://127.0.0.1:" + port, "ops", "health"}, wrong)
      .status
    == 0);
  BOOST_TEST(
    alone({"ops", "health", "--server-url", "http://127.0.0.1:" + port + '/'})
      .status
    == 0);
  // A variable of another command does no harm.
  BOOST_TEST(vm({"ops", "health"}, {{"VM_SYSTEM_SLOTS", "many"}}).status == 0);
  BOOST_TEST(alone({"serve"}, {{"VM_SYSTEM_LISTEN", "nowhere"}}).status == 2);
}

BOOST_AUTO_TEST_CASE(a_server_that_is_not_there_is_a_clear_error) {
  const auto ran
    = alone({"--server-url", "http://127.0.0.1:1", "template", "list"});
  BOOST_TEST(ran.status == 1);
  BOOST_TEST(ran.out.empty());
  BOOST_TEST(ran.err.rfind("vm-system: UNREACHABLE: ", 0) == 0u);
  BOOST_TEST(ran.err.find("http://127.0.0.1:1") != std::string::npos);
  BOOST_TEST(alone({"--server-url", "ftp://x", "ops", "health"}).status == 1);
}

BOOST_AUTO_TEST_CASE(the_daemon_tells_its_port) {
  auto& server = shared_daemon();
  BOOST_TEST(server.port() != 0);
  BOOST_TEST(server.request("GET", "/api/v1/health").status == 200);
}

BOOST_AUTO_TEST_CASE(a_busy_address_is_one_clear_line) {
  const temp_folder folder;
  const auto address = "127.0.0.1:" + std::to_string(shared_daemon().port());
  const auto ran = alone({"--db", folder / "store", "--log-level", "off",
                          "serve", "--listen", address});
  BOOST_TEST(ran.status == 1);
  BOOST_TEST(ran.out.empty());
  BOOST_TEST(lines_of(ran.err).size() == 1u, ran.err);
  BOOST_TEST(ran.err.find(address) != std::string::npos, ran.err);
}

BOOST_AUTO_TEST_CASE(a_store_in_use_is_one_clear_line) {
  const temp_folder folder;
  test_daemon first{folder.path().string(), {}};
  const auto ran = alone({"--db", folder / "store", "--log-level", "off",
                          "serve", "--listen", "127.0.0.1:0"});
  BOOST_TEST(ran.status == 1);
  BOOST_TEST(lines_of(ran.err).size() == 1u, ran.err);
  BOOST_TEST(ran.err.find(folder / "store") != std::string::npos, ran.err);
}

BOOST_AUTO_TEST_CASE(a_store_that_cannot_be_is_one_clear_line) {
  const temp_folder folder;
  write_file(folder / "file", "no folder");
  const auto ran = alone({"--db", folder / "file", "--log-level", "off",
                          "serve", "--listen", "127.0.0.1:0"});
  BOOST_TEST(ran.status == 1);
  BOOST_TEST(lines_of(ran.err).size() == 1u, ran.err);
}

BOOST_AUTO_TEST_SUITE(run)

BOOST_AUTO_TEST_CASE(console_and_value_go_where_they_belong) {
  const temp_folder folder;
  write_file(folder / "a.js",
             "console.log('out', __ARGS__.n); console.error('err'); "
             "__ENV__.HOME");
  const auto ran = alone({"run", folder / "a.js", "--args", R"({"n":1})",
                          "--env", R"({"HOME":"here"})"});
  BOOST_TEST(ran.status == 0);
  BOOST_TEST(ran.out == "out 1\nhere\n");
  BOOST_TEST(ran.err == "err\n");
}

BOOST_AUTO_TEST_CASE(undefined_is_not_printed) {
  const temp_folder folder;
  write_file(folder / "a.js", "undefined");
  const auto ran = alone({"run", folder / "a.js"});
  BOOST_TEST(ran.status == 0);
  BOOST_TEST(ran.out.empty());
}

BOOST_AUTO_TEST_CASE(failures_of_the_script_are_status_3) {
  const temp_folder folder;
  write_file(folder / "throws.js", "throw new TypeError('bad')");
  const auto threw = alone({"run", folder / "throws.js"});
  BOOST_TEST(threw.status == 3);
  BOOST_TEST(threw.err.rfind("vm-system: exception: TypeError: bad\n", 0)
             == 0u);
  write_file(folder / "loops.js", "for(;;);");
  const auto looped
    = alone({"run", folder / "loops.js", "--limit", "wall_ms=100"});
  BOOST_TEST(looped.status == 3);
  BOOST_TEST(looped.err.find("wall_timeout") != std::string::npos);
}

BOOST_AUTO_TEST_CASE(failures_of_the_request_are_status_1) {
  const temp_folder folder;
  const auto missing = alone({"run", folder / "nowhere.js"});
  BOOST_TEST(missing.status == 1);
  BOOST_TEST(missing.err.rfind("vm-system: FILE_NOT_FOUND: ", 0) == 0u);
  write_file(folder / "a.js", "1");
  const auto zero = alone({"run", folder / "a.js", "--limit", "wall_ms=0"});
  BOOST_TEST(zero.status == 1);
  BOOST_TEST(zero.err.rfind("vm-system: VALIDATION_ERROR: ", 0) == 0u);
  BOOST_TEST(alone({"run", folder / "a.js", "--limit", "wall_ms"}).status == 2);
}

BOOST_AUTO_TEST_CASE(json_output_has_record_and_events) {
  const temp_folder folder;
  write_file(folder / "a.js", "console.log(1); 2");
  const auto ran = alone({"--output", "json", "run", folder / "a.js"});
  const auto both = vmsystem::json_value::parse(ran.out);
  BOOST_TEST_REQUIRE(both.has_value());
  BOOST_TEST(both->field("execution").field("end_reason").text() == "ok");
  BOOST_TEST(both->field("events").elements().size() == 2u);
}

BOOST_AUTO_TEST_SUITE_END()
