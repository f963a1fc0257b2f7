#include "batches.hpp"

#include <thread>

using namespace vmsystem;
using namespace std::chrono_literals;

namespace {

const std::string one_batch = batches + "/" + fakes::known_batch.to_string();
const std::string live_batch = batches + "/" + fakes::running_batch.to_string();

/// A client that watches the batch that goes on, and has seen it once.
struct watcher : http_client {
  explicit watcher(server& s) : http_client{s.where()} {
    send(http_request("GET", live_batch, "", wants_events));
    BOOST_TEST(receive_head().value().status == 200);
    BOOST_TEST(receive_chunk().value().find("event: progress\ndata: {") == 0u);
  }
};

/// Options under which nobody looks at a batch a second time.
gateway_options without_progress() {
  auto options = quick_options();
  options.progress_interval = 60s;
  return options;
}

} // namespace

// -- while it runs ------------------------------------------------------------

BOOST_AUTO_TEST_CASE(results_come_while_jobs_are_still_sent) {
  server s;
  http_client client{s.where()};
  client.send(upload(by_template, wants_lines) + chunk("{}\n{}\n"));
  const auto head = client.receive_head();
  BOOST_REQUIRE(head.has_value());
  BOOST_TEST(head->status == 200);
  BOOST_TEST(head->field("Content-Type").value() == "application/x-ndjson");
  BOOST_TEST(head->field("Location").has_value());
  BOOST_TEST(client.receive_chunk().value()
             == "{\"index\":0}\n{\"index\":1}\n");
  client.send(chunk("{}\n"));
  BOOST_TEST(client.receive_chunk().value() == "{\"index\":2}\n");
  client.send(chunk("{}") + last_chunk);
  BOOST_TEST(client.receive_chunk().value() == "{\"index\":3}\n");
  const auto summary = client.receive_chunk().value();
  BOOST_TEST(summary.find(R"({"batch":{"id":")") == 0u);
  BOOST_TEST(summary.find(R"("done":4)") != std::string::npos);
  BOOST_TEST(summary.back() == '\n');
  BOOST_TEST(client.receive_chunk().value() == "");
  BOOST_TEST(client.ask("GET", health).value().status == 200);
  BOOST_TEST(s.seen->cancels == 0);
  BOOST_TEST(s.seen->releases == 0);
}

BOOST_AUTO_TEST_CASE(a_batch_without_results_is_its_summary) {
  server s;
  http_client client{s.where()};
  const auto answer
    = client.ask("POST", by_template, "", lines_type + wants_lines);
  BOOST_TEST(answer.value().status == 200);
  BOOST_TEST(answer.value().body.find("{\"batch\":") == 0u);
}

BOOST_AUTO_TEST_CASE(version_1_0_gets_results_until_the_end) {
  server s;
  http_client client{s.where()};
  client.send("POST " + by_template + " HTTP/1.0\r\n" + lines_type + wants_lines
              + "Content-Length: 3\r\n\r\n{}\n");
  const auto head = client.receive_head();
  BOOST_TEST(head.value().status == 200);
  BOOST_TEST(!head.value().field("Transfer-Encoding").has_value());
  BOOST_TEST(client.receive_rest().find("{\"index\":0}\n{\"batch\":") == 0u);
}

BOOST_AUTO_TEST_CASE(a_document_can_have_its_results_streamed) {
  server s;
  http_client client{s.where()};
  const auto answer
    = client.ask("POST", batches, document("{},{}"), json_type + wants_lines);
  BOOST_TEST(answer.value().status == 200);
  BOOST_TEST(answer.value().body.find("{\"index\":0}\n{\"index\":1}\n{\"batch")
             == 0u);
}

BOOST_AUTO_TEST_CASE(nothing_is_taken_for_a_client_that_does_not_read) {
  server s;
  http_client client{s.where()};
  client.send(upload(in_worktree("endless"), wants_lines) + chunk("{}\n"));
  // What fits into the sockets is taken, and then no more.
  int takes = 0;
  BOOST_TEST(eventually([&] {
    takes = s.seen->takes;
    std::this_thread::sleep_for(50ms);
    return takes > 0 && takes == s.seen->takes;
  }));
  BOOST_TEST(takes < 500);
  http_client other{s.where()};
  BOOST_TEST(other.ask("GET", health).value().status == 200);
  // It goes on when the client reads.
  BOOST_TEST(client.receive_head().value().status == 200);
  for (int i = 0; i < takes; ++i)
    BOOST_REQUIRE(client.receive_chunk().has_value());
  BOOST_TEST(eventually([&] { return s.seen->takes > takes; }));
  client.reset();
  BOOST_TEST(eventually([&] { return s.seen->cancels == 1; }));
}

BOOST_AUTO_TEST_CASE(a_client_that_stalls_leaves_its_batch_behind) {
  auto options = quick_options();
  options.connection.write_timeout = 100ms;
  server s{options};
  http_client client{s.where()};
  client.send(upload(in_worktree("endless"), wants_lines) + chunk("{}\n")
              + last_chunk);
  BOOST_TEST(eventually([&] { return s.seen->releases == 1; }));
  BOOST_TEST(s.seen->cancels == 0);
}

BOOST_AUTO_TEST_CASE(a_reader_that_leaves_behind_the_input_releases) {
  server s;
  http_client client{s.where()};
  client.send(upload(in_worktree("endless"), wants_lines) + chunk("{}\n")
              + last_chunk);
  BOOST_TEST(eventually([&] { return s.seen->input() == "{}\n"; }));
  BOOST_TEST(client.receive_head().value().status == 200);
  BOOST_TEST(client.receive_chunk().has_value());
  client.reset();
  BOOST_TEST(eventually([&] { return s.seen->releases == 1; }));
  BOOST_TEST(s.seen->cancels == 0);
}

BOOST_AUTO_TEST_CASE(a_document_is_added_whole_though_its_reader_left) {
  server s;
  http_client client{s.where()};
  std::string jobs = "{}";
  for (int i = 0; i < 30; ++i)
    jobs += ",\"" + std::string(100000, 'x') + '"';
  client.send(http_request("POST", batches,
                           document(jobs, R"(,"worktree_path":"held")"),
                           json_type + wants_lines));
  BOOST_TEST(eventually([&] { return s.seen->adds == 1; }));
  client.reset();
  BOOST_TEST(eventually([&] { return s.seen->releases == 1; }));
  for (int adds = 2; adds <= 3; ++adds) {
    go(s);
    BOOST_TEST(eventually([&] { return s.seen->adds == adds; }));
  }
  BOOST_TEST(s.seen->cancels == 0);
}

BOOST_AUTO_TEST_CASE(a_stopped_batch_ends_its_stream_before_the_input) {
  for (const auto* way : {"stopped", "gone"}) {
    server s;
    http_client client{s.where()};
    begin_upload(client, way, wants_lines);
    const auto answer = client.receive();
    BOOST_REQUIRE(answer.has_value());
    BOOST_TEST(answer->status == 200);
    BOOST_TEST(answer->body.find("{\"batch\":{") != std::string::npos);
    BOOST_TEST(client.at_end());
    BOOST_TEST(s.seen->cancels == 0);
  }
}

BOOST_AUTO_TEST_CASE(an_error_before_the_first_result_is_an_envelope) {
  server s;
  http_client client{s.where()};
  begin_upload(client, "mute", wants_lines);
  const auto answer = client.receive();
  BOOST_TEST(answer.value().status == 500);
  BOOST_TEST(answer.value().field("Content-Type").value()
             == "application/json");
  BOOST_TEST(eventually([&] { return s.seen->cancels == 1; }));
}

BOOST_AUTO_TEST_CASE(an_error_behind_results_is_the_last_line) {
  server s;
  http_client client{s.where()};
  begin_upload(client, "w", wants_lines);
  BOOST_TEST(client.receive_head().value().status == 200);
  BOOST_TEST(client.receive_chunk().value()
             == "{\"index\":0}\n{\"index\":1}\n");
  client.send("not a size\r\n");
  BOOST_TEST(
    client.receive_chunk().value().find(R"({"error":{"code":"INVALID_REQUEST")")
    == 0u);
  BOOST_TEST(client.receive_chunk().value() == "");
  BOOST_TEST(client.at_end());
  BOOST_TEST(eventually([&] { return s.seen->cancels == 1; }));
}

BOOST_AUTO_TEST_CASE(a_stream_behind_other_answers_keeps_the_order) {
  server s;
  http_client client{s.where()};
  client.send(http_request("POST", repl, snippet("hold"))
              + upload(by_template, wants_lines) + chunk("{}\n") + last_chunk
              + http_request("GET", health));
  BOOST_TEST(eventually([&] { return s.seen->adds > 0; }));
  BOOST_TEST(s.seen->takes == 0);
  go(s);
  BOOST_TEST(client.receive().value().status == 201);
  BOOST_TEST(client.receive().value().body.find("{\"index\":0}\n") == 0u);
  BOOST_TEST(client.receive().value().body == R"({"status":"ok"})");
}

// -- stored ones --------------------------------------------------------------

BOOST_AUTO_TEST_CASE(stored_results_can_be_had_as_lines) {
  server s;
  http_client client{s.where()};
  const auto first
    = client.ask("GET", one_batch + "/results?limit=2", "", wants_lines);
  BOOST_TEST(first.value().body == "{\"index\":0}\n{\"index\":1}\n");
  BOOST_TEST(first.value().field("Content-Type").value()
             == "application/x-ndjson");
  BOOST_TEST(first.value().field("X-Next-Cursor").value() == "2");
  const auto last
    = client.ask("GET", one_batch + "/results?cursor=2", "", wants_lines);
  BOOST_TEST(last.value().body == "{\"index\":2}\n");
  BOOST_TEST(!last.value().field("X-Next-Cursor").has_value());
}

BOOST_AUTO_TEST_CASE(a_list_of_batches_leads_to_its_next_page) {
  server s;
  http_client client{s.where()};
  const auto first = client.ask("GET", batches + "?status=stopped&limit=3");
  const auto cursor = fakes::known_batch.to_string();
  BOOST_TEST(first.value().field("X-Next-Cursor").value() == cursor);
  BOOST_TEST(first.value().field("Link").value()
             == "<" + batches + "?limit=3&cursor=" + cursor
                  + "&status=stopped>; rel=\"next\"");
  const auto last = client.ask("GET", batches + "?cursor=" + cursor);
  BOOST_TEST(!last.value().field("X-Next-Cursor").has_value());
}

// -- progress -----------------------------------------------------------------

BOOST_AUTO_TEST_CASE(progress_is_shown_until_the_end) {
  auto options = quick_options();
  options.progress_interval = 20ms;
  server s{options};
  http_client client{s.where()};
  const auto answer = client.ask("GET", live_batch, "", wants_events);
  BOOST_REQUIRE(answer.has_value());
  BOOST_TEST(answer->status == 200);
  BOOST_TEST(answer->field("Content-Type").value() == "text/event-stream");
  BOOST_TEST(answer->body.find("event: progress\ndata: {\"id\":\"") == 0u);
  for (const auto* done : {"\"done\":1,", "\"done\":2,", "\"done\":5,"})
    BOOST_TEST(answer->body.find(done) != std::string::npos);
  const auto end = answer->body.find("event: end\ndata: {\"id\":\"");
  BOOST_TEST(end != std::string::npos);
  BOOST_TEST(answer->body.find("completed", end) != std::string::npos);
  BOOST_TEST(answer->body.substr(answer->body.size() - 2) == "\n\n");
  BOOST_TEST(client.ask("GET", health).value().status == 200);
}

BOOST_AUTO_TEST_CASE(progress_of_a_batch_that_does_not_go_on_ends_at_once) {
  server s;
  http_client client{s.where()};
  for (const auto& id : {fakes::known_batch, fakes::interrupted_batch}) {
    const auto answer
      = client.ask("GET", batches + "/" + id.to_string(), "", wants_events);
    BOOST_TEST(answer.value().body.find("event: progress\n") == 0u);
    BOOST_TEST(answer.value().body.find("\n\nevent: end\n")
               != std::string::npos);
  }
}

BOOST_AUTO_TEST_CASE(all_who_watch_a_batch_see_its_end) {
  auto options = quick_options();
  options.progress_interval = 200ms;
  server s{options};
  watcher first{s};
  watcher second{s};
  watcher third{s};
  second.reset();
  for (auto* client : {&first, &third}) {
    std::string all;
    for (auto part = client->receive_chunk(); part && !part->empty();
         part = client->receive_chunk())
      all += *part;
    BOOST_TEST(all.find("event: end\n") != std::string::npos);
  }
  // They share the looking: its end was found once.
  BOOST_TEST(s.seen->looks == 6);
}

BOOST_AUTO_TEST_CASE(silence_is_broken_by_heartbeats) {
  auto options = without_progress();
  options.heartbeat = 30ms;
  server s{options};
  watcher client{s};
  BOOST_TEST(client.receive_chunk().value() == ": heartbeat\n\n");
  BOOST_TEST(client.receive_chunk().value() == ": heartbeat\n\n");
}

BOOST_AUTO_TEST_CASE(a_drain_ends_those_who_watch) {
  server s{without_progress()};
  watcher client{s};
  // Checks of Boost.Test belong to one thread.
  std::optional<std::string> end;
  std::thread reader{[&] {
    end = client.receive_chunk();
    client.end();
  }};
  BOOST_TEST(s.drain(10000) == 0u);
  reader.join();
  BOOST_TEST(end.value() == "");
}

BOOST_AUTO_TEST_CASE(a_dead_runtime_ends_those_who_watch) {
  server s{without_progress()};
  watcher client{s};
  caf::anon_send_exit(s.supervisor, caf::exit_reason::kill);
  BOOST_TEST(client.receive_chunk().value().find("event: error\ndata: {")
             == 0u);
  BOOST_TEST(client.receive_chunk().value() == "");
}
