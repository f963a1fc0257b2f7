// An actor that keeps a session alive for its scripts: it opens one, finds out
// that a script took it down, opens another, and notices the runtime's end.

#include "support.hpp"
#include "vmsystem/actors/runtime.hpp"
#include "vmsystem/models/codec.hpp"

#include <caf/actor_system.hpp>
#include <caf/event_based_actor.hpp>
#include <caf/stateful_actor.hpp>

#include <deque>
#include <string>

namespace {

constexpr std::chrono::seconds patience{30};

struct keeper_state {
  static inline const char* name = "keeper";

  vmsystem::supervisor_actor supervisor;
  vmsystem::query_actor query;
  vmsystem::template_id kind;
  vmsystem::session_id session;
  std::deque<std::string> scripts{
    "globalThis.n = 20; n + 1",
    // An error of the script: the session goes on.
    "n.missing.field",
    "n + 2",
    // Sits in native code until its wall limit. The watchdog ends it, and the
    // heap with it.
    "Array.prototype.reverse.call({ length: 2 ** 53 - 1 })",
    "typeof n",
  };
};

using keeper_pointer = caf::stateful_actor<keeper_state>*;

void open_session(keeper_pointer self);

/// Nothing goes on without the answer.
auto give_up(keeper_pointer self) {
  return [self](const caf::error& error) {
    std::cout << "gave up: " << vmsystem::to_failure(error).message << '\n';
    self->quit(error);
  };
}

void run_next(keeper_pointer self);

/// After a limit the session may be gone; its record says so.
void look_after_session(keeper_pointer self) {
  auto& state = self->state;
  self->request(state.query, patience, vmsystem::get_atom_v, state.session)
    .then(
      [self](const vmsystem::json_text& document) {
        const auto record
          = vmsystem::from_json<vmsystem::session>(document.text);
        if (record
            && record.value().status == vmsystem::session_status::crashed) {
          std::cout << "session crashed: " << record.value().last_error << '\n';
          open_session(self);
        } else {
          run_next(self);
        }
      },
      give_up(self));
}

void run_next(keeper_pointer self) {
  auto& state = self->state;
  if (state.scripts.empty()) {
    // Answers when all is over; the supervisor ends then.
    self->request(state.supervisor, patience, vmsystem::drain_atom_v, 1000u)
      .then([](const vmsystem::runtime_summary&) {}, give_up(self));
    return;
  }
  const auto script = std::move(state.scripts.front());
  state.scripts.pop_front();
  self
    ->request(state.supervisor, patience, vmsystem::execute_atom_v,
              example::snippet(state.session, script))
    .then(
      [self](const vmsystem::finished_execution& finished) {
        const auto& record = finished.record;
        std::cout << name_of(record.status) << '/' << name_of(record.reason)
                  << ": "
                  << (record.error.empty() ? record.result : record.error).text
                  << '\n';
        look_after_session(self);
      },
      give_up(self));
}

void open_session(keeper_pointer self) {
  auto& state = self->state;
  self
    ->request(state.supervisor, patience, vmsystem::create_atom_v,
              example::session_of(state.kind))
    .then(
      [self](const vmsystem::session& opened) {
        std::cout << "session " << name_of(opened.status) << '\n';
        self->state.session = opened.id;
        run_next(self);
      },
      give_up(self));
}

caf::behavior keeper(keeper_pointer self, vmsystem::supervisor_actor supervisor,
                     vmsystem::query_actor query, vmsystem::template_id kind) {
  self->state.supervisor = supervisor;
  self->state.query = std::move(query);
  self->state.kind = kind;
  // Comes also when the supervisor lives in another process that is lost.
  self->monitor(supervisor);
  self->set_down_handler([self](const caf::down_msg&) {
    std::cout << "the runtime is down\n";
    self->quit();
  });
  open_session(self);
  // It takes no messages, and lives until it quits.
  return {[](vmsystem::tick_atom) {}};
}

} // namespace

int main() {
  example::config config;
  caf::actor_system system{config};
  vmsystem::runtime_options options;
  options.in_memory = true;
  auto runtime
    = example::value_or_exit(vmsystem::runtime::start(system, options));
  caf::scoped_actor self{system};
  const auto kind = example::ask<vmsystem::template_record>(
    self, runtime->supervisor(), vmsystem::create_atom_v,
    vmsystem::template_spec{"kept", ""});
  example::ask<vmsystem::template_settings>(
    self, runtime->supervisor(), vmsystem::update_atom_v, kind.id,
    vmsystem::json_text{R"({"limits":{"wall_ms":200}})"});
  self->wait_for(
    system.spawn(keeper, runtime->supervisor(), runtime->query(), kind.id));
}
