#include "vmsystem/actors/message_types.hpp"

#include "vmsystem/actors/stage_interfaces.hpp"

namespace vmsystem::detail {

template <caf::type_id_t FirstTypeId>
void add_message_types_from(caf::actor_system_config& config) {
  config.add_message_types<caf::id_block::vmsystem>();
  config.add_message_types<caf::id_block::vmsystem_local>();
}

template void
add_message_types_from<VMSYSTEM_FIRST_TYPE_ID>(caf::actor_system_config&);

} // namespace vmsystem::detail
