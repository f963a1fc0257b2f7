#pragma once

#include "vmsystem/actors/errors.hpp"
#include "vmsystem/actors/supervisor.hpp"
#include "vmsystem/persistence/faulty_store.hpp"
#include "vmsystem/persistence/rocksdb_open.hpp"
#include "vmsystem/persistence/rocksdb_writer.hpp"
#include "vmsystem/tests/temp_folder.hpp"

#include <boost/test/unit_test.hpp>
#include <caf/actor_system.hpp>
#include <caf/actor_system_config.hpp>
#include <caf/event_based_actor.hpp>
#include <caf/scheduler/test_coordinator.hpp>
#include <caf/scoped_actor.hpp>

#include <chrono>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace vmsystem::test {

/// A supervisor with real stages and a real store in memory, where one thread
/// delivers all messages and time stands still until a test moves it.
struct supervisor_fixture {
  struct system_config : caf::actor_system_config {
    system_config();
  };

  supervisor_fixture();
  ~supervisor_fixture();

  /// Starts the supervisor; a test that wants other options or stages sets
  /// them before.
  void start();

  /// Delivers messages until none is left.
  void run();

  /// Moves the clock and delivers what that brings.
  void pass(std::chrono::milliseconds time);

  /// An answer that may still come.
  template <class Answer>
  struct pending {
    std::shared_ptr<std::optional<expected<Answer>>> slot;

    [[nodiscard]] bool there() const {
      return slot->has_value();
    }
    [[nodiscard]] expected<Answer>& get() const {
      BOOST_REQUIRE(there());
      return **slot;
    }
  };

  /// Sends a request to `to`; its answer arrives while messages are run.
  template <class Answer, class Handle, class... Ts>
  pending<Answer> send(const Handle& to, Ts... xs) {
    pending<Answer> result{std::make_shared<std::optional<expected<Answer>>>()};
    const auto slot = result.slot;
    system.spawn(
      [=](caf::event_based_actor* self, no_arguments) {
        self->request(to, caf::infinite, xs...)
          .then([=](Answer& x) { slot->emplace(std::move(x)); },
                [=](const caf::error& x) { slot->emplace(to_failure(x)); });
      },
      no_arguments{});
    return result;
  }

  /// Sends a request to the supervisor and delivers everything.
  template <class Answer, class... Ts>
  expected<Answer> ask(Ts... xs) {
    auto result = send<Answer>(supervisor, std::move(xs)...);
    run();
    return result.get();
  }

  /// Asks the supervisor to run a snippet; it runs while messages are run.
  pending<finished_execution>
  send_snippet(session_id id, const std::string& input, uint32_t wait_ms = 0);

  /// A template with these settings.
  template_id make_template(const std::string& name,
                            const std::string& settings = "{}");

  [[nodiscard]] session_spec spec_of(template_id id) const;

  /// A session of a new template.
  session_id make_session(const std::string& settings = "{}");

  [[nodiscard]] static execution_request
  snippet(session_id id, const std::string& input, uint32_t wait_ms = 0);

  [[nodiscard]] static execution_request file(session_id id,
                                              const std::string& path);

  /// Runs a snippet to its end.
  expected<finished_execution> repl(session_id id, const std::string& input);

  /// What the store holds.
  [[nodiscard]] expected<execution> stored(execution_id id) const;
  [[nodiscard]] expected<session> stored(session_id id) const;
  [[nodiscard]] std::vector<event> events(execution_id id) const;
  /// The stored executions of a session, newest first.
  [[nodiscard]] std::vector<execution> stored_executions(session_id id) const;

  /// Checks that a terminal record is complete: events 1..n without a hole,
  /// the count equal, and one terminal event at the end.
  void check_complete(execution_id id) const;

  /// Checks every key of the store against the others, as `db check` does.
  void check_sound() const;

  system_config cfg;
  caf::actor_system system{cfg};
  caf::scheduler::test_coordinator& scheduler;
  temp_folder worktree;
  database_ptr database;
  std::shared_ptr<faulty_store> kept;
  runtime_options options;
  stage_factory stages;
  runtime_log log;
  query_actor query;
  current_writer_ptr writer = std::make_shared<current_writer>();
  std::shared_ptr<writer_stats> written = std::make_shared<writer_stats>();
  supervisor_actor supervisor;
};

} // namespace vmsystem::test
