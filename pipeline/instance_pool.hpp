#pragma once

#include "vmsystem/engine/image.hpp"
#include "vmsystem/engine/instance.hpp"
#include "vmsystem/models/failure.hpp"

#include <array>
#include <cstddef>
#include <memory>

namespace vmsystem {

/// Mapped instances of the images that one slot used last, one of each. To map
/// and unmap for each job would make the threads of a process wait for each
/// other in the kernel; copying the changed pages back does not.
class instance_pool {
public:
  /// How many images it remembers.
  static constexpr std::size_t capacity = 4;

  instance_pool() = default;

  /// @param keeps false: every instance is mapped anew, and unmapped when it is
  ///        given back.
  explicit instance_pool(bool keeps) noexcept : keeps_{keeps} {}

  /// A pristine instance of `wanted`. Errors: overloaded.
  [[nodiscard]] expected<std::shared_ptr<engine::instance>>
  take(const std::shared_ptr<const engine::image>& wanted);

  /// Takes an instance back, whatever happened in it, and makes it pristine.
  /// Keeps it in place of the one that was not used for longest.
  void give_back(std::shared_ptr<engine::instance> used);

private:
  bool keeps_ = true;
  std::array<std::shared_ptr<engine::instance>, capacity> kept_;
};

} // namespace vmsystem
