#include "vmsystem/models/library.hpp"

namespace vmsystem {

std::string full_name(const catalogue_library& library) {
  return std::string{library.name} + '-' + std::string{library.version};
}

const catalogue_library*
find_catalogue_library(std::string_view name) noexcept {
  for (const auto& library : catalogue_libraries) {
    const auto size = library.name.size();
    if (name.substr(0, size) != library.name)
      continue;
    const auto rest = name.substr(size);
    if (rest.empty()
        || (rest.front() == '-' && rest.substr(1) == library.version))
      return &library;
  }
  return nullptr;
}

} // namespace vmsystem
