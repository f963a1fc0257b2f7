// Compiled with another first type id than the archives: must not link.

#include "vmsystem/actors/message_types.hpp"

int main() {
  caf::actor_system_config config;
  vmsystem::add_message_types(config);
}
