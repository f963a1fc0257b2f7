#pragma once

#include "vmsystem/engine/guest.hpp"
#include "vmsystem/models/failure.hpp"

#include <cstddef>
#include <cstdint>
#include <memory>

namespace vmsystem::engine::detail {

/// The memory of a guest at rest, in a sealed file without a name. Guests map
/// it privately: they share its pages until they write to them.
class frozen_memory {
public:
  /// Copies the guest's memory; pages of zeros take no room.
  [[nodiscard]] static expected<std::unique_ptr<const frozen_memory>>
  freeze(guest& source);

  ~frozen_memory();

  frozen_memory(const frozen_memory&) = delete;

  frozen_memory& operator=(const frozen_memory&) = delete;

  /// Gives `target`, which has no memory yet, a private copy.
  [[nodiscard]] expected<void> attach(guest& target) const;

  /// Makes a guest that was attached to this equal to it again. Copies back
  /// the pages that the guest wrote to, and unmaps what it grew by.
  [[nodiscard]] expected<void> restore(guest& target) const;

  [[nodiscard]] const guest_layout& layout() const noexcept {
    return layout_;
  }

private:
  frozen_memory() = default;

  [[nodiscard]] std::size_t bytes() const noexcept {
    return std::size_t{layout_.pages} << 16;
  }

  [[nodiscard]] bool map_over(uint8_t* address) const;

  /// @returns whether the kernel told which pages changed.
  [[nodiscard]] bool copy_changed_pages(uint8_t* target) const;

  void set_up(guest& target, uint8_t* memory) const;

  int fd_ = -1;
  /// The file, mapped read-only.
  const uint8_t* image_ = nullptr;
  guest_layout layout_;
};

} // namespace vmsystem::engine::detail
