#include "vmsystem/engine/builtin_modules.hpp"

namespace vmsystem::engine {

std::string_view builtin_module_source(std::string_view) noexcept {
  return {};
}

} // namespace vmsystem::engine
