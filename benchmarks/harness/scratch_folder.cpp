#include "vmsystem/benchmarks/harness/scratch_folder.hpp"

#include "vmsystem/benchmarks/harness/socket.hpp"

#include <string>
#include <system_error>
#include <utility>

#include <stdlib.h>

namespace vmsystem::bench {

expected<scratch_folder>
scratch_folder::make(const std::filesystem::path& parent) {
  std::error_code error;
  const auto place = std::filesystem::absolute(parent, error);
  std::filesystem::create_directories(place, error);
  std::string name = place / "run.XXXXXX";
  if (::mkdtemp(name.data()) == nullptr)
    return system_failure("cannot make a folder in " + place.string());
  return scratch_folder{std::filesystem::path{name}};
}

scratch_folder::scratch_folder(std::filesystem::path path)
  : path_{std::move(path)} {}

scratch_folder::scratch_folder(scratch_folder&& other) noexcept
  : path_{std::exchange(other.path_, {})} {}

scratch_folder::~scratch_folder() {
  std::error_code ignored;
  if (!path_.empty())
    std::filesystem::remove_all(path_, ignored);
}

} // namespace vmsystem::bench
