#include "vmsystem/actors/errors.hpp"
#include "vmsystem/actors/supervisor_parts.hpp"
#include "vmsystem/actors/timeouts.hpp"
#include "vmsystem/models/codec.hpp"
#include "vmsystem/models/json_writer.hpp"
#include "vmsystem/pipeline/integrity.hpp"

#include <algorithm>
#include <utility>

namespace vmsystem::supervision {

namespace {

using extras_ptr = std::unique_ptr<flight_extras>;

/// What tells requests with one idempotency key apart: all of the request.
expected<std::string> fingerprint_of(const execution_request& x) {
  json_writer to;
  to.begin_array();
  to.value(name_of(x.kind));
  to.value(x.session.to_string());
  for (const auto& part : {x.input, x.path, x.args.text, x.env.text})
    to.value(part);
  to.value(x.wait_ms);
  to.end_array();
  auto result = integrity_of(to.view());
  if (!to.ok() || result.empty())
    return fail(ec::internal, "the request cannot be told from others");
  return result;
}

failure conflict(const std::string& key, std::string_view kind) {
  const bool in_flight = kind == "in_flight";
  return {ec::idempotency_conflict,
          std::string{"the idempotency key "}
            + (in_flight ? "is that of a request that goes on"
                         : "was used with another request"),
          details_of(
            {{"idempotency_key", key}, {"conflict", std::string{kind}}})};
}

/// Compares a request with the one that had its key before.
expected<void> check_same(const std::string& key, const std::string& before,
                          const std::string& now) {
  if (before != now)
    return conflict(key, "other_request");
  return success();
}

/// Calls `next` with the stored execution that a key was used for.
void find_execution(supervisor_pointer self, const std::string& key,
                    const std::string& fingerprint, const std::string& entry,
                    completion next) {
  const auto before = stored_string(entry, "fingerprint");
  const auto text = stored_string(entry, "execution_id");
  const auto id = text ? execution_id::parse(text.value()) : std::nullopt;
  if (!before || !id)
    return next(fail(ec::internal, "a stored idempotency key is damaged"));
  if (auto same = check_same(key, before.value(), fingerprint); !same)
    return next(same.error());
  self->request(self->state.setup.query, query_timeout, get_atom_v, *id)
    .then(
      [next](json_text& document) {
        auto record = from_json<execution>(document.text);
        if (!record)
          return next(record.error());
        next(
          finished_execution{std::move(record).value(), std::move(document)});
      },
      [next](const caf::error& reason) { next(to_failure(reason)); });
}

/// Takes a request with an idempotency key to `fresh`, or its predecessor to
/// `again`, once. Errors go to `again`. A predecessor that is removed while it
/// is looked up took its key along: that shows at a second look.
void once(supervisor_pointer self, const execution_request& request,
          const std::string& key, completion again,
          std::function<void(extras_ptr)> fresh, bool second_look = false) {
  auto& keys = self->state.keys_in_flight;
  const auto fingerprint = fingerprint_of(request);
  if (!fingerprint)
    return again(fingerprint.error());
  const auto [at, inserted] = keys.emplace(key, fingerprint.value());
  if (!inserted) {
    const auto same = check_same(key, at->second, fingerprint.value());
    return again(same ? conflict(key, "in_flight") : same.error());
  }
  self->request(self->state.setup.query, query_timeout, get_atom_v, key)
    .then(
      [=, mine = fingerprint.value()](const json_text& entry) {
        if (!entry.empty()) {
          self->state.keys_in_flight.erase(key);
          return find_execution(
            self, key, mine, entry.text,
            [=](expected<finished_execution> found) {
              const bool gone
                = !found && found.error().code == ec::execution_not_found;
              if (gone && !second_look)
                once(self, request, key, again, fresh, true);
              else
                again(std::move(found));
            });
        }
        auto extras = std::make_unique<flight_extras>();
        extras->key = key;
        extras->fingerprint = mine;
        fresh(std::move(extras));
      },
      [=](const caf::error& reason) {
        self->state.keys_in_flight.erase(key);
        again(to_failure(reason));
      });
}

/// Runs a request whose begin `promise` waits for.
void begin_for(supervisor_pointer self, execution_request request,
               extras_ptr extras,
               const caf::typed_response_promise<execution>& promise) {
  const auto release = [self, key = extras->key] {
    if (!key.empty())
      self->state.keys_in_flight.erase(key);
  };
  extras->begun
    = [=, tell = deliver_to(promise)](expected<execution> record) mutable {
        release();
        tell(std::move(record));
      };
  execute(
    self, std::move(request),
    [=, waiting = promise](const expected<finished_execution>& end) mutable {
      // Only one that never began is of interest here.
      if (end || !waiting.pending())
        return;
      release();
      waiting.deliver(to_error(end.error()));
    },
    std::move(extras));
}

} // namespace

expected<void> check_kind(const execution_request& request) {
  // Startup files run when a session is made, and at no other time.
  if (request.kind == execution_kind::startup)
    return fail(ec::validation_error,
                "an execution of kind startup cannot be requested");
  return success();
}

caf::result<execution> start(supervisor_pointer self, execution_request request,
                             std::string key) {
  if (auto allowed = check_kind(request); !allowed)
    return to_error(allowed.error());
  auto promise = self->make_response_promise<execution>();
  if (key.empty()) {
    begin_for(self, std::move(request), std::make_unique<flight_extras>(),
              promise);
    return promise;
  }
  once(
    self, request, key,
    [promise](expected<finished_execution> found) mutable {
      if (found)
        promise.deliver(std::move(found).value().record);
      else
        promise.deliver(to_error(found.error()));
    },
    [=](extras_ptr extras) {
      begin_for(self, request, std::move(extras), promise);
    });
  return promise;
}

caf::result<finished_execution> execute_once(supervisor_pointer self,
                                             execution_request request,
                                             std::string key) {
  if (auto allowed = check_kind(request); !allowed)
    return to_error(allowed.error());
  auto promise = self->make_response_promise<finished_execution>();
  auto tell = deliver_to(promise);
  once(
    self, request, key,
    [key, tell](expected<finished_execution> found) mutable {
      if (found && found.value().record.status == execution_status::running)
        tell(conflict(key, "in_flight"));
      else
        tell(std::move(found));
    },
    [=](extras_ptr extras) {
      execute(
        self, request,
        [=](expected<finished_execution> end) mutable {
          self->state.keys_in_flight.erase(key);
          auto answer = tell;
          answer(std::move(end));
        },
        std::move(extras));
    });
  return promise;
}

std::optional<change> key_change(const flight& x) {
  if (!x.extras || x.extras->key.empty())
    return std::nullopt;
  const auto id = x.job->record.id;
  change result;
  result.kind = change_kind::put_key;
  result.id = id.raw;
  result.text = x.extras->key + '\n'
                + details_of({{"execution_id", id.to_string()},
                              {"fingerprint", x.extras->fingerprint}})
                    .text;
  return result;
}

void tell_begun(const flight_ptr& flight, const expected<void>& result) {
  if (!flight->extras || !flight->extras->begun)
    return;
  const auto tell = std::exchange(flight->extras->begun, nullptr);
  if (result)
    tell(flight->job->record);
  else
    tell(result.error());
}

caf::result<uint32_t> await_events(supervisor_pointer self, execution_id id,
                                   uint32_t known) {
  auto& state = self->state;
  const auto at = state.flights.find(id);
  if (at == state.flights.end())
    return to_error(not_in_flight(id));
  const auto stored = at->second->last_seq_stored;
  if (stored != known)
    return stored;
  auto promise = self->make_response_promise<uint32_t>();
  state.watches[id].push_back({known, promise});
  return promise;
}

void wake_watches(supervisor_pointer self, const flight& x) {
  auto& watches = self->state.watches;
  if (watches.empty())
    return;
  const auto at = watches.find(x.job->record.id);
  if (at == watches.end())
    return;
  auto& all = at->second;
  const auto stored = x.last_seq_stored;
  const auto told
    = std::partition(all.begin(), all.end(), [=](const event_watch& watch) {
        return watch.known == stored;
      });
  for (auto it = told; it != all.end(); ++it)
    it->promise.deliver(stored);
  all.erase(told, all.end());
  if (all.empty())
    watches.erase(at);
}

void forget_flight(supervisor_pointer self, execution_id id) {
  auto& state = self->state;
  state.flights.erase(id);
  if (state.watches.empty())
    return;
  const auto at = state.watches.find(id);
  if (at == state.watches.end())
    return;
  for (auto& watch : at->second)
    watch.promise.deliver(to_error(not_in_flight(id)));
  state.watches.erase(at);
}

} // namespace vmsystem::supervision
