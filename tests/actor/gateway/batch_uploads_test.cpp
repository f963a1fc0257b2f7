#include "batches.hpp"

#include <functional>
#include <thread>

using namespace vmsystem;
using namespace std::chrono_literals;

namespace {

std::string lines(int count) {
  std::string result;
  for (int i = 0; i < count; ++i)
    result += R"({"input":")" + std::to_string(i) + "\"}\n";
  return result;
}

} // namespace

BOOST_AUTO_TEST_CASE(an_upload_is_answered_when_its_input_is_stored) {
  server s;
  http_client client{s.where()};
  begin_upload(client, "held");
  BOOST_TEST(eventually([&] { return s.seen->adds == 1; }));
  client.send(chunk("{}") + last_chunk);
  BOOST_TEST(!client.readable(20));
  go(s);
  BOOST_TEST(eventually([&] { return s.seen->adds == 2; }));
  BOOST_TEST(!client.readable(20));
  go(s);
  const auto answer = client.receive();
  BOOST_REQUIRE(answer.has_value());
  BOOST_TEST(answer->status == 202);
  BOOST_TEST(answer->body.find(R"("jobs":3)") != std::string::npos);
  const auto id = answer->body.substr(answer->body.find("\"id\":\"") + 6, 36);
  BOOST_TEST(answer->field("Location").value() == batches + "/" + id);
  BOOST_TEST(s.seen->input() == "{}\n{}\n{}");
  BOOST_TEST(client.ask("GET", health).value().status == 200);
  BOOST_TEST(s.seen->cancels == 0);
}

BOOST_AUTO_TEST_CASE(an_upload_arrives_the_same_in_any_pieces) {
  for (const std::size_t size : {1u, 2u, 3u, 7u, 100000u}) {
    server s;
    http_client client{s.where()};
    const auto input = lines(50);
    std::string bytes = upload(by_template);
    for (std::size_t at = 0; at < input.size(); at += 11)
      bytes += chunk(input.substr(at, 11));
    bytes += "0\r\nTrailer: x\r\n\r\n" + http_request("GET", health);
    for (std::size_t at = 0; at < bytes.size(); at += size)
      client.send(std::string_view{bytes}.substr(at, size));
    BOOST_TEST(client.receive().value().status == 202);
    BOOST_TEST(client.receive().value().body == R"({"status":"ok"})");
    BOOST_TEST(s.seen->input() == input);
    BOOST_TEST(s.seen->adds_at_once == 1);
  }
}

BOOST_AUTO_TEST_CASE(an_upload_may_be_larger_than_any_whole_body) {
  server s;
  http_client client{s.where()};
  const auto input = std::string(30u << 20, 'x') + "\n";
  const auto answer = client.ask("POST", by_template, input, lines_type);
  BOOST_REQUIRE(answer.has_value());
  BOOST_TEST(answer->status == 202);
  BOOST_TEST((s.seen->input() == input));
  BOOST_TEST(s.seen->largest_piece <= max_batch_input);
  BOOST_TEST(s.seen->adds_at_once == 1);
}

BOOST_AUTO_TEST_CASE(an_upload_is_read_no_faster_than_it_is_stored) {
  server s;
  http_client client{s.where()};
  client.send(upload(in_worktree("held")) + chunk("{}\n"));
  BOOST_TEST(eventually([&] { return s.seen->adds == 1; }));
  // A client that sends for ever is stopped by its socket.
  client.set_send_patience(200ms);
  const auto part = chunk(std::string(1u << 20, 'x'));
  int sent = 0;
  while (sent < 200 && client.send(part))
    ++sent;
  BOOST_TEST(sent < 200);
  BOOST_TEST(s.seen->adds == 1);
  // Others are served meanwhile.
  http_client other{s.where()};
  BOOST_TEST(other.ask("GET", health).value().status == 200);
}

BOOST_AUTO_TEST_CASE(an_upload_without_jobs_is_a_batch_too) {
  server s;
  http_client client{s.where()};
  BOOST_TEST(client.ask("POST", by_template, "", lines_type).value().status
             == 202);
  client.send(upload(by_template) + last_chunk);
  BOOST_TEST(client.receive().value().status == 202);
  BOOST_TEST(s.seen->adds == 2);
}

BOOST_AUTO_TEST_CASE(a_document_makes_a_batch_too) {
  server s;
  http_client client{s.where()};
  const auto answer
    = client.ask("POST", batches,
                 document(R"({"input":"1\n2"},7)",
                          R"(,"isolation":"session","concurrency":3,)"
                          R"("on_error":"stop","worktree_path":"/w")"),
                 json_type);
  BOOST_REQUIRE(answer.has_value());
  BOOST_TEST(answer->status == 202);
  BOOST_TEST(s.seen->input() == "{\"input\":\"1\\n2\"}\n7\n");
  const auto spec = s.seen->spec();
  BOOST_TEST((spec.isolation == batch_isolation::session));
  BOOST_TEST((spec.on_error == batch_on_error::stop));
  BOOST_TEST(spec.concurrency == 3u);
  BOOST_TEST(spec.worktree_path == "/w");
  BOOST_TEST(!spec.attached);
}

BOOST_AUTO_TEST_CASE(a_large_document_is_added_in_pieces) {
  server s;
  http_client client{s.where()};
  std::string jobs;
  for (int i = 0; i < 40; ++i)
    jobs += (i == 0 ? "\"" : ",\"") + std::string(100000, 'x') + '"';
  const auto answer = client.ask("POST", batches, document(jobs), json_type);
  BOOST_TEST(answer.value().status == 202);
  BOOST_TEST(s.seen->adds == 4);
  BOOST_TEST(s.seen->adds_at_once == 1);
  BOOST_TEST(s.seen->largest_piece == max_batch_input);
  BOOST_TEST(s.seen->input().size() == 40u * 100003u);
}

BOOST_AUTO_TEST_CASE(parameters_make_the_spec) {
  server s;
  http_client client{s.where()};
  client.ask("POST",
             by_template
               + "&worktree_path=%2Ftmp&isolation=session&session_id="
                 "22222222-2222-7222-8222-222222222222&concurrency=7"
                 "&on_error=stop&ordered=true",
             "{}", lines_type + wants_lines);
  const auto spec = s.seen->spec();
  BOOST_TEST((spec.vm_id == fakes::known_template));
  BOOST_TEST(spec.worktree_path == "/tmp");
  BOOST_TEST((spec.isolation == batch_isolation::session));
  BOOST_TEST((spec.session == fakes::known_session));
  BOOST_TEST(spec.concurrency == 7u);
  BOOST_TEST((spec.on_error == batch_on_error::stop));
  BOOST_TEST(spec.ordered);
  BOOST_TEST(spec.attached);
}

BOOST_AUTO_TEST_CASE(what_is_wrong_with_a_batch_is_named) {
  struct refused {
    std::string target;
    std::string headers;
    std::string body;
    int status;
    std::string part;
  };
  const auto some_id = fakes::known_session.to_string();
  const std::vector<refused> cases{
    {batches, lines_type, "{}", 400, R"("details":{"template_id":""})"},
    {batches + "?template_id=x", lines_type, "{}", 400, "template_id"},
    {by_template + "&isolation=none", lines_type, "{}", 400, "fresh, session"},
    {by_template + "&on_error=never", lines_type, "{}", 400, "continue, stop"},
    {by_template + "&concurrency=-1", lines_type, "{}", 400, "concurrency"},
    {by_template + "&ordered=yes", lines_type, "{}", 400, "ordered"},
    {by_template + "&session_id=7", lines_type, "{}", 400, "session_id"},
    {by_template + "&limit=1", lines_type, "{}", 400, R"({"limit":"1"})"},
    {by_template + "&ordered=true&ordered=false", lines_type, "{}", 400,
     "ordered"},
    {by_template + "&on_error=%", lines_type, "{}", 400, "INVALID_REQUEST"},
    {by_template, "Content-Type: text/csv\r\n", "{}", 400,
     "application/x-ndjson or application/json"},
    {by_template, "", "{}", 400, "Content-Type"},
    {by_template, json_type, document("{}"), 400, "template_id"},
    {batches, json_type, R"({"jobs":[]})", 400, "template_id"},
    {batches, json_type, "{", 400, "INVALID_REQUEST"},
    {batches, json_type, R"({"template_id":"x","jobs":[]})", 400,
     "template_id"},
    {batches, json_type, R"({"template_id":")" + some_id + R"("})", 400,
     "jobs"},
    {batches, json_type, R"({"template_id":")" + some_id + R"(","jobs":{}})",
     400, "an array"},
    {batches, json_type, document("", R"(,"x":1)"), 400, "\\\"x\\\""},
    {batches + "?template_id=" + some_id, lines_type, "{}", 404,
     "TEMPLATE_NOT_FOUND"},
  };
  server s;
  for (const auto& x : cases)
    for (const auto& accept : {std::string{}, wants_lines})
      BOOST_TEST_CONTEXT(x.target << " " << x.headers << x.body) {
        http_client client{s.where()};
        const auto answer
          = client.ask("POST", x.target, x.body, x.headers + accept);
        BOOST_REQUIRE(answer.has_value());
        BOOST_TEST(answer->status == x.status);
        BOOST_TEST(answer->body.find(x.part) != std::string::npos,
                   answer->body);
        BOOST_TEST(answer->field("Content-Type").value() == "application/json");
      }
  BOOST_TEST(s.seen->adds == 0);
}

BOOST_AUTO_TEST_CASE(a_refused_upload_is_not_asked_for_its_body) {
  server s;
  http_client client{s.where()};
  client.send(
    upload(batches + "?template_id=" + fakes::known_session.to_string(),
           "Expect: 100-continue\r\n"));
  const auto answer = client.receive();
  BOOST_TEST(answer.value().status == 404);
  BOOST_TEST(answer.value().field("Connection").value() == "close");
  BOOST_TEST(client.at_end());
}

BOOST_AUTO_TEST_CASE(an_upload_that_expects_it_is_continued) {
  server s;
  http_client client{s.where()};
  client.send(upload(in_worktree("held-create"), "Expect: 100-continue\r\n"));
  BOOST_TEST(eventually([&] { return s.seen->creates == 1; }));
  BOOST_TEST(!client.readable(20));
  go(s);
  BOOST_TEST(client.receive().value().status == 100);
  client.send(chunk("{}") + last_chunk);
  BOOST_TEST(client.receive().value().status == 202);
}

BOOST_AUTO_TEST_CASE(a_client_that_leaves_an_upload_takes_the_batch_along) {
  const std::vector<std::function<void(http_client&)>> ways{
    [](http_client& client) { client.reset(); },
    [](http_client& client) { client.end(); }};
  for (const auto& headers : {std::string{}, wants_lines})
    for (const auto& leave : ways)
      for (const auto* way : {"w", "held"}) {
        server s;
        http_client client{s.where()};
        begin_upload(client, way, headers);
        BOOST_TEST(eventually([&] { return s.seen->adds == 1; }));
        leave(client);
        BOOST_TEST(eventually([&] { return s.seen->cancels == 1; }));
        BOOST_TEST(s.seen->releases == 0);
        http_client other{s.where()};
        BOOST_TEST(other.ask("GET", health).value().status == 200);
      }
}

BOOST_AUTO_TEST_CASE(a_batch_made_for_nobody_is_cancelled) {
  server s;
  {
    http_client client{s.where()};
    begin_upload(client, "held-create");
    BOOST_TEST(eventually([&] { return s.seen->creates == 1; }));
    client.reset();
  }
  // The gateway notices before it hears of the batch.
  http_client other{s.where()};
  BOOST_TEST(other.ask("GET", health).value().status == 200);
  go(s);
  BOOST_TEST(eventually([&] { return s.seen->cancels == 1; }));
  BOOST_TEST(s.seen->adds == 0);
}

BOOST_AUTO_TEST_CASE(an_upload_that_stalls_is_answered_with_408) {
  auto options = quick_options();
  options.connection.body_timeout = 50ms;
  server s{options};
  http_client client{s.where()};
  begin_upload(client, "w");
  const auto answer = client.receive();
  BOOST_TEST(answer.value().status == 408);
  BOOST_TEST(client.at_end());
  BOOST_TEST(eventually([&] { return s.seen->cancels == 1; }));
}

BOOST_AUTO_TEST_CASE(an_upload_that_waits_for_the_store_is_not_slow) {
  auto options = quick_options();
  options.connection.body_timeout = 50ms;
  server s{options};
  http_client client{s.where()};
  client.send(upload(in_worktree("held"))
              + chunk(std::string(3 * max_batch_input, 'x')));
  BOOST_TEST(eventually([&] { return s.seen->adds == 1; }));
  BOOST_TEST(!client.readable(300));
  BOOST_TEST(s.seen->cancels == 0);
}

BOOST_AUTO_TEST_CASE(an_upload_that_is_no_chunks_is_refused) {
  server s;
  http_client client{s.where()};
  begin_upload(client, "w");
  client.send("not a size\r\n");
  const auto answer = client.receive();
  BOOST_TEST(answer.value().status == 400);
  BOOST_TEST(answer.value().body.find("chunked") != std::string::npos);
  BOOST_TEST(client.at_end());
  BOOST_TEST(eventually([&] { return s.seen->cancels == 1; }));
}

BOOST_AUTO_TEST_CASE(a_batch_that_is_over_early_ends_its_upload) {
  const std::vector<std::pair<std::string, std::string>> ways{
    {"stopped", R"("status":"stopped")"}, {"gone", R"("status":"cancelled")"}};
  for (const auto& [way, status] : ways) {
    server s;
    http_client client{s.where()};
    begin_upload(client, way);
    const auto answer = client.receive();
    BOOST_REQUIRE(answer.has_value());
    BOOST_TEST(answer->status == 202);
    BOOST_TEST(answer->body.find(status) != std::string::npos);
    BOOST_TEST(answer->field("Connection").value() == "close");
  }
}

BOOST_AUTO_TEST_CASE(input_that_cannot_be_stored_is_an_error) {
  for (const auto& headers : {std::string{}, wants_lines}) {
    server s;
    http_client client{s.where()};
    begin_upload(client, "broken", headers);
    const auto answer = client.receive();
    BOOST_TEST(answer.value().status == 500);
    BOOST_TEST(answer.value().body.find("INTERNAL") != std::string::npos);
    BOOST_TEST(eventually([&] { return s.seen->cancels == 1; }));
  }
}

BOOST_AUTO_TEST_CASE(a_dead_runtime_ends_an_upload) {
  server s;
  http_client client{s.where()};
  begin_upload(client, "held");
  BOOST_TEST(eventually([&] { return s.seen->adds == 1; }));
  caf::anon_send_exit(s.supervisor, caf::exit_reason::kill);
  BOOST_TEST(client.receive().value().status == 500);
}

BOOST_AUTO_TEST_CASE(a_drain_waits_for_an_upload) {
  server s;
  http_client client{s.where()};
  begin_upload(client, "held");
  BOOST_TEST(eventually([&] { return s.seen->adds == 1; }));
  std::thread sender{[&] {
    client.send(chunk("{}") + last_chunk);
    for (int adds = 1; adds <= 2; ++adds) {
      eventually([&] { return s.seen->adds == adds; });
      execution_request request;
      request.session = fakes::known_session;
      request.input = "go";
      caf::anon_send(s.supervisor, execute_atom_v, request);
    }
  }};
  // Checks of Boost.Test belong to one thread.
  std::optional<http_answer> answer;
  std::thread reader{[&] {
    answer = client.receive();
    client.end();
  }};
  const auto unanswered = s.drain(10000);
  sender.join();
  reader.join();
  BOOST_TEST(unanswered == 0u);
  BOOST_TEST(answer.value().status == 202);
}
