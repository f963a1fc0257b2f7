#include "lines.hpp"

#include <filesystem>

using namespace vmsystem::test;

namespace {

namespace fs = std::filesystem;
using vmsystem::json_value;

/// A store with something of each kind in it, which a server left.
struct left_store {
  temp_folder folder;
  std::string path = folder / "store";

  left_store() {
    test_daemon server{folder.path().string(), {}};
    auto client = server.connect();
    const auto made = make_template(client);
    const auto session = make_session(client, made);
    run_snippet(client, session, "console.log('a\\n\"b'); 2 ** 69");
    run_snippet(client, session, "throw new Error('no')");
    run_snippet(client, session,
                "let deep = []; for (let i = 0; i < 3000; ++i) deep = [deep]; "
                "deep");
    ask(client, "POST", "/api/v1/executions/repl", repl_body(session, "1"));
    const auto once
      = client.request("POST", "/api/v1/executions/repl",
                       repl_body(session, "1"), "Idempotency-Key: once\r\n");
    BOOST_TEST_REQUIRE(once.status < 300, once.body);
    const auto batch
      = ask(client, "POST", "/api/v1/batches",
            "{\"template_id\":\"" + made
              + "\",\"jobs\":[{\"input\":\"1\"},{\"input\":\"throw 1\"},"
                "{\"path\":\"none.js\"},{}]}");
    wait_for_batch(client, batch.field("id").text());
    BOOST_TEST_REQUIRE((server.stop() == 0), server.log());
  }

  finished_program vm(std::vector<std::string> arguments) const {
    arguments.insert(arguments.begin(),
                     {program(), "--db", path, "--log-level", "off"});
    return run_program(arguments);
  }

  /// Spoils the middle of the files whose names begin or end so.
  void spoil(const std::string& begin, const std::string& end) const {
    for (const auto& entry : fs::directory_iterator{path}) {
      const auto name = entry.path().filename().string();
      if (name.rfind(begin, 0) != 0 || name.size() < end.size()
          || name.substr(name.size() - end.size()) != end)
        continue;
      auto bytes = bytes_of(entry.path().string());
      bytes.replace(bytes.size() / 3, bytes.size() / 3, bytes.size() / 3,
                    '\xff');
      write_file(entry.path().string(), bytes);
    }
  }

  /// `serve` refuses the store in one line with these words.
  void serve_refuses(const std::string& words) const {
    const auto served = vm({"serve", "--listen", "127.0.0.1:0"});
    BOOST_TEST(served.status == 1);
    BOOST_TEST(lines_of(served.err).size() == 1u, served.err);
    BOOST_TEST(served.err.find("the store " + path) != std::string::npos,
               served.err);
    BOOST_TEST(served.err.find(words) != std::string::npos, served.err);
  }
};

/// How many things a server lists.
std::size_t count(const test_daemon& server, const std::string& target) {
  auto client = server.connect();
  return ask(client, "GET", target).elements().size();
}

} // namespace

BOOST_FIXTURE_TEST_SUITE(db, left_store)

BOOST_AUTO_TEST_CASE(what_a_server_leaves_is_sound) {
  const auto checked = vm({"db", "check"});
  BOOST_TEST(checked.status == 0, checked.out << checked.err);
  check_lines(checked, {"Sound: [1-9][0-9]* keys"});
  const auto document = vm({"--output", "json", "db", "check"});
  BOOST_TEST(document.out.rfind("{\"sound\":true,\"keys\":", 0) == 0u,
             document.out);
  BOOST_TEST(document.out.find("\"faults\":[],\"further_faults\":0}")
             != std::string::npos);
}

BOOST_AUTO_TEST_CASE(stats_have_a_row_for_each_family) {
  const auto counted = vm({"db", "stats"});
  BOOST_TEST(counted.status == 0, counted.err);
  const auto rows = lines_of(counted.out);
  BOOST_TEST_REQUIRE(rows.size() == 8u);
  BOOST_TEST(
    std::regex_match(rows[0], std::regex{"FAMILY +KEYS +BYTES +TABLE BYTES"}));
  const auto document
    = json_value::parse(vm({"--output", "json", "db", "stats"}).out);
  BOOST_TEST_REQUIRE(document.has_value());
  std::string executions;
  for (const auto& row : document->elements())
    if (row.field("family").text() == "executions")
      executions = row.field("keys").raw();
  BOOST_TEST(executions == "9");
}

BOOST_AUTO_TEST_CASE(a_backup_is_restored_and_served) {
  check_lines(vm({"db", "backup", "--to", folder / "backups"}),
              {"Backup: 1 \\([0-9]+ files, [0-9]+ bytes\\)"});
  const auto refused = vm({"db", "restore", "--from", folder / "backups"});
  BOOST_TEST(refused.status == 1);
  BOOST_TEST(refused.err.find("something is there") != std::string::npos);
  fs::rename(path, folder / "moved");
  check_lines(vm({"db", "restore", "--from", folder / "backups"}),
              {"Backup: 1 \\([0-9]+ files, [0-9]+ bytes\\)"});
  BOOST_TEST(vm({"db", "check"}).status == 0);
  test_daemon server{folder.path().string(), {}};
  BOOST_TEST(count(server, "/api/v1/templates") == 1u);
}

BOOST_AUTO_TEST_CASE(a_store_that_is_served_is_refused_by_the_server_s_name) {
  test_daemon server{folder.path().string(), {}};
  const auto holder = "is in use by process "
                      + std::to_string(server.process().pid())
                      + " (vm-system); stop that one";
  for (const std::vector<std::string>& command :
       std::vector<std::vector<std::string>>{{"db", "check"},
                                             {"db", "stats"},
                                             {"db", "repair"},
                                             {"db", "backup", "--to",
                                              folder / "backups"}}) {
    const auto refused = vm(command);
    BOOST_TEST(refused.status == 1);
    BOOST_TEST(refused.err.find(holder) != std::string::npos, refused.err);
  }
  serve_refuses(holder);
}

BOOST_AUTO_TEST_CASE(there_must_be_a_store) {
  fs::rename(path, folder / "moved");
  for (const auto* command : {"check", "stats", "repair"}) {
    const auto refused = vm({"db", command});
    BOOST_TEST(refused.status == 1);
    BOOST_TEST(refused.err
               == "vm-system: INTERNAL: there is no store at " + path + "\n");
  }
  BOOST_TEST(!fs::exists(path));
}

BOOST_AUTO_TEST_CASE(a_damaged_manifest_is_refused_and_repaired) {
  spoil("MANIFEST-", "");
  serve_refuses("is damaged: ");
  serve_refuses("restore it from a backup (`vm-system db restore`), save what "
                "can be read (`vm-system db repair`)");
  const auto checked = vm({"db", "check"});
  BOOST_TEST(checked.status == 1);
  BOOST_TEST(checked.err.find("vm-system db repair") != std::string::npos);
  const auto document = vm({"--output", "json", "db", "check"});
  BOOST_TEST(document.out.rfind("{\"sound\":false,", 0) == 0u, document.out);

  const auto repaired = vm({"db", "repair"});
  BOOST_TEST(repaired.status == 0, repaired.err);
  BOOST_TEST(after("Damage: ", repaired.out).find("is damaged: ")
             != std::string::npos);
  BOOST_TEST(after("Lost for good: ", repaired.out) == "0");
  BOOST_TEST(after("The store as it was: ", repaired.out)
             == path + ".before-repair-1");
  BOOST_TEST(vm({"db", "check"}).status == 0);
  test_daemon server{folder.path().string(), {}};
  BOOST_TEST(count(server, "/api/v1/batches") == 1u);
}

BOOST_AUTO_TEST_CASE(damaged_tables_are_refused_and_repaired) {
  // A server that was stopped leaves its last changes in the log: backing up
  // moves them into tables.
  BOOST_TEST(vm({"db", "backup", "--to", folder / "backups"}).status == 0);
  spoil("", ".sst");
  serve_refuses("is damaged: ");
  const auto checked = vm({"db", "check"});
  BOOST_TEST(checked.status == 1);
  const auto repaired = vm({"--output", "json", "db", "repair"});
  BOOST_TEST(repaired.status == 0, repaired.err);
  const auto document = json_value::parse(repaired.out);
  BOOST_TEST_REQUIRE(document.has_value(), repaired.out);
  BOOST_TEST(!document->field("lost_files").elements().empty());
  BOOST_TEST(vm({"db", "check"}).status == 0);
  test_daemon server{folder.path().string(), {}};
}

BOOST_AUTO_TEST_SUITE_END()
