// The layer below the pipeline: small programs of actors that know nothing but
// messages, and carry ours.

#include "vmsystem/benchmarks/harness/rig.hpp"
#include "vmsystem/benchmarks/workloads/shared.hpp"
#include "vmsystem/benchmarks/workloads/workloads.hpp"

#include <caf/after.hpp>
#include <caf/config_value.hpp>
#include <caf/event_based_actor.hpp>
#include <caf/message.hpp>
#include <caf/scoped_actor.hpp>
#include <caf/stateful_actor.hpp>

#include <array>
#include <cstddef>
#include <random>
#include <string>
#include <utility>
#include <vector>

namespace vmsystem::bench {

namespace {

/// Actors of fork-join, ring and big.
constexpr uint32_t crowd = 100;

/// Messages of a repetition.
constexpr uint32_t messages = 500000;
constexpr uint32_t quick_messages = 2000;

json_text short_document() {
  return {R"({"type":"number","preview":"2","json":2})"};
}

execution_request short_request() {
  execution_request request;
  request.session = session_id::generate();
  request.input = "1+1";
  return request;
}

/// Starts actors that send each other `count` messages. They tell `done` with
/// a `commit_receipt`, whose group is the number of messages that arrived.
/// @returns actors that do not end by themselves.
using program
  = std::vector<caf::actor> (*)(caf::scoped_actor& done, uint64_t count);

expected<load_result> run_program(caf::actor_system& system, program start,
                                  uint64_t count) {
  caf::scoped_actor self{system};
  const load_budget budget{{request_timeout, count}};
  load_result result;
  const auto actors = start(self, count);
  bool silent = false;
  self->receive([&](const commit_receipt& x) { result.answers = x.group; },
                caf::after(request_timeout) >> [&] { silent = true; });
  result.elapsed = clock::now() - budget.start();
  result.processor = process_time() - budget.process_start();
  for (const auto& x : actors)
    self->send_exit(x, caf::exit_reason::user_shutdown);
  if (silent)
    return fail(ec::internal, "the actors did not come to an end");
  if (result.answers != count)
    return fail(ec::internal, std::to_string(result.answers) + " of "
                                + std::to_string(count) + " messages arrived");
  return result;
}

caf::behavior echo(caf::event_based_actor*) {
  return {[](json_text& x) { return std::move(x); }};
}

caf::behavior ping(caf::stateful_actor<uint64_t>* self, const caf::actor& done,
                   uint64_t count) {
  const auto other = self->spawn<caf::linked>(echo);
  self->send(other, short_document());
  return {[=](json_text& x) {
    // What was sent arrived, and so did its echo.
    self->state += 2;
    if (self->state < count) {
      self->send(other, std::move(x));
      return;
    }
    self->send(done, commit_receipt{self->state});
    self->quit(caf::exit_reason::user_shutdown);
  }};
}

/// One message goes to and fro between two actors.
std::vector<caf::actor> ping_pong(caf::scoped_actor& done, uint64_t count) {
  done->spawn(ping, caf::actor{done}, count);
  return {};
}

caf::behavior counter(caf::stateful_actor<uint64_t>* self) {
  return {
    [=](const commit_receipt& x) { self->state += x.group; },
    [=](get_atom) {
      self->quit();
      return commit_receipt{self->state};
    },
  };
}

/// One actor sends, another one adds up and is asked for the sum.
std::vector<caf::actor> counting(caf::scoped_actor& done, uint64_t count) {
  const auto receiver = done->spawn(counter);
  for (uint64_t i = 0; i < count; ++i)
    done->send(receiver, commit_receipt{1});
  done->send(receiver, get_atom_v);
  return {};
}

struct join_state {
  uint32_t left = 0;
  uint64_t sum = 0;
};

/// Adds up what `parts` actors report, and tells the sum.
caf::behavior join(caf::stateful_actor<join_state>* self,
                   const caf::actor& done, uint32_t parts) {
  self->state.left = parts;
  return {[=](const commit_receipt& x) {
    auto& state = self->state;
    state.sum += x.group;
    if (--state.left > 0)
      return;
    self->send(done, commit_receipt{state.sum});
    self->quit();
  }};
}

caf::behavior worker(caf::stateful_actor<uint64_t>* self,
                     const caf::actor& joiner, uint64_t count) {
  return {[=](const execution_request& x) {
    self->state += x.input.size() == 3 ? 1 : 0;
    if (self->state < count)
      return;
    self->send(joiner, commit_receipt{self->state});
    self->quit();
  }};
}

/// Many actors get messages in turn; each works off its own.
std::vector<caf::actor> fork_join(caf::scoped_actor& done, uint64_t count) {
  const auto joiner = done->spawn(join, caf::actor{done}, crowd);
  std::vector<caf::actor> workers;
  for (uint32_t i = 0; i < crowd; ++i)
    workers.push_back(done->spawn(worker, joiner, count / crowd));
  const auto request = short_request();
  for (uint64_t i = 0; i < count; ++i)
    done->send(workers[i % crowd], request);
  return {};
}

struct link_state {
  caf::actor next;
  caf::actor done;
  uint64_t count = 0;
};

caf::behavior ring_link(caf::stateful_actor<link_state>* self) {
  return {
    [=](add_atom, const caf::actor& next, const caf::actor& done,
        uint64_t count) {
      self->state = {next, done, count};
    },
    [=](const commit_receipt& token) {
      const auto& state = self->state;
      const commit_receipt passed{token.group + 1};
      self->send(passed.group == state.count ? state.done : state.next, passed);
    },
  };
}

/// A token goes round a ring of actors, and counts how often it was passed.
std::vector<caf::actor> ring(caf::scoped_actor& done, uint64_t count) {
  std::vector<caf::actor> links;
  for (uint32_t i = 0; i < crowd; ++i)
    links.push_back(done->spawn(ring_link));
  for (uint32_t i = 0; i < crowd; ++i)
    done->send(links[i], add_atom_v, links[(i + 1) % crowd], caf::actor{done},
               count);
  done->send(links.front(), commit_receipt{0});
  return links;
}

struct peer_state {
  std::vector<caf::actor> peers;
  std::minstd_rand random;
  uint64_t left = 0;
  uint64_t arrived = 0;
};

/// Asks the others at random, one after the other, and answers whoever asks.
caf::behavior peer(caf::stateful_actor<peer_state>* self,
                   const caf::actor& joiner, uint64_t questions,
                   uint32_t seed) {
  self->state.random.seed(seed);
  self->state.left = questions;
  const auto ask_next = [=] {
    auto& state = self->state;
    if (state.left == 0) {
      self->send(joiner, commit_receipt{state.arrived});
      return;
    }
    --state.left;
    self->send(state.peers[state.random() % state.peers.size()], run_atom_v,
               short_document());
  };
  return {
    [=](add_atom, const caf::actor& other) {
      self->state.peers.push_back(other);
    },
    [=](wake_atom) { ask_next(); },
    [=](run_atom, json_text& x) { return std::move(x); },
    [=](const json_text&) {
      // The question arrived, and so did its answer.
      self->state.arrived += 2;
      ask_next();
    },
  };
}

/// All ask all: many mailboxes with few messages each.
std::vector<caf::actor> big(caf::scoped_actor& done, uint64_t count) {
  const auto joiner = done->spawn(join, caf::actor{done}, crowd);
  std::vector<caf::actor> peers;
  for (uint32_t i = 0; i < crowd; ++i)
    peers.push_back(done->spawn(peer, joiner, count / crowd / 2, i + 1));
  for (const auto& x : peers)
    for (const auto& other : peers)
      done->send(x, add_atom_v, other);
  for (const auto& x : peers)
    done->send(x, wake_atom_v);
  return peers;
}

/// What no program of these can beat on one thread: each message is made and
/// dropped once.
expected<load_results> make_messages(const context& run) {
  const auto document = short_document();
  return run.repeat([&](const load_limit& limit) -> expected<load_result> {
    constexpr uint32_t chunk = 64;
    load_result result;
    load_budget budget{limit};
    while (budget.take(clock::now()))
      for (uint32_t i = 0; i < chunk; ++i) {
        const auto x = caf::make_message(document);
        result.answers += x.size();
      }
    result.elapsed = clock::now() - budget.start();
    return result;
  });
}

struct named_program {
  const char* name;
  program start;
};

constexpr std::array<named_program, 5> programs{{
  {"ping-pong, 2 actors", ping_pong},
  {"counting, 1 sender, 1 receiver", counting},
  {"fork-join, 100 actors", fork_join},
  {"ring, 100 actors", ring},
  {"big, 100 actors", big},
}};

} // namespace

expected<figures> run_actor_messages(context& run) {
  const auto made = make_messages(run);
  if (!made)
    return made.error();
  bench_config config{run.options()};
  const auto threads
    = caf::get_or(config, "scheduler.max-threads", std::size_t{1});
  caf::actor_system system{config};
  const auto count = run.scaled(messages, quick_messages);
  figures result;
  for (const auto& x : programs) {
    const auto measured = run.repeat(count, [&](const load_limit& limit) {
      return run_program(system, x.start, limit.requests);
    });
    if (!measured)
      return measured.error();
    auto rate = rate_figure("actors", x.name, measured.value());
    rate.bounds = {rate_bound("made alone, x " + std::to_string(threads),
                              made.value(), static_cast<double>(threads))};
    result.push_back(std::move(rate));
    result.push_back(processor_figure("actors", x.name, measured.value()));
  }
  return result;
}

} // namespace vmsystem::bench
