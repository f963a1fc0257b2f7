#define BOOST_TEST_MODULE executions
#include "daemon.hpp"

#include <boost/test/unit_test.hpp>

#include <algorithm>
#include <mutex>
#include <set>
#include <string>
#include <thread>
#include <vector>

using namespace vmsystem;
using namespace vmsystem::test;

namespace {

constexpr std::string_view respond_async = "Prefer: respond-async\r\n";

/// Prints `count` lines with pauses between them.
std::string printing(int count) {
  return "(async () => { for (let i = 1; i <= " + std::to_string(count)
         + "; ++i) { console.log('line ' + i + ' ' + 'x'.repeat(200));"
           " if (i % 100 === 0) await new Promise((r) => setTimeout(r, 2)); }"
           " return 'done'; })()";
}

/// An execution goes on until it is cancelled.
constexpr std::string_view waits = "new Promise(() => {})";

struct fixture {
  test_daemon server;
  http_connection client = server.connect();
  std::string vm
    = make_template(client,
                    R"({"wall_ms":60000,"cpu_ms":60000,"max_output_kb":8192})");
  std::string session = make_session(client, vm);

  http_answer start(std::string_view code) {
    return client.request("POST", "/api/v1/executions/repl",
                          repl_body(session, code), respond_async);
  }

  /// Begins an execution.
  /// @returns its id.
  std::string begin(std::string_view code) {
    const auto answer = start(code);
    BOOST_TEST_REQUIRE(answer.status == 202, answer.body);
    return answer.json().field("id").text();
  }

  std::string status_of(const std::string& id) {
    return ask(client, "GET", "/api/v1/executions/" + id)
      .field("status")
      .text();
  }
};

/// What came of one event stream.
class stream {
public:
  /// @param last the id of the last event that was seen; empty for none.
  stream(const test_daemon& server, const std::string& execution,
         const std::string& last = {})
    : wire_{server.connect()} {
    std::string headers = "Accept: text/event-stream\r\n";
    if (!last.empty())
      headers += "Last-Event-ID: " + last + "\r\n";
    wire_.begin("GET", "/api/v1/executions/" + execution + "/events", {},
                headers);
  }

  /// Reads the header.
  http_answer head() {
    return wire_.receive_head();
  }

  /// The next block that is no comment; empty at the end of the stream.
  std::string next() {
    for (;;) {
      const auto end = text_.find("\n\n");
      if (end == std::string::npos) {
        const auto chunk = wire_.receive_chunk();
        if (chunk.empty())
          return {};
        text_ += chunk;
        continue;
      }
      auto block = text_.substr(0, end);
      text_.erase(0, end + 2);
      if (block.front() != ':')
        return block;
    }
  }

  void cut() {
    wire_.reset();
  }

private:
  http_connection wire_;
  std::string text_;
};

std::string after(const std::string& block, const std::string& name) {
  const auto at = block.find(name + ": ");
  if (at == std::string::npos)
    return {};
  const auto begin = at + name.size() + 2;
  return block.substr(begin, block.find('\n', begin) - begin);
}

json_value data_of(const std::string& block) {
  return json_value::parse(after(block, "data")).value_or(json_value{});
}

/// Reads a stream to its end.
/// @returns the ids of its events; the last block is in `end`.
std::vector<std::string> ids_of(stream& from, std::string& end) {
  std::vector<std::string> ids;
  for (auto block = from.next(); !block.empty(); block = from.next()) {
    if (after(block, "event").empty())
      ids.push_back(after(block, "id"));
    else
      end = block;
  }
  return ids;
}

std::vector<std::string> numbers(int count) {
  std::vector<std::string> result;
  for (int i = 1; i <= count; ++i)
    result.push_back(std::to_string(i));
  return result;
}

} // namespace

BOOST_FIXTURE_TEST_SUITE(async, fixture)

BOOST_AUTO_TEST_CASE(the_client_gets_the_running_record_and_its_place) {
  const auto answer = start(waits);
  BOOST_TEST_REQUIRE(answer.status == 202, answer.body);
  const auto id = answer.json().field("id").text();
  BOOST_TEST(answer.json().field("status").text() == "running");
  BOOST_TEST(answer.header("Location") == "/api/v1/executions/" + id);
  BOOST_TEST(answer.header("Preference-Applied") == "respond-async");
  BOOST_TEST(status_of(id) == "running");
  static_cast<void>(
    ask(client, "POST", "/api/v1/executions/" + id + "/cancel"));
  std::string end;
  stream events{server, id};
  BOOST_TEST(events.head().status == 200);
  static_cast<void>(ids_of(events, end));
  BOOST_TEST(data_of(end).field("status").text() == "cancelled");
  BOOST_TEST(status_of(id) == "cancelled");
}

BOOST_AUTO_TEST_CASE(a_file_runs_so_too_and_short_ones_end_by_themselves) {
  temp_folder folder;
  folder.put("job.js", "__ARGS__.n + 1");
  const auto place = make_session(client, vm, folder.path().string());
  const auto body
    = R"({"session_id":")" + place + R"(","path":"job.js","args":{"n":41}})";
  const auto answer = client.request("POST", "/api/v1/executions/run-file",
                                     body, respond_async);
  BOOST_TEST_REQUIRE(answer.status == 202, answer.body);
  const auto id = answer.json().field("id").text();
  stream events{server, id};
  BOOST_TEST(events.head().status == 200);
  std::string end;
  BOOST_TEST(ids_of(events, end) == numbers(1),
             boost::test_tools::per_element());
  BOOST_TEST(data_of(end).field("result").field("preview").text() == "42");
}

BOOST_AUTO_TEST_CASE(what_does_not_begin_is_refused_as_ever) {
  const auto id = begin(waits);
  BOOST_TEST(start("1").code() == "SESSION_BUSY");
  const auto missing
    = client.request("POST", "/api/v1/executions/run-file",
                     R"({"session_id":")" + make_session(client, vm)
                       + R"(","path":"no-such.js"})",
                     respond_async);
  BOOST_TEST(missing.code() == "FILE_NOT_FOUND");
  static_cast<void>(
    ask(client, "POST", "/api/v1/executions/" + id + "/cancel"));
}

BOOST_AUTO_TEST_SUITE_END()

BOOST_FIXTURE_TEST_SUITE(streams, fixture)

BOOST_AUTO_TEST_CASE(lines_come_while_the_script_waits) {
  const auto id = begin("console.log('early'); new Promise(() => {})");
  stream events{server, id};
  BOOST_TEST(events.head().header("Content-Type") == "text/event-stream");
  BOOST_TEST(data_of(events.next()).field("type").text() == "input_echo");
  const auto line = events.next();
  BOOST_TEST(after(line, "id") == "2");
  BOOST_TEST(data_of(line).field("payload").field("text").text() == "early");
  BOOST_TEST(status_of(id) == "running");
  static_cast<void>(
    ask(client, "POST", "/api/v1/executions/" + id + "/cancel"));
  std::string end;
  BOOST_TEST(ids_of(events, end).size() == 1u);
  BOOST_TEST(after(end, "event") == "end");
  BOOST_TEST(after(end, "id").empty());
}

BOOST_AUTO_TEST_CASE(one_that_is_cut_100_times_sees_each_event_once) {
  constexpr int lines = 2000;
  constexpr int cuts = 100;
  const auto id = begin(printing(lines));
  std::vector<std::string> seen;
  for (int i = 0; i < cuts; ++i) {
    stream events{server, id, seen.empty() ? "" : seen.back()};
    BOOST_TEST_REQUIRE(events.head().status == 200);
    for (int taken = 0; taken <= i % 20; ++taken)
      seen.push_back(after(events.next(), "id"));
    events.cut();
  }
  stream rest{server, id, seen.back()};
  BOOST_TEST_REQUIRE(rest.head().status == 200);
  std::string end;
  for (auto& number : ids_of(rest, end))
    seen.push_back(std::move(number));
  BOOST_TEST(seen == numbers(lines + 2), boost::test_tools::per_element());
  BOOST_TEST(data_of(end).field("status").text() == "ok");
}

BOOST_AUTO_TEST_CASE(a_reader_that_does_not_read_holds_up_nobody) {
  constexpr int lines = 20000;
  const auto id = begin(printing(lines));
  stream slow{server, id};
  std::vector<stream> others;
  for (int i = 0; i < 10; ++i)
    others.emplace_back(server, id);
  const auto all = numbers(lines + 2);
  for (auto& reader : others) {
    BOOST_TEST_REQUIRE(reader.head().status == 200);
    std::string end;
    BOOST_TEST((ids_of(reader, end) == all));
    BOOST_TEST(after(end, "event") == "end");
  }
  BOOST_TEST(status_of(id) == "ok");
  BOOST_TEST_REQUIRE(slow.head().status == 200);
  std::string end;
  BOOST_TEST((ids_of(slow, end) == all));
}

BOOST_AUTO_TEST_CASE(a_stream_begins_where_it_is_told_to) {
  const auto id = begin(printing(10));
  stream first{server, id};
  static_cast<void>(first.head());
  std::string end;
  BOOST_TEST(ids_of(first, end).size() == 12u);
  stream none{server, id, "12"};
  static_cast<void>(none.head());
  end.clear();
  BOOST_TEST(ids_of(none, end).empty());
  BOOST_TEST(after(end, "event") == "end");
  const auto at = [&](const std::string& query, const std::string& headers) {
    return client.request("GET", "/api/v1/executions/" + id + "/events" + query,
                          {}, "Accept: text/event-stream\r\n" + headers);
  };
  BOOST_TEST((at("?after_seq=11", "").body.find("id: 12\n")
              < at("?after_seq=11", "").body.find("event: end")));
  BOOST_TEST((at("?after_seq=1", "Last-Event-ID: 11\r\n").body.find("id: 2\n")
              == std::string::npos));
  BOOST_TEST(at("", "Last-Event-ID: x\r\n").code() == "VALIDATION_ERROR");
  BOOST_TEST(at("?limit=1", "").code() == "VALIDATION_ERROR");
  const auto missing = client.request(
    "GET", "/api/v1/executions/00000000-0000-7000-8000-000000000001/events", {},
    "Accept: text/event-stream\r\n");
  BOOST_TEST(missing.code() == "EXECUTION_NOT_FOUND");
}

BOOST_AUTO_TEST_SUITE_END()

BOOST_FIXTURE_TEST_SUITE(keys, fixture)

BOOST_AUTO_TEST_CASE(a_key_and_its_request_run_once) {
  const auto send = [&](std::string_view code, const std::string& key) {
    return client.request("POST", "/api/v1/executions/repl",
                          repl_body(session, code),
                          "Idempotency-Key: " + key + "\r\n");
  };
  static_cast<void>(run_snippet(client, session, "let n = 0"));
  const auto first = send("++n", "one");
  BOOST_TEST_REQUIRE(first.status == 201, first.body);
  const auto again = send("++n", "one");
  BOOST_TEST(again.status == 201);
  BOOST_TEST(again.body == first.body);
  const auto other = send("n += 2", "one");
  BOOST_TEST(other.status == 422);
  BOOST_TEST(other.code() == "IDEMPOTENCY_CONFLICT");
  BOOST_TEST(send("++n", "two").json().field("result").field("preview").text()
             == "2");
  BOOST_TEST(send("1", std::string(256, 'k')).code() == "VALIDATION_ERROR");
  BOOST_TEST(send("1", "two words").code() == "VALIDATION_ERROR");
  // What did not run may be tried again under its key.
  const auto busy = begin(waits);
  BOOST_TEST(send("++n", "three").code() == "SESSION_BUSY");
  static_cast<void>(
    ask(client, "POST", "/api/v1/executions/" + busy + "/cancel"));
  stream events{server, busy};
  static_cast<void>(events.head());
  std::string end;
  static_cast<void>(ids_of(events, end));
  BOOST_TEST(send("++n", "three").status == 201);
}

BOOST_AUTO_TEST_CASE(a_key_in_flight_is_a_conflict_but_not_for_async) {
  const auto headers = std::string{respond_async} + "Idempotency-Key: long\r\n";
  const auto body = repl_body(session, waits);
  const auto first
    = client.request("POST", "/api/v1/executions/repl", body, headers);
  BOOST_TEST_REQUIRE(first.status == 202);
  const auto again
    = client.request("POST", "/api/v1/executions/repl", body, headers);
  BOOST_TEST(again.status == 202);
  BOOST_TEST(again.header("Location") == first.header("Location"));
  const auto sync = client.request("POST", "/api/v1/executions/repl", body,
                                   "Idempotency-Key: long\r\n");
  BOOST_TEST(sync.status == 409);
  BOOST_TEST(sync.code() == "IDEMPOTENCY_CONFLICT");
}

BOOST_AUTO_TEST_CASE(many_at_once_make_one_execution) {
  std::set<std::string> ids;
  std::mutex guard;
  std::vector<std::thread> threads;
  for (int i = 0; i < 8; ++i)
    threads.emplace_back([&] {
      auto mine = server.connect();
      for (int k = 0; k < 20; ++k) {
        const auto answer
          = mine.request("POST", "/api/v1/executions/repl",
                         repl_body(session, "'" + std::to_string(k) + "'",
                                   60000),
                         "Idempotency-Key: key-" + std::to_string(k) + "\r\n");
        const std::lock_guard lock{guard};
        if (answer.status == 201)
          ids.insert(answer.json().field("id").text());
        else if (answer.status != 409)
          ids.insert(answer.body);
      }
    });
  for (auto& thread : threads)
    thread.join();
  BOOST_TEST(ids.size() == 20u);
  BOOST_TEST(ask(client, "GET", "/api/v1/executions?session_id=" + session)
               .elements()
               .size()
             == 20u);
}

BOOST_AUTO_TEST_SUITE_END()

BOOST_AUTO_TEST_CASE(keys_outlive_the_process) {
  const temp_folder folder;
  std::string body;
  std::string first;
  const std::string headers = "Idempotency-Key: lasting\r\n";
  {
    test_daemon server{folder.path().string(), {}};
    auto client = server.connect();
    const auto session = make_session(client, make_template(client));
    body = repl_body(session, "Math.random()");
    const auto answer
      = client.request("POST", "/api/v1/executions/repl", body, headers);
    BOOST_TEST_REQUIRE(answer.status == 201);
    first = answer.body;
    server.kill_hard();
  }
  test_daemon server{folder.path().string(), {}};
  const auto again
    = server.request("POST", "/api/v1/executions/repl", body, headers);
  BOOST_TEST(again.status == 201);
  BOOST_TEST(again.body == first);
}
