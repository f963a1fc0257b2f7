#include "vmsystem/actors/errors.hpp"
#include "vmsystem/actors/supervisor_parts.hpp"
#include "vmsystem/actors/timeouts.hpp"
#include "vmsystem/models/codec.hpp"
#include "vmsystem/models/library.hpp"
#include "vmsystem/models/validation.hpp"

#include <algorithm>
#include <utility>

namespace vmsystem::supervision {

namespace {

/// Images that are kept although no session may use them any more.
constexpr std::size_t max_cached_images = 256;

/// A session on its way to being ready.
struct creation {
  session_spec spec;
  template_bundle bundle;
  engine::library_list libraries;
  live_session_ptr live;
  session_completion done;
};

using creation_ptr = std::shared_ptr<creation>;

/// Fails a creation of which nothing is stored yet.
void fail_creation(supervisor_pointer self, const creation_ptr& what,
                   const failure& reason) {
  --self->state.sessions_in_creation;
  what->done(reason);
  continue_drain(self);
}

/// Throws out the image that was not used for longest. Sessions that were made
/// from it keep it.
void bound_images(supervisor_state& state) {
  auto& images = state.images;
  if (images.size() <= max_cached_images)
    return;
  auto oldest = images.end();
  for (auto i = images.begin(); i != images.end(); ++i)
    if (i->second.waiting.empty()
        && (oldest == images.end()
            || i->second.last_use < oldest->second.last_use))
      oldest = i;
  if (oldest != images.end())
    images.erase(oldest);
}

/// Hands an image, or the failure to make it, to all that wait for it.
void image_done(supervisor_pointer self, template_id id, const image_key& key,
                const expected<image_ref>& result) {
  auto& images = self->state.images;
  const auto at = images.find(id);
  if (at == images.end() || at->second.key != key)
    return;
  auto waiting = std::move(at->second.waiting);
  at->second.waiting.clear();
  if (result)
    at->second.image = result.value().image;
  else
    images.erase(at);
  for (auto& next : waiting)
    next(result);
}

void build_image(supervisor_pointer self, const template_bundle& bundle,
                 const image_key& key) {
  const auto id = bundle.record.id;
  on_next_slot(self, [=](const slot_lease& lease) {
    self
      ->request(lease.actor, stage_timeout, image_atom_v, bundle,
                libraries_ref{key.libraries})
      .then(
        [=](const image_ref& ref) {
          release_slot(self, lease);
          image_done(self, id, key, ref);
        },
        [=](const caf::error& reason) {
          end_lease(self, lease, reason);
          image_done(self, id, key, to_failure(reason));
        });
  });
}

/// Calls `next` with the image of the bundle's version and of these libraries,
/// which is made once.
void with_image(supervisor_pointer self, const template_bundle& bundle,
                const engine::library_list& libraries,
                std::function<void(expected<image_ref>)> next) {
  auto& state = self->state;
  auto& cached = state.images[bundle.record.id];
  cached.last_use = ++state.image_uses;
  image_key key{bundle.record.updated_at, libraries};
  const bool known = cached.key == key;
  if (known && cached.image) {
    next(image_ref{cached.image});
    return;
  }
  if (!known) {
    // Whoever still waits for the one before gets this one.
    cached.key = key;
    cached.image = nullptr;
  }
  cached.waiting.push_back(std::move(next));
  if (!known) {
    build_image(self, bundle, key);
    bound_images(state);
  }
}

/// Answers a creation whose session did not become ready.
void startup_failed(supervisor_pointer self, const creation_ptr& what,
                    const failure& reason) {
  const auto live = what->live;
  if (live->record.status == session_status::starting)
    crash_session(self, live, reason.message);
  write(self, change_set{{session_change(live->record)}},
        [=](const expected<commit_receipt>& outcome) {
          fail_creation(self, what, outcome ? reason : outcome.error());
        });
}

/// What a client hears of a startup file that did not end well.
failure startup_failure(const live_session& live, const startup_file& file,
                        const finished_execution& finished) {
  std::string message = "it was stopped";
  if (auto error = from_json<exception_payload>(finished.record.error.text))
    message = error.value().message;
  return {ec::startup_failed,
          "startup file \"" + file.path + "\" failed: " + message,
          details_of({{"session_id", live.record.id.to_string()},
                      {"path", file.path},
                      {"message", message}})};
}

void creation_done(supervisor_pointer self, const creation_ptr& what) {
  const auto live = what->live;
  live->record.status = session_status::ready;
  write(self, change_set{{session_change(live->record)}},
        [=](const expected<commit_receipt>& outcome) {
          auto& state = self->state;
          if (outcome && !live->closing) {
            --state.sessions_in_creation;
            ++state.counters.sessions_created;
            what->done(live->record);
            continue_drain(self);
            return;
          }
          state.sessions.erase(live->record.id);
          fail_creation(self, what,
                        outcome ? fail(ec::overloaded, "the server is stopping")
                                : outcome.error());
        });
}

/// Runs the startup files one after the other, through the pipeline.
void run_startup(supervisor_pointer self, const creation_ptr& what) {
  const auto live = what->live;
  if (live->startup_files.empty()) {
    creation_done(self, what);
    return;
  }
  const auto file = live->startup_files.front();
  live->startup_files.pop_front();
  execution_request request;
  request.session = live->record.id;
  request.kind = execution_kind::startup;
  request.path = file.path;
  execute(self, std::move(request),
          [=](const expected<finished_execution>& result) {
            if (!result)
              startup_failed(self, what, result.error());
            else if (result.value().record.status != execution_status::ok)
              startup_failed(self, what,
                             startup_failure(*live, file, result.value()));
            else
              run_startup(self, what);
          });
}

/// The instance is there: the session begins.
void begin_session(supervisor_pointer self, const creation_ptr& what,
                   std::shared_ptr<engine::instance> instance) {
  auto& state = self->state;
  auto live = std::make_shared<live_session>();
  what->live = live;
  const auto& files = what->bundle.startup_files;
  live->startup_files.assign(files.begin(), files.end());
  live->instance = std::move(instance);
  live->limits = what->bundle.settings.limits;
  auto& record = live->record;
  record.id = session_id::generate();
  record.vm_id = what->spec.vm_id;
  record.workspace_id = what->spec.workspace_id;
  record.base_commit_oid = what->spec.base_commit_oid;
  record.worktree_path = what->spec.worktree_path;
  record.created_at = timestamp::now();
  state.sessions.emplace(record.id, live);
  if (live->startup_files.empty()) {
    creation_done(self, what);
    return;
  }
  write(self, change_set{{session_change(record)}},
        [=](const expected<commit_receipt>& outcome) {
          if (outcome) {
            run_startup(self, what);
            return;
          }
          self->state.sessions.erase(live->record.id);
          fail_creation(self, what, outcome.error());
        });
}

void clone_image(supervisor_pointer self, const creation_ptr& what,
                 const image_ref& image) {
  on_next_slot(self, [=](const slot_lease& lease) {
    self->request(lease.actor, stage_timeout, clone_atom_v, image)
      .then(
        [=](const instance_ref& ref) {
          release_slot(self, lease);
          begin_session(self, what, ref.instance);
        },
        [=](const caf::error& reason) {
          end_lease(self, lease, reason);
          fail_creation(self, what, to_failure(reason));
        });
  });
}

void clone_when_built(supervisor_pointer self, const creation_ptr& what) {
  with_image(self, what->bundle, what->libraries,
             [=](const expected<image_ref>& image) {
               if (image)
                 clone_image(self, what, image.value());
               else
                 fail_creation(self, what, image.error());
             });
}

/// Asks the disk for what the session needs, and hands its libraries to `next`.
void ask_disk(supervisor_pointer self, const std::string& worktree,
              const std::vector<std::string>& libraries,
              std::function<void(expected<engine::library_list>)> next) {
  const auto& cache = self->state.setup.options.library_cache;
  self
    ->request(self->state.loading, load_timeout, load_atom_v,
              session_needs{worktree, libraries, cache})
    .then([=](const libraries_ref& loaded) { next(loaded.list); },
          [=](const caf::error& reason) { next(to_failure(reason)); });
}

void load_and_clone(supervisor_pointer self, const creation_ptr& what) {
  const auto& libraries = what->bundle.record.libraries;
  const auto& worktree = what->spec.worktree_path;
  // Only batches are made without a worktree.
  if (worktree.empty() && libraries.empty()) {
    clone_when_built(self, what);
    return;
  }
  ask_disk(self, worktree, libraries,
           [=](const expected<engine::library_list>& loaded) {
             if (!loaded) {
               fail_creation(self, what, loaded.error());
               return;
             }
             what->libraries = loaded.value();
             clone_when_built(self, what);
           });
}

expected<void> check_room(const supervisor_state& state) {
  if (state.draining)
    return fail(ec::overloaded, "the server is stopping");
  const auto live = state.sessions.size() + state.sessions_in_creation;
  if (live < state.max_sessions)
    return success();
  return fail(ec::overloaded,
              std::to_string(live)
                + " sessions are live, the bound; close some, or raise "
                  "--max-sessions (and the kernel's vm.max_map_count)");
}

} // namespace

caf::result<listed_name> add_name(supervisor_pointer self,
                                  const listed_name& name) {
  const auto catalog = self->state.setup.catalog;
  // What is in the catalogue of libraries may be put into the cache later; what
  // is no name at all is refused by the catalogue of templates.
  if (name.list != name_list::libraries || !check_name("name", name.name)
      || find_catalogue_library(name.name) != nullptr)
    return self->delegate(catalog, add_atom_v, name);
  auto promise = self->make_response_promise<listed_name>();
  ask_disk(self, {}, {name.name},
           [=](const expected<engine::library_list>& loaded) mutable {
             if (loaded)
               promise.delegate(catalog, add_atom_v, name);
             else
               promise.deliver(to_error(loaded.error()));
           });
  return promise;
}

void make_session(supervisor_pointer self, session_spec spec,
                  session_completion done) {
  auto& state = self->state;
  if (auto outcome = check_room(state); !outcome) {
    done(outcome.error());
    return;
  }
  auto what = std::make_shared<creation>();
  what->done = std::move(done);
  what->spec = std::move(spec);
  ++state.sessions_in_creation;
  self
    ->request(state.setup.catalog, write_timeout, bundle_atom_v,
              what->spec.vm_id)
    .then(
      [=](template_bundle& bundle) {
        what->bundle = std::move(bundle);
        load_and_clone(self, what);
      },
      [=](const caf::error& reason) {
        fail_creation(self, what, to_failure(reason));
      });
}

caf::result<session> create_session(supervisor_pointer self,
                                    session_spec spec) {
  if (auto outcome = check_session(spec); !outcome)
    return to_error(outcome.error());
  auto promise = self->make_response_promise<session>();
  make_session(self, std::move(spec), deliver_to(promise));
  return promise;
}

void begin_close(supervisor_pointer self, const live_session_ptr& live) {
  if (live->closing)
    return;
  live->closing = true;
  while (!live->waiting.empty())
    stop_flight(self, live->waiting.front(), end_reason::session_closed);
  if (!live->current)
    finish_close(self, live);
  else if (const auto chain = live->chain)
    for (const auto& flight : flight_list{chain->flights})
      stop_flight(self, flight, end_reason::session_closed);
  else
    stop_flight(self, live->current, end_reason::session_closed);
}

caf::result<session> close_session(supervisor_pointer self, session_id id) {
  auto& state = self->state;
  const auto at = state.sessions.find(id);
  if (at == state.sessions.end()
      || at->second->record.status != session_status::ready)
    return to_error({ec::session_not_found,
                     "session " + id.to_string() + " is not live",
                     details_of({{"session_id", id.to_string()}})});
  auto promise = self->make_response_promise<session>();
  at->second->closers.push_back(promise);
  begin_close(self, live_session_ptr{at->second});
  return promise;
}

void finish_close(supervisor_pointer self, const live_session_ptr& live) {
  auto& record = live->record;
  self->state.sessions.erase(record.id);
  ++self->state.counters.sessions_closed;
  live->instance.reset();
  record.status = session_status::closed;
  record.closed_at = timestamp::now();
  write(self, change_set{{session_change(record)}},
        [self, live](const expected<commit_receipt>& outcome) {
          for (auto& closer : live->closers) {
            if (outcome)
              closer.deliver(live->record);
            else
              closer.deliver(to_error(outcome.error()));
          }
          continue_drain(self);
        });
}

void crash_session(supervisor_pointer self, const live_session_ptr& live,
                   std::string reason, const execution_job* by) {
  auto& record = live->record;
  record.status = session_status::crashed;
  record.closed_at = timestamp::now();
  record.last_error = std::move(reason);
  self->state.sessions.erase(record.id);
  ++self->state.counters.sessions_crashed;
  log_crash(self, record, by);
  live->instance.reset();
  while (!live->waiting.empty()) {
    const auto next = live->waiting.front();
    live->waiting.pop_front();
    refuse_waiting(self, next,
                   fail(ec::session_not_ready,
                        "the session crashed while the request waited"));
  }
  for (auto& closer : live->closers)
    closer.deliver(record);
  live->closers.clear();
}

runtime_summary summary(const supervisor_state& state) {
  runtime_summary result;
  for (const auto& [id, live] : state.sessions)
    if (live->record.status == session_status::ready)
      result.active_session_ids.push_back(id);
  std::sort(result.active_session_ids.begin(), result.active_session_ids.end());
  return result;
}

} // namespace vmsystem::supervision
