#define BOOST_TEST_MODULE batches
#include "daemon.hpp"
#include "process_figures.hpp"

#include <boost/test/unit_test.hpp>

#include <algorithm>
#include <chrono>
#include <numeric>
#include <sstream>
#include <string>
#include <thread>
#include <utility>
#include <vector>

using namespace vmsystem;
using namespace vmsystem::test;

namespace {

using clock = std::chrono::steady_clock;

const std::string lines_type = "Content-Type: application/x-ndjson\r\n";
const std::string wants_lines = "Accept: application/x-ndjson\r\n";
const std::string batches = "/api/v1/batches";

test_daemon& server() {
  static test_daemon one{{"--slots", "2"}};
  return one;
}

struct fixture {
  http_connection control = server().connect();
  http_connection client = server().connect();
  std::string vm
    = make_template(control, R"({"wall_ms":20000,"cpu_ms":20000})");

  [[nodiscard]] std::string target(const std::string& further = {}) const {
    return batches + "?template_id=" + vm + further;
  }

  /// Sends the header of an upload in chunks.
  void begin(const std::string& headers = {}, const std::string& further = {}) {
    client.send("POST " + target(further) + " HTTP/1.1\r\nHost: localhost\r\n"
                + lines_type + headers + "Transfer-Encoding: chunked\r\n\r\n");
  }

  void send(const std::string& data) {
    std::ostringstream size;
    size << std::hex << data.size();
    client.send(size.str() + "\r\n" + data + "\r\n");
  }

  void end() {
    client.send("0\r\n\r\n");
  }

  /// The newest batch.
  json_value newest() {
    return ask(control, "GET", batches + "?limit=1").elements().at(0);
  }

  /// Waits until the newest batch has this status.
  void wait_for(const std::string& status) {
    const auto deadline = clock::now() + std::chrono::seconds{30};
    while (newest().field("status").text() != status)
      if (clock::now() > deadline)
        throw std::runtime_error{"it is " + newest().raw()};
  }

  /// All stored results, page by page.
  std::vector<json_value> results(const std::string& batch) {
    std::vector<json_value> all;
    std::string cursor = "0";
    while (!cursor.empty()) {
      const auto page
        = ask(control, "GET",
              batches + "/" + batch + "/results?limit=700&cursor=" + cursor);
      for (auto& one : page.field("results").elements())
        all.push_back(one);
      cursor = page.field("next_cursor").text();
    }
    return all;
  }
};

std::string job(const std::string& code) {
  return "{\"input\":" + json_quoted(code) + "}\n";
}

std::vector<std::string> lines_of(const std::string& text) {
  std::vector<std::string> result;
  std::istringstream stream{text};
  for (std::string line; std::getline(stream, line);)
    result.push_back(line);
  return result;
}

uint32_t index_of(const json_value& result) {
  return static_cast<uint32_t>(std::stoul(result.field("index").raw()));
}

/// 0, 1, ... n-1
std::vector<uint32_t> all_indexes(std::size_t n) {
  std::vector<uint32_t> result(n);
  std::iota(result.begin(), result.end(), 0u);
  return result;
}

std::vector<uint32_t> indexes_of(const std::vector<json_value>& results) {
  std::vector<uint32_t> all;
  for (const auto& one : results)
    all.push_back(index_of(one));
  return all;
}

constexpr auto per_element = boost::test_tools::per_element();

} // namespace

BOOST_FIXTURE_TEST_CASE(malformed_lines_are_failed_jobs, fixture) {
  const auto made = client.request("POST", target(),
                                   job("1+1") + "{bad\n\n[]\n"
                                     + "{\"input\":\"3\",\"nope\":1}\n"
                                     + "{\"id\":\"last\",\"input\":\"4\"}",
                                   lines_type);
  BOOST_REQUIRE(made.status == 202);
  const auto id = made.json().field("id").text();
  const auto batch = wait_for_batch(control, id);
  BOOST_TEST(batch.field("status").text() == "completed");
  BOOST_TEST(batch.field("jobs").raw() == "5");
  BOOST_TEST(batch.field("outcomes").field("invalid_job").raw() == "3");
  const auto all = results(id);
  BOOST_TEST(indexes_of(all) == all_indexes(5), per_element);
  BOOST_TEST(all[0].field("status").text() == "ok");
  BOOST_TEST(all[1].field("end_reason").text() == "invalid_job");
  // The line of the file, where the empty one counts.
  BOOST_TEST(all[2].field("error").raw().find("4") != std::string::npos);
  BOOST_TEST(all[3].field("error").raw().find("nope") != std::string::npos);
  BOOST_TEST(all[4].field("id").text() == "last");
}

BOOST_FIXTURE_TEST_CASE(a_line_of_100_mb_is_one_failed_job, fixture) {
  begin();
  send(R"({"input":"1","args":{"x":")");
  const std::string part(std::size_t{1} << 20, 'x');
  for (int i = 0; i < 100; ++i)
    send(part);
  send("\"}}\n" + job("'behind'"));
  end();
  const auto made = client.receive();
  BOOST_REQUIRE(made.status == 202);
  const auto id = made.json().field("id").text();
  wait_for_batch(control, id);
  const auto all = results(id);
  BOOST_REQUIRE(all.size() == 2u);
  BOOST_TEST(all[0].field("end_reason").text() == "invalid_job");
  BOOST_TEST(all[1].field("status").text() == "ok");
  // A sanitizer takes memory of its own.
  BOOST_TEST(peak_resident_kb(server().process().pid()) / 1024
             < std::size_t{VMSYSTEM_PEAK_MEMORY_MB});
}

BOOST_AUTO_TEST_CASE(who_leaves_an_upload_takes_the_batch_along) {
  for (const auto& headers : {std::string{}, wants_lines}) {
    fixture f;
    f.begin(headers);
    f.send(job("1") + job("2"));
    f.wait_for("receiving");
    f.client.reset();
    f.wait_for("cancelled");
    BOOST_TEST(f.newest().field("input_complete").raw() == "false");
    BOOST_TEST(f.control.request("GET", "/api/v1/health").status == 200);
  }
}

BOOST_FIXTURE_TEST_CASE(who_leaves_behind_the_input_loses_nothing, fixture) {
  begin(wants_lines);
  std::string all;
  for (int i = 0; i < 3000; ++i)
    all += job("'" + std::to_string(i) + "'");
  send(all);
  end();
  BOOST_TEST(client.receive_head().status == 200);
  BOOST_TEST(!client.receive_chunk().empty());
  // The input was read when it is stored, wherever the reader is.
  const auto deadline = clock::now() + std::chrono::seconds{30};
  while (newest().field("input_complete").raw() != "true"
         && clock::now() < deadline)
    continue;
  client.reset();
  wait_for("completed");
  const auto id = newest().field("id").text();
  BOOST_TEST(indexes_of(results(id)) == all_indexes(3000), per_element);
}

BOOST_FIXTURE_TEST_CASE(results_come_while_jobs_are_still_sent, fixture) {
  begin(wants_lines);
  send(job("'first'"));
  BOOST_TEST(client.receive_head().status == 200);
  const auto first = client.receive_chunk();
  BOOST_TEST(first.find("\"preview\":\"first\"") != std::string::npos);
  BOOST_TEST(newest().field("status").text() == "receiving");
  send(job("'second'"));
  BOOST_TEST(client.receive_chunk().find("second") != std::string::npos);
  end();
  const auto summary = client.receive_chunk();
  BOOST_TEST(summary.find("{\"batch\":{") == 0u);
  BOOST_TEST(summary.find("\"status\":\"completed\"") != std::string::npos);
  BOOST_TEST(client.receive_chunk() == "");
  BOOST_TEST(client.request("GET", "/api/v1/health").status == 200);
}

BOOST_FIXTURE_TEST_CASE(a_slow_reader_gets_every_result_once, fixture) {
  constexpr std::size_t count = 20000;
  begin(wants_lines);
  // Results are larger than what the sockets hold: they have to wait.
  std::thread sender{[&] {
    std::string some;
    for (std::size_t i = 0; i < count; ++i) {
      some += job("'x'.repeat(800)");
      if (some.size() > 50000 || i + 1 == count)
        send(std::exchange(some, {}));
    }
    end();
  }};
  std::this_thread::sleep_for(std::chrono::seconds{2});
  BOOST_TEST(client.receive_head().status == 200);
  std::string text;
  for (auto part = client.receive_chunk(); !part.empty();
       part = client.receive_chunk())
    text += part;
  sender.join();
  auto lines = lines_of(text);
  BOOST_REQUIRE(lines.size() == count + 1);
  const auto summary = json_value::parse(lines.back()).value().field("batch");
  BOOST_TEST(summary.field("done").raw() == std::to_string(count));
  lines.pop_back();
  std::vector<uint32_t> seen;
  for (const auto& line : lines)
    seen.push_back(index_of(json_value::parse(line).value()));
  std::sort(seen.begin(), seen.end());
  BOOST_TEST((seen == all_indexes(count)));
}

BOOST_FIXTURE_TEST_CASE(ordered_results_come_in_the_order_of_input, fixture) {
  std::string all;
  for (int i = 0; i < 200; ++i)
    all += job(i % 7 == 0 ? "const end = Date.now() + 20; while (Date.now() < "
                            "end); 'slow'"
                          : "'quick'");
  const auto answer = client.request("POST", target("&ordered=true"), all,
                                     lines_type + wants_lines);
  BOOST_TEST(answer.status == 200);
  auto lines = lines_of(answer.body);
  lines.pop_back();
  std::vector<uint32_t> seen;
  for (const auto& line : lines)
    seen.push_back(index_of(json_value::parse(line).value()));
  BOOST_TEST(seen == all_indexes(200), per_element);
}

BOOST_FIXTURE_TEST_CASE(a_template_may_go_while_its_batch_runs, fixture) {
  begin(wants_lines);
  send(job("'before'"));
  BOOST_TEST(client.receive_head().status == 200);
  BOOST_TEST(client.receive_chunk().find("before") != std::string::npos);
  ask(control, "DELETE", "/api/v1/templates/" + vm);
  send(job("'after'"));
  BOOST_TEST(client.receive_chunk().find("after") != std::string::npos);
  end();
  BOOST_TEST(client.receive_chunk().find("\"status\":\"completed\"")
             != std::string::npos);
  BOOST_TEST(client.receive_chunk() == "");
  BOOST_TEST(client.request("POST", target(), job("1"), lines_type).code()
             == "TEMPLATE_NOT_FOUND");
}

BOOST_FIXTURE_TEST_CASE(a_cancelled_batch_stops_at_once, fixture) {
  std::string all = job("'done'");
  for (int i = 0; i < 50; ++i)
    all += job("for (;;);");
  begin(wants_lines);
  send(all);
  BOOST_TEST(client.receive_head().status == 200);
  BOOST_TEST(client.receive_chunk().find("\"done\"") != std::string::npos);
  const auto id = newest().field("id").text();
  const auto start = clock::now();
  const auto answer = control.request("POST", batches + "/" + id + "/cancel");
  BOOST_TEST(answer.status == 202);
  // The stream ends though its input does not.
  std::string text;
  for (auto part = client.receive_chunk(); !part.empty();
       part = client.receive_chunk())
    text += part;
  BOOST_TEST((clock::now() - start < std::chrono::seconds{10}));
  BOOST_TEST(text.find("{\"batch\":{") != std::string::npos);
  BOOST_TEST(text.find("\"status\":\"cancelled\"") != std::string::npos);
  BOOST_TEST(client.ended());
  const auto batch = wait_for_batch(control, id);
  BOOST_TEST(batch.field("status").text() == "cancelled");
  const auto again = control.request("POST", batches + "/" + id + "/cancel");
  BOOST_TEST(again.status == 202);
  BOOST_TEST(again.json().field("status").text() == "cancelled");
}

BOOST_FIXTURE_TEST_CASE(a_batch_that_stops_ends_its_upload, fixture) {
  begin({}, "&on_error=stop");
  send(job("throw new Error('no')"));
  send(job("'never'"));
  end();
  const auto made = client.receive();
  BOOST_REQUIRE(made.status == 202);
  const auto batch = wait_for_batch(control, made.json().field("id").text());
  BOOST_TEST(batch.field("status").text() == "stopped");
}

BOOST_FIXTURE_TEST_CASE(progress_is_shown_to_all_who_watch, fixture) {
  std::string all;
  for (int i = 0; i < 40; ++i)
    all += job("const end = Date.now() + 50; while (Date.now() < end);");
  const auto made = client.request("POST", target(), all, lines_type);
  const auto one = batches + "/" + made.json().field("id").text();
  auto other = server().connect();
  for (auto* watcher : {&client, &other})
    watcher->begin("GET", one, {}, "Accept: text/event-stream\r\n");
  for (auto* watcher : {&client, &other}) {
    const auto start = clock::now();
    const auto answer = watcher->receive();
    const std::chrono::duration<double> took = clock::now() - start;
    BOOST_TEST(answer.header("Content-Type") == "text/event-stream");
    const auto& body = answer.body;
    BOOST_TEST(body.find("event: progress\ndata: {\"id\":\"") == 0u);
    const auto end = body.find("event: end\n");
    BOOST_REQUIRE(end != std::string::npos);
    BOOST_TEST(body.find("\"status\":\"completed\"", end) != std::string::npos);
    std::size_t events = 0;
    for (auto at = body.find("event: progress"); at != std::string::npos;
         at = body.find("event: progress", at + 1))
      ++events;
    BOOST_TEST(events >= 1u);
    if (watcher == &client)
      BOOST_TEST(static_cast<double>(events) <= took.count() * 4 + 2);
  }
}

BOOST_FIXTURE_TEST_CASE(jobs_are_executions_like_any_other, fixture) {
  const auto made
    = client.request("POST", target(), job("console.log('hi'); 7"), lines_type);
  const auto id = made.json().field("id").text();
  wait_for_batch(control, id);
  const auto execution = results(id).at(0).field("execution_id").text();
  const auto record = ask(control, "GET", "/api/v1/executions/" + execution);
  BOOST_TEST(record.field("batch_id").text() == id);
  BOOST_TEST(record.field("batch_index").raw() == "0");
  const auto events
    = ask(control, "GET", "/api/v1/executions/" + execution + "/events");
  BOOST_TEST(events.raw().find("\"text\":\"hi\"") != std::string::npos);
}
