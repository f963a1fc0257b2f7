#define BOOST_TEST_MODULE embedding
#include "vmsystem/actors/ask.hpp"
#include "vmsystem/actors/host_function_actor.hpp"
#include "vmsystem/actors/runtime.hpp"

#include <boost/test/unit_test.hpp>
#include <caf/actor_system.hpp>
#include <caf/actor_system_config.hpp>
#include <caf/scoped_actor.hpp>
#include <caf/send.hpp>
#include <caf/typed_event_based_actor.hpp>

#include <filesystem>
#include <future>
#include <memory>
#include <string>
#include <utility>

using namespace vmsystem;

namespace {

constexpr std::chrono::seconds patience{30};

struct system_config : caf::actor_system_config {
  system_config() {
    vmsystem::add_message_types(*this);
    set("scheduler.max-threads", std::size_t{2});
  }
};

/// Answers `echo` with its arguments and refuses `refuse`; `never` gets no
/// answer, and `die` ends it.
host_function_actor::behavior_type answerer(host_function_actor::pointer self,
                                            int) {
  return {[self](call_atom, const std::string& name,
                 json_text& args) -> caf::result<json_text> {
    if (name == "refuse")
      return to_error(fail(ec::too_many_requests, "not now"));
    if (name == "never")
      return self->make_response_promise<json_text>();
    if (name == "die")
      self->quit(caf::exit_reason::kill);
    return std::move(args);
  }};
}

/// An actor system of a host, which embeds a runtime that keeps nothing.
struct host {
  host() {
    options.in_memory = true;
    options.engine_slots = 1;
    options.stop_grace_ms = 0;
  }

  template <class Answer, class... Ts>
  expected<Answer> ask(const supervisor_actor& to, Ts... xs) {
    return vmsystem::ask<Answer>(self, to, patience, std::move(xs)...);
  }

  session_id open_session(const supervisor_actor& to) {
    const auto made
      = ask<template_record>(to, create_atom_v, template_spec{"host", ""});
    BOOST_REQUIRE(made);
    session_spec spec;
    spec.vm_id = made.value().id;
    spec.workspace_id = "w";
    spec.base_commit_oid = "c";
    spec.worktree_path = std::filesystem::temp_directory_path();
    const auto opened = ask<session>(to, create_atom_v, spec);
    BOOST_REQUIRE(opened);
    return opened.value().id;
  }

  /// The document of the execution of a snippet.
  std::string run(const supervisor_actor& to, session_id where,
                  const std::string& input) {
    execution_request work;
    work.session = where;
    work.kind = execution_kind::repl;
    work.input = input;
    const auto finished = ask<finished_execution>(to, execute_atom_v, work);
    BOOST_REQUIRE(finished);
    return finished.value().document.text;
  }

  system_config config;
  caf::actor_system system{config};
  caf::scoped_actor self{system};
  runtime_options options;
};

bool contains(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

} // namespace

BOOST_AUTO_TEST_CASE(a_spawned_runtime_works_until_it_is_drained) {
  host host;
  const auto spawned = spawn_runtime(host.system, host.options);
  BOOST_REQUIRE(spawned);
  const auto& supervisor = spawned.value();
  host.self->monitor(supervisor);
  const auto session = host.open_session(supervisor);
  BOOST_TEST(contains(host.run(supervisor, session, "6 * 7"), "\"42\""));
  BOOST_TEST(
    contains(host.run(supervisor, session, "typeof host"), "undefined"));
  BOOST_TEST(
    host.ask<runtime_summary>(supervisor, drain_atom_v, 0u).has_value());
  bool ended = false;
  host.self->receive([&](const caf::down_msg&) { ended = true; },
                     caf::after(patience) >> [] {});
  BOOST_TEST(ended);
  // The destructor of the system waits for all actors, the reader too.
}

BOOST_AUTO_TEST_CASE(an_exit_message_ends_a_spawned_runtime) {
  host host;
  const auto spawned = spawn_runtime(host.system, host.options);
  BOOST_REQUIRE(spawned);
  host.open_session(spawned.value());
  caf::anon_send_exit(spawned.value(), caf::exit_reason::user_shutdown);
}

BOOST_AUTO_TEST_CASE(a_store_that_does_not_open_is_an_error) {
  host host;
  host.options.in_memory = false;
  host.options.store_path = "/dev/null";
  const auto spawned = spawn_runtime(host.system, host.options);
  BOOST_REQUIRE(!spawned);
  BOOST_TEST(contains(spawned.error().message, "/dev/null"));
}

BOOST_AUTO_TEST_CASE(memory_is_forgotten_when_the_runtime_stops) {
  host host;
  host.options.store_path = "/dev/null";
  for (int i = 0; i < 2; ++i) {
    auto started = runtime::start(host.system, host.options);
    BOOST_REQUIRE(started);
    BOOST_TEST(started.value()->report().templates == 0u);
    host.open_session(started.value()->supervisor());
    BOOST_TEST(started.value()->stop());
  }
}

BOOST_AUTO_TEST_CASE(scripts_call_an_actor_of_the_host) {
  host host;
  auto actor = host.system.spawn(answerer, 0);
  auto table = std::make_shared<engine::host_function_table>();
  for (const char* name : {"echo", "refuse", "die"})
    BOOST_REQUIRE(
      table->add_async(name, actor_host_function(host.system, actor, name)));
  BOOST_REQUIRE(table->add_async(
    "never", actor_host_function(host.system, actor, "never",
                                 std::chrono::milliseconds{50})));
  BOOST_REQUIRE(table->add("now", [](const json_text&) -> expected<json_text> {
    return json_text{"\"at once\""};
  }));
  auto started = runtime::start(host.system, host.options, std::move(table));
  BOOST_REQUIRE(started);
  const auto supervisor = started.value()->supervisor();
  const auto session = host.open_session(supervisor);
  const auto run = [&](const std::string& input) {
    return host.run(supervisor, session, input);
  };
  BOOST_TEST(contains(run("host.now()"), "at once"));
  BOOST_TEST(
    contains(run("host.echo(1, 'b').then(JSON.stringify)"), R"([1,\"b\"])"));
  const std::string report = ".catch((e) => `${e.code}: ${e.message}`)";
  BOOST_TEST(
    contains(run("host.refuse()" + report), "TOO_MANY_REQUESTS: not now"));
  BOOST_TEST(contains(run("host.never()" + report), "INTERNAL"));
  // The last answer of an actor that ends is one still.
  run("host.die()" + report);
  BOOST_TEST(contains(run("host.echo(1)" + report), "INTERNAL"));
  BOOST_TEST(contains(run("1 + 1"), "\"2\""));
  BOOST_TEST(started.value()->stop());
}

BOOST_AUTO_TEST_CASE(a_cancelled_execution_does_not_wait_for_the_host) {
  host host;
  // Keeps the reply: no answer ever comes.
  std::promise<engine::host_reply> asked;
  auto table = std::make_shared<engine::host_function_table>();
  BOOST_REQUIRE(
    table->add_async("ask", [&](const json_text&, engine::host_reply reply) {
      asked.set_value(std::move(reply));
    }));
  auto started = runtime::start(host.system, host.options, std::move(table));
  BOOST_REQUIRE(started);
  const auto supervisor = started.value()->supervisor();
  const auto session = host.open_session(supervisor);
  execution_request work;
  work.session = session;
  work.kind = execution_kind::repl;
  work.input = "host.ask()";
  const auto pending
    = host.self->request(supervisor, patience, execute_atom_v, work);
  const auto reply = asked.get_future().get();
  // Closing a session cancels what runs in it.
  BOOST_TEST(
    host.ask<vmsystem::session>(supervisor, close_atom_v, session).has_value());
  std::string document;
  auto answered = pending;
  answered.receive(
    [&](const finished_execution& x) { document = x.document.text; },
    [](const caf::error&) {});
  BOOST_TEST(contains(document, "session_closed"));
  reply(json_text{"1"});
  BOOST_TEST(started.value()->stop());
}
