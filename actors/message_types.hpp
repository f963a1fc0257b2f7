#pragma once

#include "vmsystem/models/type_ids.hpp"

#include <caf/actor_system_config.hpp>

namespace vmsystem {

namespace detail {

/// Defined for the one first id that the library was compiled with.
template <caf::type_id_t FirstTypeId>
void add_message_types_from(caf::actor_system_config& config);

} // namespace detail

/// Registers the message types of vm-system, which the actor system of a
/// runtime, or of a program that talks to one, needs. Sets nothing else.
///
/// A program that was compiled with another `VMSYSTEM_FIRST_TYPE_ID` than the
/// library does not link: in it, one id would stand for two types.
inline void add_message_types(caf::actor_system_config& config) {
  detail::add_message_types_from<VMSYSTEM_FIRST_TYPE_ID>(config);
}

} // namespace vmsystem
