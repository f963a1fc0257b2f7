#include "vmsystem/actors/catalog.hpp"

#include "vmsystem/actors/errors.hpp"
#include "vmsystem/actors/timeouts.hpp"
#include "vmsystem/models/codec.hpp"

#include <caf/typed_event_based_actor.hpp>

#include <utility>

namespace vmsystem {

namespace {

using catalog_pointer = catalog_actor::stateful_pointer<catalog_state>;

change put_change(const template_bundle& bundle) {
  change result;
  result.kind = change_kind::put_template;
  result.id = bundle.record.id.raw;
  result.text = to_json_or(bundle, "{}").text;
  return result;
}

/// Stores the next bundle of a template, makes it the current one, and only
/// then answers `reply`.
template <class Reply>
caf::result<Reply> store(catalog_pointer self, expected<template_bundle> next,
                         Reply reply) {
  if (!next)
    return to_error(next.error());
  auto promise = self->make_response_promise<Reply>();
  change_set changes{{put_change(next.value())}};
  self
    ->request(self->state.writer->get(), write_timeout, write_atom_v,
              std::move(changes))
    .await(
      [self, promise, next = std::move(next).value(),
       reply = std::move(reply)](const commit_receipt&) mutable {
        self->state.templates.put(std::move(next));
        promise.deliver(std::move(reply));
      },
      [promise](caf::error& reason) mutable {
        promise.deliver(to_error(to_failure(reason)));
      });
  return promise;
}

/// The part of a bundle that answers a change, if the change succeeded.
template <class Part>
auto part_of(const expected<template_bundle>& bundle, Part part) {
  using result = std::decay_t<decltype(part(bundle.value()))>;
  return bundle ? part(bundle.value()) : result{};
}

caf::result<template_id> remove(catalog_pointer self, template_id id) {
  auto found = self->state.templates.find(id);
  if (!found)
    return to_error(found.error());
  auto promise = self->make_response_promise<template_id>();
  change removal;
  removal.kind = change_kind::remove_template;
  removal.id = id.raw;
  self
    ->request(self->state.writer->get(), write_timeout, write_atom_v,
              change_set{{std::move(removal)}})
    .await(
      [self, promise, id](const commit_receipt&) mutable {
        self->state.templates.forget(id);
        promise.deliver(id);
      },
      [promise](caf::error& reason) mutable {
        promise.deliver(to_error(to_failure(reason)));
      });
  return promise;
}

} // namespace

catalog_actor::behavior_type
catalog(catalog_pointer self, current_writer_ptr writer,
        const limits_maximum& maximum, std::vector<template_bundle> stored) {
  self->state.writer = std::move(writer);
  self->state.templates = template_catalogue{maximum};
  for (auto& bundle : stored)
    self->state.templates.put(std::move(bundle));
  const auto* templates = &self->state.templates;
  return {
    [=](create_atom, const template_spec& spec) {
      auto next = templates->create(spec);
      auto record = part_of(next, [](const auto& x) { return x.record; });
      return store(self, std::move(next), std::move(record));
    },
    [=](remove_atom, template_id id) { return remove(self, id); },
    [=](update_atom, template_id id, const json_text& patch) {
      auto next = templates->with_settings(id, patch.text);
      auto settings = part_of(next, [](const auto& x) { return x.settings; });
      return store(self, std::move(next), std::move(settings));
    },
    [=](add_atom, const capability_spec& spec) {
      auto next = templates->with_capability(spec);
      auto added
        = part_of(next, [](const auto& x) { return x.capabilities.back(); });
      return store(self, std::move(next), std::move(added));
    },
    [=](remove_atom, template_id id, capability_id capability) {
      return store(self, templates->without_capability(id, capability),
                   capability);
    },
    [=](add_atom, const startup_file_spec& spec) {
      startup_file added;
      auto next = templates->with_startup_file(spec, added);
      return store(self, std::move(next), std::move(added));
    },
    [=](remove_atom, template_id id, startup_file_id file) {
      return store(self, templates->without_startup_file(id, file), file);
    },
    [=](add_atom, const listed_name& name) {
      return store(self, templates->with_name(name), name);
    },
    [=](remove_atom, const listed_name& name) {
      return store(self, templates->without_name(name), name);
    },
    [=](bundle_atom, template_id id) -> caf::result<template_bundle> {
      auto found = templates->find(id);
      if (!found)
        return to_error(found.error());
      return std::move(found).value();
    },
  };
}

} // namespace vmsystem
