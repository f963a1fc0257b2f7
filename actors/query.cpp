#include "vmsystem/actors/query.hpp"

#include "vmsystem/actors/errors.hpp"
#include "vmsystem/models/codec.hpp"

#include <exception>
#include <string>
#include <utility>

namespace vmsystem {

namespace {

/// What `read` finds in a view of the store, as an answer. An exception
/// becomes an error.
template <class Answer, class Read>
caf::result<Answer> answer(const store& kept, Read&& read) {
  try {
    auto found = read(*kept.read());
    if (!found)
      return to_error(found.error());
    return Answer{std::move(found).value()};
  } catch (const std::exception& e) {
    return to_error(
      fail(ec::internal, std::string{"the query failed: "} + e.what()));
  }
}

/// Decodes a template that was read. Errors: internal, which names it.
expected<template_bundle> decode(const raw_id& id, const std::string& text) {
  auto bundle = from_json<template_bundle>(text);
  if (!bundle)
    return fail(ec::internal, "the stored template " + id.to_string()
                                + " is damaged: " + bundle.error().message);
  return bundle;
}

/// The records of all templates as an array.
expected<json_text> list_templates(store_reader& reader) {
  auto documents = reader.template_documents();
  if (!documents)
    return documents.error();
  std::vector<template_record> records;
  for (const auto& document : documents.value()) {
    auto bundle = decode(document.id, document.text);
    if (!bundle)
      return bundle.error();
    records.push_back(std::move(bundle).value().record);
  }
  return to_json(records);
}

} // namespace

query_actor::behavior_type
query(query_actor::stateful_pointer<query_state> self, store_ptr kept) {
  self->state.kept = std::move(kept);
  return {
    [self](get_atom, template_id id) {
      return answer<json_text>(*self->state.kept, [id](store_reader& reader) {
        return reader.template_document(id);
      });
    },
    [self](bundle_atom, template_id id) {
      return answer<template_bundle>(
        *self->state.kept,
        [id](store_reader& reader) -> expected<template_bundle> {
          auto document = reader.template_document(id);
          if (!document)
            return document.error();
          return decode(id.raw, document.value());
        });
    },
    [self](list_atom) {
      return answer<json_text>(*self->state.kept, list_templates);
    },
    [self](get_atom, session_id id) {
      return answer<json_text>(*self->state.kept, [id](store_reader& reader) {
        return reader.session_document(id);
      });
    },
    [self](list_atom, const session_filter& filter) {
      return answer<document_page>(*self->state.kept,
                                   [&filter](store_reader& reader) {
                                     return reader.session_documents(filter);
                                   });
    },
    [self](get_atom, execution_id id) {
      return answer<json_text>(*self->state.kept, [id](store_reader& reader) {
        return reader.execution_document(id);
      });
    },
    [self](list_atom, const execution_filter& filter) {
      return answer<document_page>(*self->state.kept,
                                   [&filter](store_reader& reader) {
                                     return reader.execution_documents(filter);
                                   });
    },
    [self](get_atom, batch_id id) {
      return answer<json_text>(*self->state.kept, [id](store_reader& reader) {
        return reader.batch_document(id);
      });
    },
    [self](list_atom, const batch_filter& filter) {
      return answer<document_page>(*self->state.kept,
                                   [&filter](store_reader& reader) {
                                     return reader.batch_documents(filter);
                                   });
    },
    [self](results_atom, const batch_result_filter& filter) {
      return answer<batch_result_page>(*self->state.kept,
                                       [&filter](store_reader& reader) {
                                         return reader.batch_results(filter);
                                       });
    },
    [self](done_atom, const batch_result_filter& filter) {
      return answer<done_job_page>(*self->state.kept, [&filter](
                                                        store_reader& reader) {
        return reader.done_jobs(filter.id, filter.first, filter.limit);
      });
    },
    [self](get_atom, batch_id id, uint32_t line) {
      return answer<batch_input_chunk>(*self->state.kept,
                                       [id, line](store_reader& reader) {
                                         return reader.batch_input(id, line);
                                       });
    },
    [self](get_atom, const std::string& key) {
      return answer<json_text>(*self->state.kept, [&key](store_reader& reader) {
        return reader.key_document(key);
      });
    },
    [self](events_atom, const event_filter& filter) {
      return answer<json_text>(*self->state.kept,
                               [&filter](store_reader& reader) {
                                 return reader.event_documents(filter);
                               });
    },
  };
}

} // namespace vmsystem
