#pragma once

#include "vmsystem/engine/guest.hpp"
#include "vmsystem/models/failure.hpp"

#include <cstddef>
#include <cstdint>
#include <memory>
#include <mutex>
#include <utility>
#include <vector>

namespace vmsystem::engine::detail {

/// Pages in a row: the first one's number, and how many.
using page_runs = std::vector<std::pair<uint32_t, uint32_t>>;

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

  /// Makes the pages that every run changes the guest's own, as far as that is
  /// known and before its first run. All at once that takes a fraction of the
  /// time of a fault for each: no page is mapped for reading first, so no other
  /// processor has to forget it.
  /// @returns whether this was done now.
  bool populate(guest& target) const noexcept;

  /// Sees what the first run of a guest changed: the pages that the first few
  /// guests all changed are those that `populate` is about.
  void learn(const guest& target) const;

  [[nodiscard]] const guest_layout& layout() const noexcept {
    return layout_;
  }

private:
  frozen_memory() = default;

  [[nodiscard]] std::size_t bytes() const noexcept {
    return std::size_t{layout_.pages} << 16;
  }

  [[nodiscard]] bool map_over(uint8_t* address) const;

  /// @returns false when the image has to be mapped over them instead.
  [[nodiscard]] bool restore_pages(guest& target) const;

  void set_up(guest& target, uint8_t* memory) const;

  int fd_ = -1;
  /// The file, mapped read-only.
  const uint8_t* image_ = nullptr;
  /// What `populate` is about; null until enough guests were seen.
  mutable std::shared_ptr<const page_runs> warm_;
  mutable std::mutex learning_;
  mutable uint32_t seen_ = 0;
  /// Those that all guests changed that were seen.
  mutable std::vector<uint32_t> common_;
  guest_layout layout_;
};

} // namespace vmsystem::engine::detail
