#include "lines.hpp"
#include "vmsystem/tests/eventually.hpp"

#include <csignal>
#include <set>
#include <thread>

using namespace vmsystem::test;

namespace {

using vmsystem::json_value;

/// Runs the command line on a store of its own, without a server.
struct batch_store {
  temp_folder folder;

  finished_program vm(std::vector<std::string> arguments) const {
    std::vector<std::string> all{program(), "--db", folder / "store",
                                 "--log-level", "off"};
    all.insert(all.end(), arguments.begin(), arguments.end());
    return run_program(all);
  }

  /// Runs jobs, with further flags.
  finished_program run(const std::string& jobs,
                       const std::vector<std::string>& flags = {}) const {
    write_file(folder / "jobs", jobs);
    std::vector<std::string> all{"batch", "run", folder / "jobs", "--out",
                                 folder / "out"};
    all.insert(all.end(), flags.begin(), flags.end());
    return vm(all);
  }

  /// The result lines of the last run.
  std::vector<json_value> results() const {
    std::vector<json_value> all;
    for (const auto& line : lines_of(bytes_of(folder / "out"))) {
      const auto value = json_value::parse(line);
      BOOST_TEST_REQUIRE(value.has_value(), line);
      all.push_back(*value);
    }
    return all;
  }
};

std::string batch_of(const finished_program& ran) {
  return after("Batch: ", ran.out);
}

/// The end reasons of results, by their index.
std::string reasons(const std::vector<json_value>& results) {
  std::vector<std::string> by_index(results.size());
  for (const auto& result : results)
    by_index.at(std::stoul(result.field("index").raw()))
      = result.field("end_reason").text();
  std::string all;
  for (const auto& reason : by_index)
    all += reason + ' ';
  return all;
}

} // namespace

BOOST_FIXTURE_TEST_SUITE(batches_without_a_server, batch_store)

BOOST_AUTO_TEST_CASE(jobs_that_end_well_are_status_0) {
  const auto ran = run("{\"id\":\"a\",\"input\":\"__ARGS__.n * 2\","
                       "\"args\":{\"n\":21}}\n"
                       "\n"
                       "{\"input\":\"1 + 1\"}",
                       {"--ordered"});
  BOOST_TEST_CONTEXT(ran.out << ran.err) {
    BOOST_TEST(ran.status == 0);
    BOOST_TEST(ran.err.empty());
    BOOST_TEST(std::regex_match(batch_of(ran), std::regex{uuid}));
    BOOST_TEST(after("Status: ", ran.out) == "completed");
    BOOST_TEST(after("Jobs: ", ran.out) == "2 of 2 done");
    BOOST_TEST(after("  ok: ", ran.out) == "2");
  }
  const auto all = results();
  BOOST_TEST_REQUIRE(all.size() == 2u);
  BOOST_TEST(all[0].field("id").text() == "a");
  BOOST_TEST(all[0].field("result").field("preview").text() == "42");
  BOOST_TEST(all[1].field("index").raw() == "1");
  BOOST_TEST(!all[1].field("id").present());
}

BOOST_AUTO_TEST_CASE(jobs_that_fail_are_status_3_and_have_results) {
  const auto ran = run("{\"input\":\"throw new Error('no')\"}\n"
                       "no json\n"
                       "{\"input\":\"1\",\"unknown\":1}\n"
                       "{\"input\":\"for(;;);\",\"limits\":{\"cpu_ms\":50}}\n"
                       "\"\xff\"\n"
                       "{\"input\":\"1\",\"limits\":{\"cpu_ms\":600000}}\n"
                       "{\"input\":\"'last'\"}\n");
  BOOST_TEST(ran.status == 3, ran.err);
  BOOST_TEST(after("Status: ", ran.out) == "completed");
  const auto all = results();
  BOOST_TEST_REQUIRE(all.size() == 7u);
  BOOST_TEST(reasons(all)
             == "exception invalid_job invalid_job cpu_timeout invalid_job "
                "invalid_job ok ");
  for (const auto& result : all)
    if (result.field("index").raw() == "1")
      BOOST_TEST(result.field("error").field("message").text().find("2")
                   != std::string::npos,
                 result.raw());
}

BOOST_AUTO_TEST_CASE(a_batch_without_jobs_is_completed) {
  const auto ran = run("");
  BOOST_TEST(ran.status == 0, ran.err);
  BOOST_TEST(after("Status: ", ran.out) == "completed");
  BOOST_TEST(after("Jobs: ", ran.out) == "0 of 0 done");
  BOOST_TEST(results().empty());
  BOOST_TEST(run("\n \n\r\n").status == 0);
}

BOOST_AUTO_TEST_CASE(a_line_of_100_megabytes_is_one_job_that_failed) {
  std::string jobs = "{\"input\":\"1\"}\n{\"input\":\"";
  jobs.append(100u << 20, 'x');
  jobs += "\"}\n{\"input\":\"2\"}\n";
  const auto ran = run(jobs);
  BOOST_TEST(ran.status == 3, ran.err);
  BOOST_TEST(reasons(results()) == "ok invalid_job ok ");
}

BOOST_AUTO_TEST_CASE(input_that_cannot_be_read_is_one_clear_line) {
  const auto missing = vm({"batch", "run", folder / "nowhere"});
  BOOST_TEST(missing.status == 1);
  BOOST_TEST(missing.err.rfind("vm-system: FILE_NOT_FOUND: ", 0) == 0u);
  BOOST_TEST(lines_of(missing.err).size() == 1u, missing.err);
  const auto directory = vm({"batch", "run", folder.path().string()});
  BOOST_TEST(directory.status == 1);
  BOOST_TEST(directory.err.rfind("vm-system: INVALID_PATH: ", 0) == 0u);
  BOOST_TEST(vm({"batch", "list"}).out.find("receiving") == std::string::npos);
}

BOOST_AUTO_TEST_CASE(wrong_flags_are_status_2_and_do_nothing) {
  write_file(folder / "jobs", "{\"input\":\"1\"}\n");
  const std::vector<std::vector<std::string>> all{
    {"--session", "x"},        {"--resume", "x"},    {"--limit", "cpu_ms"},
    {"--isolation", "shared"}, {"--on-error", "no"}, {"--concurrency", "many"}};
  for (const auto& flags : all) {
    std::vector<std::string> line{"batch", "run", folder / "jobs"};
    line.insert(line.end(), flags.begin(), flags.end());
    const auto ran = vm(line);
    BOOST_TEST(ran.status == 2, flags[0] << ran.out << ran.err);
  }
  BOOST_TEST(!std::filesystem::exists(folder / "store"));
  BOOST_TEST(vm({"batch", "status", "x"}).status == 2);
}

BOOST_AUTO_TEST_CASE(a_template_file_says_what_jobs_may_do) {
  write_file(folder / "init.js", "globalThis.double = (n) => n * 2;");
  write_file(folder / "job.js", "double(__ARGS__.n)");
  write_file(folder / "t.json", "{\"name\":\"lab\",\"limits\":{\"cpu_ms\":60},"
                                "\"startup_files\":[\"init.js\"]}");
  const std::string jobs = "{\"path\":\"job.js\",\"args\":{\"n\":4}}\n"
                           "{\"input\":\"for(;;);\"}\n";
  const std::vector<std::string> flags{"--template", folder / "t.json",
                                       "--worktree", folder.path().string()};
  const auto first = run(jobs, flags);
  BOOST_TEST(first.status == 3, first.err);
  BOOST_TEST(reasons(results()) == "ok cpu_timeout ");
  const auto second = run(jobs, flags);
  BOOST_TEST(second.status == 3, second.err);
  // The second run found the template of the first one.
  const auto template_of = [&](const finished_program& ran) {
    return after("template_id: ", vm({"batch", "status", batch_of(ran)}).out);
  };
  BOOST_TEST(template_of(first) == template_of(second));
  const auto by_id = run("{\"input\":\"double(8)\"}\n",
                         {"--template", template_of(first), "--worktree",
                          folder.path().string()});
  BOOST_TEST(by_id.status == 0, by_id.err);
  BOOST_TEST(results().at(0).field("result").field("preview").text() == "16");

  write_file(folder / "t.json", "{\"limit\":1}");
  const auto wrong = run(jobs, flags);
  BOOST_TEST(wrong.status == 1);
  BOOST_TEST(wrong.err.find("t.json") != std::string::npos, wrong.err);
  const auto none = run(jobs, {"--template", folder / "nowhere.json"});
  BOOST_TEST(none.status == 1);
  BOOST_TEST(none.err.rfind("vm-system: FILE_NOT_FOUND: ", 0) == 0u);
}

BOOST_AUTO_TEST_CASE(results_go_to_stdout_and_the_summary_then_to_stderr) {
  write_file(folder / "jobs", "{\"input\":\"1\"}\n{\"input\":\"2\"}\n");
  const auto ran
    = vm({"batch", "run", folder / "jobs", "--out", "-", "--ordered"});
  BOOST_TEST(ran.status == 0);
  const auto lines = lines_of(ran.out);
  BOOST_TEST_REQUIRE(lines.size() == 2u);
  BOOST_TEST(json_value::parse(lines[1])->field("index").raw() == "1");
  BOOST_TEST(after("Jobs: ", ran.err) == "2 of 2 done");
}

BOOST_AUTO_TEST_CASE(an_error_stops_a_batch_that_is_told_so) {
  std::string jobs = "{\"input\":\"throw 1\"}\n";
  for (int i = 0; i < 50; ++i)
    jobs += "{\"input\":\"1\"}\n";
  const auto ran = run(jobs, {"--on-error", "stop", "--concurrency", "1"});
  BOOST_TEST(ran.status == 3, ran.err);
  BOOST_TEST(after("Status: ", ran.out) == "stopped");
  BOOST_TEST(results().size() < 51u);
}

BOOST_AUTO_TEST_CASE(sessions_share_state_and_fresh_jobs_do_not) {
  std::string jobs;
  for (int i = 0; i < 20; ++i)
    jobs += "{\"input\":\"globalThis.n = (globalThis.n || 0) + 1\"}\n";
  BOOST_TEST(run(jobs).status == 0);
  for (const auto& result : results())
    BOOST_TEST(result.field("result").field("preview").text() == "1");
  BOOST_TEST(run(jobs, {"--isolation", "session", "--concurrency", "1"}).status
             == 0);
  std::set<std::string> seen;
  for (const auto& result : results())
    seen.insert(result.field("result").field("preview").text());
  BOOST_TEST(seen.count("20") == 1u);
}

BOOST_AUTO_TEST_CASE(the_report_is_one_page) {
  const auto ran = run("{\"id\":\"<b>\",\"input\":\"1\"}\n",
                       {"--report", folder / "r.html"});
  BOOST_TEST(ran.status == 0, ran.err);
  const auto page = bytes_of(folder / "r.html");
  BOOST_TEST(page.rfind("<!doctype html>", 0) == 0u);
  BOOST_TEST(page.find("&lt;b&gt;") != std::string::npos);
  BOOST_TEST(page.find("<b></td>") == std::string::npos);
}

BOOST_AUTO_TEST_CASE(what_was_run_can_be_listed_and_read_again) {
  const auto ran = run("{\"input\":\"1\"}\n{\"input\":\"throw 2\"}\n");
  const auto id = batch_of(ran);
  const auto listed = vm({"batch", "list", "--status", "completed"});
  BOOST_TEST(listed.out.find(id) != std::string::npos, listed.err);
  BOOST_TEST(vm({"batch", "list", "--status", "failed"}).out.find(id)
             == std::string::npos);
  const auto shown = vm({"batch", "status", id});
  BOOST_TEST(after("status: ", shown.out) == "completed");
  const auto printed = vm({"batch", "results", id});
  BOOST_TEST(printed.status == 0);
  BOOST_TEST(lines_of(printed.out).size() == 2u);
  const auto json = vm({"--output", "json", "batch", "status", id});
  BOOST_TEST(json_value::parse(json.out)->field("done").raw() == "2");
  // One that is over stays as it is.
  BOOST_TEST(after("Status: ", vm({"batch", "cancel", id}).out) == "completed");
  const auto unknown
    = vm({"batch", "status", "00000000-0000-7000-8000-000000000000"});
  BOOST_TEST(unknown.status == 1);
  BOOST_TEST(unknown.err.rfind("vm-system: BATCH_NOT_FOUND: ", 0) == 0u);
}

BOOST_AUTO_TEST_CASE(a_store_without_unfinished_batches_has_none_to_resume) {
  const auto ran = run("{\"input\":\"1\"}\n");
  BOOST_TEST(ran.status == 0);
  const auto none = run("{\"input\":\"1\"}\n", {"--resume"});
  BOOST_TEST(none.status == 1);
  BOOST_TEST(none.err.rfind("vm-system: BATCH_NOT_FOUND: ", 0) == 0u, none.err);
  const auto over = run("{\"input\":\"1\"}\n", {"--resume", batch_of(ran)});
  BOOST_TEST(over.status == 1);
  BOOST_TEST(over.err.rfind("vm-system: VALIDATION_ERROR: ", 0) == 0u,
             over.err);
}

BOOST_AUTO_TEST_CASE(a_signal_leaves_a_batch_that_goes_on) {
  std::string jobs;
  for (int i = 0; i < 400; ++i)
    jobs += "{\"input\":\"const end = Date.now() + 5; "
            "while (Date.now() < end); "
            + std::to_string(i) + "\"}\n";
  write_file(folder / "jobs", jobs);
  child_process first{{program(), "--db", folder / "store", "--log-level",
                       "off", "batch", "run", folder / "jobs", "--out",
                       folder / "out"},
                      folder / "stdout",
                      folder / "stderr"};
  BOOST_TEST(eventually([&] { return !bytes_of(folder / "out").empty(); },
                        std::chrono::seconds{30}));
  first.signal(SIGINT);
  BOOST_TEST(first.wait(std::chrono::seconds{30}).value_or(-1) == 1);
  const auto said = bytes_of(folder / "stderr");
  const auto id = after("Batch: ", bytes_of(folder / "stdout"));
  BOOST_TEST(said.find("batch run " + folder / "jobs") != std::string::npos,
             said);
  BOOST_TEST(said.find("--resume " + id) != std::string::npos, said);
  BOOST_TEST_REQUIRE(results().size() < 400u);

  // With another input it does not go on.
  const auto other = run("{\"input\":\"1\"}\n", {"--resume"});
  BOOST_TEST(other.status == 1, other.out);
  const auto ran = run(jobs, {"--resume"});
  BOOST_TEST(ran.status == 0, ran.err);
  BOOST_TEST(batch_of(ran) == id);
  std::set<std::string> indexes;
  for (const auto& result : results())
    indexes.insert(result.field("index").raw());
  BOOST_TEST(indexes.size() == 400u);
  BOOST_TEST(results().size() == 400u);
}

BOOST_AUTO_TEST_SUITE_END()

BOOST_AUTO_TEST_SUITE(batches_of_a_server)

BOOST_FIXTURE_TEST_CASE(jobs_are_uploaded_and_results_fetched, cli_session) {
  const temp_folder folder;
  std::string jobs;
  for (int i = 0; i < 2500; ++i)
    jobs += "{\"id\":\"" + std::to_string(i) + "\",\"input\":\""
            + std::to_string(i) + " * 2\"}\n";
  write_file(folder / "jobs", jobs + "no job\n");
  const auto ran
    = vm({"batch", "run", folder / "jobs", "--template", template_id, "--out",
          folder / "out", "--report", folder / "r.html"});
  BOOST_TEST_REQUIRE(ran.status == 3, ran.err);
  BOOST_TEST(after("Jobs: ", ran.out) == "2,501 of 2,501 done");
  BOOST_TEST(after("  invalid_job: ", ran.out) == "1");
  const auto lines = lines_of(bytes_of(folder / "out"));
  BOOST_TEST_REQUIRE(lines.size() == 2501u);
  for (std::size_t i = 0; i < 2500; ++i) {
    const auto result = json_value::parse(lines[i]);
    BOOST_TEST_REQUIRE(result.has_value());
    BOOST_TEST_REQUIRE(result->field("id").text() == std::to_string(i));
    BOOST_TEST_REQUIRE(result->field("result").field("preview").text()
                       == std::to_string(i * 2));
  }
  BOOST_TEST(bytes_of(folder / "r.html").rfind("<!doctype html>", 0) == 0u);

  const auto batch = batch_of(ran);
  BOOST_TEST(after("status: ", vm({"batch", "status", batch}).out)
             == "completed");
  BOOST_TEST(vm({"batch", "list"}).out.find(batch) != std::string::npos);
  BOOST_TEST(bytes_of(folder / "out") == vm({"batch", "results", batch}).out);
  BOOST_TEST(after("Status: ", vm({"batch", "cancel", batch}).out)
             == "completed");
}

BOOST_FIXTURE_TEST_CASE(a_named_session_runs_all_jobs_in_order, cli_session) {
  const temp_folder folder;
  write_file(folder / "jobs", "{\"input\":\"globalThis.n = 1\"}\n"
                              "{\"input\":\"++n\"}\n{\"input\":\"++n\"}\n");
  const auto ran = vm({"batch", "run", folder / "jobs", "--session", id,
                       "--out", folder / "out"});
  BOOST_TEST_REQUIRE(ran.status == 0, ran.err);
  const auto lines = lines_of(bytes_of(folder / "out"));
  BOOST_TEST_REQUIRE(lines.size() == 3u);
  BOOST_TEST(
    json_value::parse(lines[2])->field("result").field("preview").text()
    == "3");
}

BOOST_AUTO_TEST_CASE(a_template_file_becomes_a_template_of_the_server) {
  const temp_folder folder;
  write_file(folder / "init.js", "globalThis.double = (n) => n * 2;");
  write_file(folder / "t.json", "{\"name\":\"lab\",\"limits\":{\"mem_mb\":32},"
                                "\"startup_files\":[\"init.js\"]}");
  write_file(folder / "jobs", "{\"input\":\"double(21)\"}\n"
                              "{\"input\":\"for(;;);\"}\n");
  const std::vector<std::string> line{
    "batch",           "run",        folder / "jobs",        "--template",
    folder / "t.json", "--worktree", folder.path().string(), "--limit",
    "cpu_ms=60",       "--out",      folder / "out"};
  std::set<std::string> templates;
  for (int i = 0; i < 2; ++i) {
    const auto ran = vm(line);
    BOOST_TEST_REQUIRE(ran.status == 3, ran.err);
    BOOST_TEST(after("  cpu_timeout: ", ran.out) == "1");
    const auto first = json_value::parse(lines_of(bytes_of(folder / "out"))[0]);
    BOOST_TEST(first->field("result").field("preview").text() == "42");
    templates.insert(
      after("template_id: ", vm({"batch", "status", batch_of(ran)}).out));
  }
  BOOST_TEST_REQUIRE(templates.size() == 1u);
  const auto made = json_value::parse(
    vm({"--output", "json", "template", "get", *templates.begin()}).out);
  BOOST_TEST_REQUIRE(made.has_value());
  const auto limits = made->field("settings").field("limits");
  BOOST_TEST(limits.field("cpu_ms").raw() == "60");
  BOOST_TEST(limits.field("mem_mb").raw() == "32");
}

BOOST_AUTO_TEST_CASE(a_client_that_left_finds_its_batch_again) {
  const temp_folder folder;
  std::string jobs;
  // Long enough to be found while it goes on, also by a slow client.
  for (int i = 0; i < 200; ++i)
    jobs += "{\"input\":\"const end = Date.now() + 50; "
            "while (Date.now() < end); "
            + std::to_string(i) + "\"}\n";
  write_file(folder / "jobs", jobs);
  child_process first{{program(), "--server-url", shared_daemon().url(),
                       "batch", "run", folder / "jobs", "--out",
                       folder / "out"},
                      folder / "stdout",
                      folder / "stderr"};
  const auto running = [] {
    return vm({"--output", "json", "batch", "list", "--status", "running"}).out
           != "[]\n";
  };
  BOOST_TEST(eventually(running, std::chrono::seconds{30}));
  first.signal(SIGINT);
  BOOST_TEST(first.wait(std::chrono::seconds{30}).value_or(-1) == 1);
  const auto id = after("Batch: ", bytes_of(folder / "stdout"));
  const auto said = bytes_of(folder / "stderr");
  BOOST_TEST(said.find("--server-url " + shared_daemon().url())
               != std::string::npos,
             said);
  BOOST_TEST(said.find("--resume " + id) != std::string::npos, said);
  // By its name it is found when it goes on, and when it is over.
  for (int i = 0; i < 2; ++i) {
    std::vector<std::string> line{"batch", "run",          folder / "jobs",
                                  "--out", folder / "out", "--resume"};
    if (i == 1)
      line.push_back(id);
    const auto ran = vm(line);
    BOOST_TEST_REQUIRE(ran.status == 0, ran.err);
    BOOST_TEST(batch_of(ran) == id);
    BOOST_TEST(lines_of(bytes_of(folder / "out")).size() == 200u);
  }
  const auto none = vm({"batch", "run", folder / "jobs", "--resume"});
  BOOST_TEST(none.status == 1);
  BOOST_TEST(none.err.rfind("vm-system: BATCH_NOT_FOUND: ", 0) == 0u, none.err);
}

BOOST_AUTO_TEST_CASE(what_a_server_refuses_is_one_clear_line) {
  const temp_folder folder;
  write_file(folder / "jobs", "{\"input\":\"1\"}\n");
  const auto unknown = vm({"batch", "run", folder / "jobs", "--template",
                           "00000000-0000-7000-8000-000000000000"});
  BOOST_TEST(unknown.status == 1);
  BOOST_TEST(unknown.err.rfind("vm-system: TEMPLATE_NOT_FOUND: ", 0) == 0u);
  const std::vector<std::vector<std::string>> unusable{
    {"--template", "00000000-0000-7000-8000-000000000000", "--limit",
     "cpu_ms=1"},
    {"--session", "00000000-0000-7000-8000-000000000000", "--limit",
     "cpu_ms=1"},
    {"--session", "00000000-0000-7000-8000-000000000000", "--template",
     "00000000-0000-7000-8000-000000000000"},
    {"--resume", "x"}};
  for (const auto& flags : unusable) {
    std::vector<std::string> line{"batch", "run", folder / "jobs"};
    line.insert(line.end(), flags.begin(), flags.end());
    BOOST_TEST(vm(line).status == 2, flags[0]);
  }
  const auto no_file
    = vm({"batch", "run", folder / "jobs", "--template", folder / "t.json"});
  BOOST_TEST(no_file.status == 1);
  BOOST_TEST(no_file.err.rfind("vm-system: FILE_NOT_FOUND: ", 0) == 0u,
             no_file.err);
  const auto none = vm({"batch", "run", folder / "jobs", "--resume",
                        "00000000-0000-7000-8000-000000000000"});
  BOOST_TEST(none.status == 1);
  BOOST_TEST(none.err.rfind("vm-system: BATCH_NOT_FOUND: ", 0) == 0u, none.err);
  const auto nobody
    = run_program({program(), "--server-url", "http://127.0.0.1:1", "batch",
                   "run", folder / "jobs"});
  BOOST_TEST(nobody.status == 1);
  BOOST_TEST(nobody.err.rfind("vm-system: UNREACHABLE: ", 0) == 0u, nobody.err);
  const auto missing
    = vm({"batch", "status", "00000000-0000-7000-8000-000000000000"});
  BOOST_TEST(missing.status == 1);
  BOOST_TEST(missing.err.rfind("vm-system: BATCH_NOT_FOUND: ", 0) == 0u);
}

BOOST_AUTO_TEST_SUITE_END()
