#include "vmsystem/models/error_code.hpp"

#include <iostream>

#if VMSYSTEM_FIRST_TYPE_ID != 5000
#  error "the definition does not reach the consumer"
#endif

int main() {
  std::cout << vmsystem::to_string_view(vmsystem::ec::session_busy) << '\n';
}
