#pragma once

#include "fake_batches.hpp"
#include "vmsystem/actors/errors.hpp"
#include "vmsystem/actors/interfaces.hpp"
#include "vmsystem/models/codec.hpp"

#include <caf/actor_system.hpp>
#include <caf/stateful_actor.hpp>
#include <caf/typed_event_based_actor.hpp>
#include <caf/typed_response_promise.hpp>

#include <atomic>
#include <memory>
#include <string>
#include <unordered_map>
#include <vector>

namespace vmsystem::fakes {

/// What tests see of the fake runtime, from any thread.
struct ledger : batch_ledger {
  /// Requests of any kind that reached the supervisor.
  std::atomic<int> commands{0};
  /// Executions that are held back.
  std::atomic<int> held{0};
  /// Executions that were let go.
  std::atomic<int> released{0};
};

using ledger_ptr = std::shared_ptr<ledger>;

/// A session that exists.
inline const session_id known_session
  = *session_id::parse("22222222-2222-7222-8222-222222222222");
/// An execution that exists and is over.
inline const execution_id known_execution
  = *execution_id::parse("33333333-3333-7333-8333-333333333333");
/// An execution that runs.
inline const execution_id running_execution
  = *execution_id::parse("44444444-4444-7444-8444-444444444444");

template <class T>
caf::result<T> only_for_known(const template_id& id, T value) {
  if (id != known_template)
    return refuse<T>(ec::template_not_found, "there is no such template");
  return value;
}

inline template_record a_template() {
  template_record result;
  result.id = known_template;
  result.name = "fake";
  result.engine = "quickjs";
  result.exposed_modules = {"fs"};
  return result;
}

inline session a_session() {
  session result;
  result.id = known_session;
  result.vm_id = known_template;
  result.status = session_status::ready;
  return result;
}

struct supervisor_state {
  static inline const char* name = "fake-supervisor";

  ledger_ptr seen;
  std::vector<caf::typed_response_promise<finished_execution>> held;
  fake_batches batches;
};

inline finished_execution finish(const execution_request& request,
                                 end_reason reason) {
  finished_execution result;
  result.record.id = known_execution;
  result.record.reason = reason;
  result.document.text
    = "{\"id\":\"" + known_execution.to_string() + "\",\"input\":\""
      + (request.input.size() < 1000 ? request.input : "long") + "\"}";
  return result;
}

/// What an execution does is its input: `hold` is answered by the next `go`,
/// `never` is not answered, `big N` has a document of N bytes, the name of an
/// error fails with it, and everything else succeeds.
inline caf::result<finished_execution>
execute(supervisor_actor::stateful_pointer<supervisor_state> self,
        const execution_request& request) {
  const auto& input
    = request.kind == execution_kind::repl ? request.input : request.path;
  if (input == "hold" || input == "never") {
    auto promise = self->make_response_promise<finished_execution>();
    self->state.held.push_back(promise);
    self->state.seen->held += input == "hold" ? 1 : 0;
    return promise;
  }
  if (input == "go") {
    for (auto& promise : self->state.held) {
      ++self->state.seen->released;
      promise.deliver(finish(execution_request{}, end_reason::ok));
    }
    self->state.held.clear();
    self->state.batches.go_on();
  }
  if (input == "output_limit")
    return finish(request, end_reason::output_limit);
  if (input == "event_limit")
    return finish(request, end_reason::event_limit);
  if (input == "exception")
    return finish(request, end_reason::exception);
  if (input.rfind("big ", 0) == 0) {
    auto result = finish(request, end_reason::ok);
    result.document.text
      = '"' + std::string(std::stoul(input.substr(4)) - 2, 'x') + '"';
    return result;
  }
  for (const auto& row : error_table())
    if (row.name == input)
      return refuse<finished_execution>(row.code, "asked for");
  return finish(request, end_reason::ok);
}

inline supervisor_actor::behavior_type
supervisor(supervisor_actor::stateful_pointer<supervisor_state> self,
           ledger_ptr seen) {
  self->state.seen = seen;
  self->state.batches.seen = seen;
  const auto count = [seen] { ++seen->commands; };
  return {
    [count](create_atom,
            const template_spec& x) -> caf::result<template_record> {
      count();
      if (x.name == "taken")
        return refuse<template_record>(ec::template_exists, "taken");
      auto result = a_template();
      result.name = x.name;
      return result;
    },
    [count](remove_atom, const template_id& id) -> caf::result<template_id> {
      count();
      return only_for_known(id, id);
    },
    [count](update_atom, const template_id& id,
            const json_text&) -> caf::result<template_settings> {
      count();
      template_settings result;
      result.vm_id = id;
      return only_for_known(id, result);
    },
    [count](add_atom, const capability_spec& x) -> caf::result<capability> {
      count();
      capability result;
      result.vm_id = x.vm_id;
      result.kind = x.kind;
      result.name = x.name;
      result.config = x.config;
      return only_for_known(x.vm_id, result);
    },
    [count](remove_atom, const template_id& owner,
            const capability_id& id) -> caf::result<capability_id> {
      count();
      return only_for_known(owner, id);
    },
    [count](add_atom, const startup_file_spec& x) -> caf::result<startup_file> {
      count();
      startup_file result;
      result.vm_id = x.vm_id;
      result.path = x.path;
      result.mode = "eval";
      return only_for_known(x.vm_id, result);
    },
    [count](remove_atom, const template_id& owner,
            const startup_file_id& id) -> caf::result<startup_file_id> {
      count();
      return only_for_known(owner, id);
    },
    [count](add_atom, const listed_name& x) -> caf::result<listed_name> {
      count();
      return only_for_known(x.vm_id, x);
    },
    [count](remove_atom, const listed_name& x) -> caf::result<listed_name> {
      count();
      return only_for_known(x.vm_id, x);
    },
    [](bundle_atom, const template_id& id) -> caf::result<template_bundle> {
      return only_for_known(id, template_bundle{});
    },
    [count](create_atom, const session_spec& x) -> caf::result<session> {
      count();
      return only_for_known(x.vm_id, a_session());
    },
    [count](close_atom, const session_id& id) -> caf::result<session> {
      count();
      if (id != known_session)
        return refuse<session>(ec::session_not_found, "no such session");
      auto result = a_session();
      result.status = session_status::closed;
      return result;
    },
    [self, count](execute_atom, const execution_request& x) {
      count();
      return execute(self, x);
    },
    [self, count](execute_atom, const execution_request& x,
                  const std::string& key) -> caf::result<finished_execution> {
      count();
      if (key == "used")
        return to_error(failure{ec::idempotency_conflict,
                                "used",
                                {R"({"conflict":"other_request"})"}});
      return execute(self, x);
    },
    [count](create_atom, const execution_request& x,
            const std::string&) -> caf::result<execution> {
      count();
      execution result;
      result.id = running_execution;
      result.session = x.session;
      result.input = x.input;
      return result;
    },
    [](events_atom, const execution_id&, uint32_t) {
      return refuse<uint32_t>(ec::execution_not_found, "not running");
    },
    [count](cancel_atom,
            const execution_id& id) -> caf::result<cancel_receipt> {
      count();
      if (id != running_execution)
        return refuse<cancel_receipt>(ec::execution_not_found, "not running");
      return cancel_receipt{true};
    },
    [](summary_atom) { return runtime_summary{{known_session}}; },
    [self](ready_atom) {
      readiness result;
      if (self->state.seen->held > 0)
        result.obstacles = {{"queue", "the queue is full"},
                            {"store", "the store takes no writes"}};
      return result;
    },
    [](metrics_atom) { return std::string{"vm_system_of_the_runtime 1\n"}; },
    [self](create_atom, const batch_spec& spec) -> caf::result<batch> {
      auto promise = self->make_response_promise<batch>();
      self->state.batches.create(spec, promise);
      return promise;
    },
    [self](add_atom, const batch_id& id,
           const batch_input& input) -> caf::result<batch> {
      auto promise = self->make_response_promise<batch>();
      self->state.batches.add(id, input, promise);
      return promise;
    },
    [self](results_atom, const batch_id& id) -> caf::result<batch_results> {
      auto promise = self->make_response_promise<batch_results>();
      self->state.batches.take(id, promise);
      return promise;
    },
    [self](release_atom, const batch_id& id) {
      return self->state.batches.release(id);
    },
    [self](cancel_atom, const batch_id& id) {
      return self->state.batches.cancel(id);
    },
    [](resume_atom, const batch_id&, bool) {
      return refuse<batch>(ec::batch_not_found, "not asked for");
    },
    [self](get_atom, const batch_id& id) {
      return self->state.batches.get(id);
    },
    [](drain_atom, uint32_t) { return runtime_summary{}; },
  };
}

inline json_text execution_document(const execution_id& id) {
  execution result;
  result.id = id;
  result.session = known_session;
  result.status = execution_status::ok;
  result.started_at = timestamp::now();
  result.ended_at = timestamp::now();
  return to_json_or(result, "");
}

/// The unused argument is there because CAF dereferences a null pointer when it
/// spawns a function without arguments.
inline query_actor::behavior_type query(query_actor::pointer, ledger_ptr) {
  return {
    [](get_atom, const template_id& id) {
      return only_for_known(id, json_text{R"({"template":{}})"});
    },
    [](bundle_atom, const template_id& id) {
      template_bundle result;
      result.record = a_template();
      result.settings.vm_id = known_template;
      return only_for_known(id, result);
    },
    [](list_atom) { return json_text{"[]"}; },
    [](get_atom, const session_id& id) -> caf::result<json_text> {
      if (id != known_session)
        return refuse<json_text>(ec::session_not_found, "no such session");
      return json_text{R"({"id":"a session"})"};
    },
    [](list_atom, const session_filter& x) {
      return document_page{
        {x.by_status ? "[\"" + std::string{name_of(x.status)} + "\"]" : "[]"},
        {}};
    },
    [](get_atom, const execution_id& id) -> caf::result<json_text> {
      if (id != known_execution)
        return refuse<json_text>(ec::execution_not_found, "no such execution");
      return execution_document(id);
    },
    [](list_atom, const execution_filter& x) -> caf::result<document_page> {
      if (x.session != known_session)
        return refuse<document_page>(ec::session_not_found, "no such session");
      // The first page names the filter; the second is the last.
      document_page page;
      page.array.text = "[" + std::to_string(x.limit) + "]";
      if (x.cursor.nil())
        page.next = known_execution.raw;
      return page;
    },
    [](get_atom, const std::string&) { return json_text{}; },
    [](get_atom, batch_id id) { return stored_batch(id); },
    [](list_atom, const batch_filter& x) {
      // The first page names the filter; the second is the last.
      document_page page;
      page.array.text
        = "[" + std::to_string(x.limit)
          + (x.by_status ? ",\"" + std::string{name_of(x.status)} + "\"" : "")
          + "]";
      if (x.cursor.nil())
        page.next = known_batch.raw;
      return page;
    },
    [](results_atom, const batch_result_filter& x) { return stored_page(x); },
    [](done_atom, const batch_result_filter&) { return done_job_page{}; },
    [](get_atom, batch_id, uint32_t) -> caf::result<batch_input_chunk> {
      return batch_input_chunk{};
    },
    [](events_atom, const event_filter& x) -> caf::result<json_text> {
      if (x.execution != known_execution)
        return refuse<json_text>(ec::execution_not_found, "no such execution");
      return json_text{"[" + std::to_string(x.after_seq) + ","
                       + std::to_string(x.limit) + "]"};
    },
  };
}

} // namespace vmsystem::fakes
