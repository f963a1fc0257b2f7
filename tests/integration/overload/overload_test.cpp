#define BOOST_TEST_MODULE overload
#include "support.hpp"

#include <map>
#include <set>

using namespace vmsystem;
using namespace vmsystem::test;

namespace {

constexpr std::size_t max_body = 8 * mib;
/// The server's bounds on what connections hold and on what executions in
/// flight came with.
constexpr std::size_t max_buffered = 64 * mib;
constexpr std::size_t max_in_flight = 64 * mib;

/// What a server may use beyond its resting state whatever its clients do: the
/// tables of the store that are being filled and its cache (64 and 32 MiB), and
/// what the allocator keeps. A sanitizer takes memory of its own.
constexpr std::size_t fixed = VMSYSTEM_FIXED_MEMORY_MB * mib;

/// What the heap of a session may have; the process takes at most 16 MiB more
/// for it.
constexpr std::size_t session_mb = 32;

/// Buffers double when they grow, and are copied then.
constexpr std::size_t growth = 3;

const std::vector<std::string> narrow{"--max-buffered-bytes",
                                      std::to_string(max_buffered),
                                      "--max-in-flight-bytes",
                                      std::to_string(max_in_flight)};

std::shared_ptr<const std::string> shared(std::string text) {
  return std::make_shared<const std::string>(std::move(text));
}

std::string post(const std::string& body, const std::string& headers = {}) {
  return "POST /api/v1/executions/repl HTTP/1.1\r\nHost: localhost\r\n"
         "Content-Type: application/json\r\n"
         + headers + "Content-Length: " + std::to_string(body.size())
         + "\r\n\r\n" + body;
}

/// A body of exactly `size` bytes that runs a snippet.
std::string body_of_size(const std::string& session, std::size_t size) {
  auto body = repl_body(session, "1 + 1", 60000);
  body.insert(body.find("1 + 1"),
              "/*" + std::string(size - body.size() - 4, 'x') + "*/");
  return body;
}

std::size_t content_length(const http_answer& answer) {
  return std::stoul("0" + answer.header("Content-Length"));
}

/// The id of the document, of which the end may be missing.
std::string id_at_start(const http_answer& answer) {
  const std::string before = "{\"id\":\"";
  BOOST_TEST_REQUIRE(answer.body.rfind(before, 0) == 0u);
  return answer.body.substr(before.size(), 36);
}

void check_peak(test_daemon& server, const resting_state& before,
                std::size_t most) {
  const auto grown
    = (peak_resident_kb(server.process().pid()) - before.peak_kb) * 1024;
  BOOST_TEST_MESSAGE("at most " << grown / mib << " MiB of " << most / mib
                                << " beyond the resting state");
  BOOST_TEST(grown <= most);
}

struct world {
  explicit world(const std::vector<std::string>& flags) : server{flags} {
    auto client = server.connect();
    tmpl = make_template(client, R"({"wall_ms":60000,"cpu_ms":60000,"mem_mb":)"
                                   + std::to_string(session_mb) + '}');
    session = make_session(client, tmpl);
    run_snippet(client, session, "1");
    before = resting(server);
    --before.descriptors;
  }

  test_daemon server;
  std::string tmpl;
  std::string session;
  resting_state before{};
};

} // namespace

BOOST_AUTO_TEST_CASE(two_thousand_connections_are_served) {
  constexpr std::size_t count = 2000;
  need_descriptors(count + 512);
  world w{{}};
  healthy_client healthy{w.server, w.session};
  swarm clients{w.server.port()};
  for (std::size_t i = 0; i < count; ++i) {
    clients.add({shared("GET /api/v1/health HTTP/1.1\r\nHost: localhost\r\n"
                        "\r\n")});
    if (i % 100 == 0)
      healthy.work();
  }
  BOOST_TEST(clients.until([&] { return clients.answered() == count; }));
  for (const auto& text : clients.received())
    BOOST_TEST_REQUIRE(answer_in(text).status == 200, text);
  auto control = w.server.connect();
  BOOST_TEST(metric(control, "vm_system_http_connections") == count + 2);
  for (int i = 0; i < 20; ++i)
    healthy.work();
  // A connection keeps no buffer larger than 64 KiB.
  check_peak(w.server, w.before, fixed + count * 64 * 1024);
  clients.leave();
  control.reset();
  healthy.leave();
  check_rested(w.server, w.before, w.session);
}

BOOST_AUTO_TEST_CASE(who_does_not_read_is_cut_before_memory_is_short) {
  need_descriptors(1024);
  world w{narrow};
  auto control = w.server.connect();
  // An answer of some 300 KiB: its events have as many bytes as they may.
  const auto full
    = run_snippet(control, w.session,
                  "for (let i = 0; i < 250; ++i) console.log('x'.repeat(1000))")
        .field("id")
        .text();
  const auto target = "/api/v1/executions/" + full + "/events?limit=1000";
  const auto whole = control.request("GET", target).body;
  BOOST_TEST_REQUIRE(whole.size() > 250000u);

  std::string requests;
  for (int i = 0; i < 32; ++i)
    requests += "GET " + target + " HTTP/1.1\r\nHost: localhost\r\n\r\n";
  const auto wanted = shared(requests);
  swarm readers{w.server.port()};
  healthy_client healthy{w.server, w.session};
  for (int i = 0; i < 300; ++i) {
    readers.add({wanted, SIZE_MAX, false});
    readers.turn();
    if (i % 10 == 0)
      healthy.work();
  }
  BOOST_TEST(readers.until([&] { return readers.all_sent() == 300u; }));
  BOOST_TEST(eventually(
    [&] {
      healthy.work();
      return metric(control, "vm_system_http_connections_shed_total") > 0u;
    },
    std::chrono::seconds{60}));
  for (int i = 0; i < 20; ++i) {
    healthy.work();
    // Who reads gets all, however many do not.
    BOOST_TEST((control.request("GET", target).body == whole));
  }
  BOOST_TEST(metric(control, "vm_system_http_buffered_bytes") <= max_buffered);
  // Beside the buffers: answers on their way from the store to the gateway.
  check_peak(w.server, w.before, fixed + growth * max_buffered);
  readers.leave();
  control.reset();
  healthy.leave();
  check_rested(w.server, w.before, w.session);
}

BOOST_AUTO_TEST_CASE(who_sends_one_byte_at_a_time_is_answered_or_refused) {
  constexpr std::size_t each = 700;
  need_descriptors(2 * each + 512);
  world w{narrow};
  healthy_client healthy{w.server, w.session};
  auto control = w.server.connect();
  const auto shared_session = make_session(control, w.tmpl);
  swarm slow{w.server.port()};
  // Never complete at this pace, within the time that a header may take.
  const auto header
    = shared("GET /api/v1/health HTTP/1.1\r\nHost: localhost\r\nX-Long: "
             + std::string(15000, 'x') + "\r\n\r\n");
  // Complete after some turns.
  const auto body = shared(post(repl_body(shared_session, "1 + 1", 60000)));
  for (std::size_t i = 0; i < each; ++i) {
    slow.add({header, 1, true});
    slow.add({body, 1, true});
  }
  BOOST_TEST(slow.until([&] {
    healthy.work();
    return slow.answered() == slow.size();
  }));
  std::map<int, std::size_t> statuses;
  std::set<std::string> stored;
  for (const auto& text : slow.received()) {
    const auto answer = answer_in(text);
    ++statuses[answer.status];
    switch (answer.status) {
      case 408:
        BOOST_TEST(answer.code() == "INVALID_REQUEST", answer.body);
        break;
      case 429:
        check_refusal(answer, 429, "TOO_MANY_REQUESTS");
        break;
      default: {
        BOOST_TEST_REQUIRE(answer.status == 201, text);
        const auto id = answer.json().field("id").text();
        BOOST_TEST(stored.insert(id).second);
        BOOST_TEST(control.request("GET", "/api/v1/executions/" + id).status
                   == 200);
      }
    }
  }
  BOOST_TEST(statuses[408] >= each);
  BOOST_TEST(statuses[201] > 0u);
  // Slow headers are kept as they come: at most 25 KiB each.
  check_peak(w.server, w.before, fixed + 2 * each * 64 * 1024);
  slow.leave();
  control.reset();
  healthy.leave();
  check_rested(w.server, w.before, w.session);
}

BOOST_AUTO_TEST_CASE(a_flood_of_large_bodies_is_taken_or_refused) {
  need_descriptors(1024);
  world w{narrow};
  auto control = w.server.connect();
  healthy_client healthy{w.server, w.session};
  constexpr std::size_t in_use = 4;
  std::vector<std::string> sessions;
  while (sessions.size() < in_use)
    sessions.push_back(make_session(control, w.tmpl));
  swarm flood{w.server.port()};
  constexpr std::size_t largest = 150;
  constexpr int too_large = 50;
  for (std::size_t i = 0; i < largest; ++i)
    flood.add({shared(post(body_of_size(sessions[i % in_use], max_body)))});
  const auto input_size
    = max_body - repl_body(sessions[0], "1 + 1", 60000).size() + 5;
  const auto above = shared(post(std::string(max_body + 1, ' ')));
  const auto chunks
    = shared("POST /api/v1/executions/repl HTTP/1.1\r\nHost: localhost\r\n"
             "Transfer-Encoding: chunked\r\n\r\n900000\r\n"
             + std::string(0x900000, ' ') + "\r\n0\r\n\r\n");
  for (int i = 0; i < too_large; ++i)
    flood.add({i % 2 == 0 ? above : chunks});
  BOOST_TEST(flood.until([&] {
    healthy.work();
    return flood.answered() == flood.size();
  }));
  std::map<int, int> statuses;
  int cut = 0;
  for (const auto& text : flood.received()) {
    const auto answer = answer_in(text);
    ++statuses[answer.status];
    switch (answer.status) {
      case 201: {
        // What was accepted is there, whole. Its answer is as large, and may
        // be given up for lack of room: then it is shorter than it says.
        cut += answer.body.size() < content_length(answer) ? 1 : 0;
        const auto stored
          = control.request("GET", "/api/v1/executions/" + id_at_start(answer));
        BOOST_TEST_REQUIRE(stored.status == 200);
        BOOST_TEST(stored.json().field("status").text() == "ok");
        BOOST_TEST(stored.json().field("input").text().size() == input_size);
        break;
      }
      case 413:
        BOOST_TEST(answer.code() == "PAYLOAD_TOO_LARGE");
        break;
      case 503:
        check_refusal(answer, 503, "OVERLOADED");
        break;
      default:
        BOOST_ERROR("not an honest answer: " + answer.head);
    }
  }
  BOOST_TEST_MESSAGE(statuses[201] << " taken (" << cut
                                   << " of the answers cut), " << statuses[413]
                                   << " too large, " << statuses[503]
                                   << " refused for lack of room");
  BOOST_TEST(statuses[201] > 0);
  BOOST_TEST(statuses[503] > 0);
  BOOST_TEST(statuses[413] > 0);
  // Of what an execution came with there are the request, its record, the
  // event that repeats it, the documents of both, and the answer.
  constexpr std::size_t copies = 6;
  check_peak(w.server, w.before,
             fixed + growth * max_buffered + copies * max_in_flight
               + in_use * (session_mb + 16) * mib);
  flood.leave();
  control.reset();
  healthy.leave();
  check_rested(w.server, w.before, w.session);
}

BOOST_AUTO_TEST_CASE(full_queues_refuse_and_keep_what_they_took) {
  world w{{"--max-in-flight", "64", "--max-waiting", "8", "--slots", "1"}};
  auto control = w.server.connect();
  std::vector<std::string> sessions;
  for (int i = 0; i < 20; ++i)
    sessions.push_back(make_session(control, w.tmpl));
  const std::string spin
    = "for (const end = Date.now() + 5; Date.now() < end;);";
  swarm clients{w.server.port()};
  // First more than one session can have, then more than the server can.
  for (int i = 0; i < 200; ++i)
    clients.add({shared(post(repl_body(w.session, spin + "7", 60000)))});
  BOOST_TEST(clients.until([&] { return clients.answered() >= 100u; }));
  for (std::size_t i = 0; i < 1000; ++i)
    clients.add({shared(post(repl_body(sessions[i % sessions.size()],
                                       spin + std::to_string(i), 60000)))});
  BOOST_TEST(
    clients.until([&] { return clients.answered() == clients.size(); }));
  std::set<std::string> accepted;
  std::map<int, int> statuses;
  for (const auto& text : clients.received()) {
    const auto answer = answer_in(text);
    ++statuses[answer.status];
    if (answer.status == 429)
      check_refusal(answer, 429, "TOO_MANY_REQUESTS");
    else if (answer.status == 503)
      check_refusal(answer, 503, "OVERLOADED");
    else
      BOOST_TEST_REQUIRE(answer.status == 201, text);
    if (answer.status == 201)
      BOOST_TEST(accepted.insert(answer.json().field("id").text()).second);
  }
  BOOST_TEST_MESSAGE(statuses[201] << " taken, " << statuses[429] << " and "
                                   << statuses[503] << " refused");
  BOOST_TEST(statuses[201] > 0);
  BOOST_TEST(statuses[429] > 0);
  BOOST_TEST(statuses[503] > 0);
  // The store has what was accepted, and nothing else ran.
  std::set<std::string> stored;
  sessions.push_back(w.session);
  for (const auto& session : sessions)
    for (const auto& record :
         ask(control, "GET",
             "/api/v1/executions?limit=1000&session_id=" + session)
           .elements())
      if (record.field("input").text() != "1") {
        BOOST_TEST(record.field("status").text() == "ok");
        stored.insert(record.field("id").text());
      }
  BOOST_TEST((stored == accepted));
  clients.leave();
  control.reset();
  check_rested(w.server, w.before, w.session);
}
