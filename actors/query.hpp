#pragma once

#include "vmsystem/actors/interfaces.hpp"
#include "vmsystem/persistence/store.hpp"

#include <caf/typed_event_based_actor.hpp>

namespace vmsystem {

/// State of the query actor; dies with it.
struct query_state {
  static inline const char* name = "query";

  store_ptr kept;
};

/// Answers each message from a view of its own, at once. Several of them may
/// share one store.
query_actor::behavior_type
query(query_actor::stateful_pointer<query_state> self, store_ptr kept);

} // namespace vmsystem
