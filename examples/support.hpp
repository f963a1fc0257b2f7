#pragma once

#include "vmsystem/actors/ask.hpp"
#include "vmsystem/actors/interfaces.hpp"
#include "vmsystem/actors/message_types.hpp"

#include <caf/actor_system_config.hpp>
#include <caf/scoped_actor.hpp>

#include <chrono>
#include <cstdlib>
#include <filesystem>
#include <iostream>
#include <string>
#include <utility>

namespace example {

/// An actor system that knows vm-system's messages.
struct config : caf::actor_system_config {
  config() {
    vmsystem::add_message_types(*this);
    // Engine slots, store and readers have threads of their own.
    set("scheduler.policy", caf::atom("sharing"));
    set("scheduler.max-threads", std::size_t{2});
  }
};

/// Ends the program when something failed.
template <class T>
T value_or_exit(vmsystem::expected<T> result) {
  if (!result) {
    std::cerr << to_string_view(result.error().code) << ": "
              << result.error().message << '\n';
    std::exit(1);
  }
  return std::move(result).value();
}

/// Asks an actor and waits for its answer; ends the program without one.
template <class Answer, class Actor, class... Ts>
Answer ask(caf::scoped_actor& self, const Actor& actor, Ts... request) {
  return value_or_exit(vmsystem::ask<Answer>(
    self, actor, std::chrono::seconds{30}, std::move(request)...));
}

/// A session of a template, in the folder for temporary files.
inline vmsystem::session_spec session_of(vmsystem::template_id id) {
  vmsystem::session_spec spec;
  spec.vm_id = id;
  spec.workspace_id = "example";
  spec.base_commit_oid = "none";
  spec.worktree_path = std::filesystem::temp_directory_path().string();
  return spec;
}

/// A session of a new template.
inline vmsystem::session_id
open_session(caf::scoped_actor& self,
             const vmsystem::supervisor_actor& supervisor) {
  const auto made
    = ask<vmsystem::template_record>(self, supervisor, vmsystem::create_atom_v,
                                     vmsystem::template_spec{"example", ""});
  return ask<vmsystem::session>(self, supervisor, vmsystem::create_atom_v,
                                session_of(made.id))
    .id;
}

/// A snippet to run.
inline vmsystem::execution_request snippet(vmsystem::session_id session,
                                           std::string input) {
  vmsystem::execution_request request;
  request.session = session;
  request.kind = vmsystem::execution_kind::repl;
  request.input = std::move(input);
  return request;
}

} // namespace example
