#include "vmsystem/engine/sql_database.hpp"
#include "vmsystem/tests/must.hpp"
#include "vmsystem/tests/temp_folder.hpp"

#include <boost/test/unit_test.hpp>

#include <filesystem>
#include <string>

#include <sys/stat.h>

namespace fs = std::filesystem;
using namespace vmsystem::engine;
using vmsystem::test::must;
using vmsystem::test::temp_folder;

namespace {

const sql_database::stop_check go_on;

/// The worktree `work`, with a database beside it that must stay untouched.
struct sql_fixture {
  sql_fixture() {
    fs::create_directories(outer / "work/in");
    auto beside = must(worktree::open(outer.path().string()));
    auto secret = open(beside, "secret.db");
    BOOST_TEST_REQUIRE(
      secret.run_all("CREATE TABLE t(x); INSERT INTO t VALUES('secret')", go_on)
        .has_value());
  }

  static sql_database open(const worktree& folder, const std::string& path) {
    auto opened = sql_database::open(folder, path, false, go_on);
    BOOST_TEST_REQUIRE(opened.has_value());
    return std::move(opened).value();
  }

  [[nodiscard]] worktree work() const {
    return must(worktree::open(outer / "work"));
  }

  /// The name of the error that opening gives; `ok` for none.
  [[nodiscard]] std::string opening(const std::string& path,
                                    bool read_only = false) const {
    auto opened = sql_database::open(work(), path, read_only, go_on);
    if (!opened)
      return opened.error().code;
    auto used
      = opened.value().run("SELECT count(*) FROM sqlite_schema", {}, go_on);
    return used ? "ok" : used.error().code;
  }

  temp_folder outer;
};

sql_database in_memory() {
  auto opened = sql_database::open_in_memory();
  BOOST_TEST_REQUIRE(opened.has_value());
  return std::move(opened).value();
}

/// `ok`, or the name of the error.
std::string code_of(sql_database& to, const std::string& text,
                    const sql_parameters& parameters = {}) {
  const auto done = to.run(text, parameters, go_on);
  return done ? "ok" : done.error().code;
}

int64_t number(sql_database& from, const std::string& text) {
  const auto done = from.run(text, {}, go_on);
  BOOST_TEST_REQUIRE(done.has_value());
  return std::get<int64_t>(done.value().rows.at(0).at(0));
}

} // namespace

BOOST_AUTO_TEST_SUITE(databases)

BOOST_AUTO_TEST_CASE(values_of_each_type_come_back_as_they_went_in) {
  auto db = in_memory();
  const std::string text{"a\0\xc3\xa9", 4};
  const sql_parameters given{{int64_t{1} << 60, 0.5, text,
                              sql_blob{std::string{"\0\xff", 2}}, sql_blob{},
                              std::monostate{}},
                             {}};
  const auto done = db.run("SELECT ? AS i, ? AS r, ? AS t, ? AS b, ? AS e, "
                           "? AS n",
                           given, go_on);
  BOOST_TEST_REQUIRE(done.has_value());
  const auto& result = done.value();
  BOOST_TEST(result.columns.at(0) == "i");
  BOOST_TEST(result.columns.at(5) == "n");
  const auto& row = result.rows.at(0);
  BOOST_TEST(std::get<int64_t>(row[0]) == int64_t{1} << 60);
  BOOST_TEST(std::get<double>(row[1]) == 0.5);
  BOOST_TEST(std::get<std::string>(row[2]) == text);
  BOOST_TEST(std::get<sql_blob>(row[3]).bytes == std::string("\0\xff", 2));
  BOOST_TEST(std::get<sql_blob>(row[4]).bytes.empty());
  BOOST_TEST(std::holds_alternative<std::monostate>(row[5]));
}

BOOST_AUTO_TEST_CASE(parameters_have_places_or_names) {
  auto db = in_memory();
  const sql_parameters named{{}, {{"b", int64_t{2}}, {"a", int64_t{40}}}};
  const auto sum = db.run("SELECT :a + @b", named, go_on);
  BOOST_TEST_REQUIRE(sum.has_value());
  BOOST_TEST(std::get<int64_t>(sum.value().rows[0][0]) == 42);
  BOOST_TEST(code_of(db, "SELECT ?, ?", {{int64_t{1}}, {}}) == "SQLITE_MISUSE");
  BOOST_TEST(code_of(db, "SELECT ?", {{int64_t{1}, int64_t{2}}, {}})
             == "SQLITE_MISUSE");
  BOOST_TEST(code_of(db, "SELECT $x", named) == "SQLITE_MISUSE");
}

BOOST_AUTO_TEST_CASE(changes_and_transactions_are_told) {
  auto db = in_memory();
  BOOST_TEST_REQUIRE(
    db.run_all("CREATE TABLE t(id INTEGER PRIMARY KEY, x UNIQUE); -- end",
               go_on)
      .has_value());
  const auto added = db.run("INSERT INTO t(x) VALUES ('a'), ('b')", {}, go_on);
  BOOST_TEST(added.value().changes == 2);
  BOOST_TEST(added.value().last_insert_rowid == 2);
  BOOST_TEST(db.run("SELECT * FROM t", {}, go_on).value().changes == 0);
  BOOST_TEST(code_of(db, "INSERT INTO t(x) VALUES ('a')")
             == "SQLITE_CONSTRAINT");
  BOOST_TEST(!db.in_transaction());
  BOOST_TEST(code_of(db, "BEGIN") == "ok");
  BOOST_TEST(db.in_transaction());
  BOOST_TEST(code_of(db, "DELETE FROM t") == "ok");
  BOOST_TEST(code_of(db, "ROLLBACK") == "ok");
  BOOST_TEST(number(db, "SELECT count(*) FROM t") == 2);
}

BOOST_AUTO_TEST_CASE(wrong_statements_have_sqlites_words) {
  auto db = in_memory();
  const auto wrong = db.run("SELEC 1", {}, go_on);
  BOOST_TEST_REQUIRE(wrong.has_error());
  BOOST_TEST(wrong.error().code == "SQLITE_ERROR");
  BOOST_TEST(wrong.error().message == "near \"SELEC\": syntax error");
  BOOST_TEST(code_of(db, "") == "SQLITE_MISUSE");
  BOOST_TEST(code_of(db, "  -- nothing") == "SQLITE_MISUSE");
  BOOST_TEST(code_of(db, "SELECT 1; SELECT 2") == "SQLITE_MISUSE");
  BOOST_TEST(code_of(db, "SELECT 1; -- behind") == "ok");
  BOOST_TEST(code_of(db, "SELECT 1 FROM nowhere") == "SQLITE_ERROR");
  const auto half = db.run_all("CREATE TABLE t(x); SELEC", go_on);
  BOOST_TEST(half.has_error());
  BOOST_TEST(number(db, "SELECT count(*) FROM t") == 0);
}

BOOST_FIXTURE_TEST_CASE(files_of_the_worktree_keep_what_is_stored,
                        sql_fixture) {
  {
    auto db = open(work(), "in/a.db");
    BOOST_TEST(code_of(db, "CREATE TABLE t AS SELECT 7 AS x") == "ok");
  }
  auto again = open(work(), "in/a.db");
  BOOST_TEST(number(again, "SELECT x FROM t") == 7);
  BOOST_TEST(fs::exists(outer / "work/in/a.db"));
  auto reader = sql_database::open(work(), "in/a.db", true, go_on);
  BOOST_TEST_REQUIRE(reader.has_value());
  BOOST_TEST(code_of(reader.value(), "DELETE FROM t") == "SQLITE_READONLY");
  BOOST_TEST(opening("new.db", true) == "SQLITE_CANTOPEN");
  BOOST_TEST(!fs::exists(outer / "work/new.db"));
}

BOOST_FIXTURE_TEST_CASE(no_path_leads_out_of_the_worktree, sql_fixture) {
  fs::create_symlink("../secret.db", outer / "work/link.db");
  fs::create_symlink("..", outer / "work/up");
  fs::create_symlink("a.db", outer / "work/near.db");
  ::mkfifo((outer / "work/pipe").c_str(), 0600);
  for (const auto* path :
       {"../secret.db", "link.db", "up/secret.db", "in/../../secret.db",
        "near.db", "pipe", "in", ".", "..", "", "in/", "nowhere/a.db"})
    BOOST_TEST(opening(path) == "SQLITE_CANTOPEN", path);
  BOOST_TEST(opening(outer / "secret.db") == "SQLITE_CANTOPEN");
  // What looks like a URI is a file's name.
  BOOST_TEST(opening("file:x?mode=memory") == "ok");
  BOOST_TEST(fs::exists(outer / "work/file:x?mode=memory"));
}

BOOST_FIXTURE_TEST_CASE(a_link_that_comes_later_is_not_followed, sql_fixture) {
  auto db = open(work(), "a.db");
  BOOST_TEST(code_of(db, "CREATE TABLE t(x)") == "ok");
  // SQLite opens the journal when a statement writes.
  fs::create_symlink("../secret.db", outer / "work/a.db-journal");
  BOOST_TEST(code_of(db, "INSERT INTO t VALUES (1)") != "ok");
  auto beside = must(worktree::open(outer.path().string()));
  auto secret = open(beside, "secret.db");
  BOOST_TEST(number(secret, "SELECT count(*) FROM t") == 1);
}

BOOST_FIXTURE_TEST_CASE(a_folder_that_moves_takes_its_database_along,
                        sql_fixture) {
  auto db = open(work(), "in/a.db");
  BOOST_TEST(code_of(db, "CREATE TABLE t(x)") == "ok");
  fs::rename(outer / "work/in", outer / "work/moved");
  fs::create_symlink(outer.path(), outer / "work/in");
  BOOST_TEST(code_of(db, "INSERT INTO t VALUES (1)") == "ok");
  BOOST_TEST(!fs::exists(outer / "a.db-journal"));
  auto again = open(work(), "moved/a.db");
  BOOST_TEST(number(again, "SELECT count(*) FROM t") == 1);
}

BOOST_FIXTURE_TEST_CASE(statements_reach_no_other_file, sql_fixture) {
  auto db = open(work(), "a.db");
  const std::string secret = "'" + (outer / "secret.db") + "'";
  const std::string forbidden[] = {
    "ATTACH " + secret + " AS s",
    "ATTACH 'b.db' AS s",
    "DETACH main",
    "VACUUM INTO " + secret,
    "VACUUM INTO 'b.db'",
    "SELECT load_extension('x.so')",
    "SELECT readfile(" + secret + ")",
    "SELECT writefile('b', 'x')",
    "CREATE VIRTUAL TABLE v USING csv(filename=" + secret + ")",
    "PRAGMA temp_store_directory = '/tmp'",
    "PRAGMA data_store_directory = '/tmp'",
    "PRAGMA journal_mode = WAL",
    "PRAGMA trusted_schema = ON",
    "PRAGMA writable_schema = ON",
    "PRAGMA temp_store = FILE",
    "PRAGMA mmap_size = 1000000000",
    "PRAGMA locking_mode = EXCLUSIVE",
    "PRAGMA hard_heap_limit = 1",
    "PRAGMA soft_heap_limit = 1",
    "PRAGMA threads = 8",
    "PRAGMA database_list",
  };
  for (const auto& text : forbidden) {
    const auto code = code_of(db, text);
    BOOST_TEST((code == "SQLITE_AUTH" || code == "SQLITE_ERROR"),
               text << " gave " << code);
  }
  BOOST_TEST(!fs::exists(outer / "work/b.db"));
  BOOST_TEST(!fs::exists(outer / "work/b"));
  BOOST_TEST(code_of(db, "PRAGMA user_version = 3") == "ok");
  BOOST_TEST(number(db, "PRAGMA user_version") == 3);
}

BOOST_AUTO_TEST_CASE(a_statement_that_never_ends_is_stopped) {
  auto db = in_memory();
  int looks = 0;
  const sql_database::stop_check stop = [&] { return ++looks > 100; };
  const std::string endless = "WITH RECURSIVE r(n) AS (SELECT 1 UNION ALL "
                              "SELECT n + 1 FROM r) SELECT count(*) FROM r";
  const auto stopped = db.run(endless, {}, stop);
  BOOST_TEST_REQUIRE(stopped.has_error());
  BOOST_TEST(stopped.error().code == "SQLITE_INTERRUPT");
  BOOST_TEST(looks == 101);
  looks = 0;
  const auto all = db.run_all("CREATE TABLE t(x); " + endless, stop);
  BOOST_TEST_REQUIRE(all.has_error());
  BOOST_TEST(all.error().code == "SQLITE_INTERRUPT");
  BOOST_TEST(code_of(db, "SELECT * FROM t") == "ok");
}

BOOST_FIXTURE_TEST_CASE(waiting_for_a_lock_is_stopped_too, sql_fixture) {
  auto holder = open(work(), "a.db");
  BOOST_TEST(code_of(holder, "BEGIN EXCLUSIVE") == "ok");
  int looks = 0;
  const sql_database::stop_check stop = [&] { return ++looks > 3; };
  const auto stopped = sql_database::open(work(), "a.db", false, stop);
  BOOST_TEST_REQUIRE(stopped.has_error());
  BOOST_TEST(stopped.error().code == "SQLITE_BUSY");
  BOOST_TEST(looks > 3);
  BOOST_TEST(code_of(holder, "COMMIT") == "ok");
  auto writer = open(work(), "a.db");
  auto second = open(work(), "a.db");
  BOOST_TEST(code_of(writer, "BEGIN IMMEDIATE") == "ok");
  looks = 0;
  const auto waited = second.run("CREATE TABLE t(x)", {}, stop);
  BOOST_TEST_REQUIRE(waited.has_error());
  BOOST_TEST(waited.error().code == "SQLITE_BUSY");
}

BOOST_AUTO_TEST_CASE(giants_are_refused) {
  auto db = in_memory();
  BOOST_TEST(code_of(db, "SELECT zeroblob(1000000000)") == "SQLITE_TOOBIG");
  BOOST_TEST(code_of(db, "SELECT hex(zeroblob(8000000))") == "SQLITE_TOOBIG");
  BOOST_TEST(code_of(db, "WITH RECURSIVE r(n) AS (SELECT 1 UNION ALL SELECT "
                         "n + 1 FROM r LIMIT 100) "
                         "SELECT zeroblob(1000000) FROM r")
             == "SQLITE_TOOBIG");
  const std::string long_text(max_sql_text_bytes + 1, ' ');
  BOOST_TEST(code_of(db, long_text) == "SQLITE_TOOBIG");
  BOOST_TEST(db.run_all(long_text, go_on).error().code == "SQLITE_TOOBIG");
  BOOST_TEST(code_of(db, "WITH RECURSIVE r(n) AS (SELECT 1 UNION ALL SELECT "
                         "n + 1 FROM r LIMIT 1000) SELECT count(*) FROM "
                         "(SELECT zeroblob(1000000) AS b FROM r ORDER BY b)")
             == "SQLITE_NOMEM");
  BOOST_TEST(number(db, "SELECT 1") == 1);
}

BOOST_FIXTURE_TEST_CASE(a_file_that_is_no_database_is_told, sql_fixture) {
  outer.put("work/text.db", std::string(5000, 'x'));
  BOOST_TEST(opening("text.db") == "SQLITE_NOTADB");
  auto db = open(work(), "a.db");
  BOOST_TEST(code_of(db, "CREATE TABLE t(x)") == "ok");
  outer.put("work/empty.db", "");
  BOOST_TEST(opening("empty.db") == "ok");
}

BOOST_AUTO_TEST_SUITE_END()
