#pragma once

#include <cstdint>
#include <optional>
#include <vector>

namespace vmsystem::engine::detail {

/// Which pages of a guest are its own, no longer shared with the image.
///
/// A page becomes the guest's own by a fault of the thread that writes to it
/// and stays so until the image is mapped over it. So a list that was true is
/// true as long as nobody but one thread entered the guest, and that thread had
/// no fault: the kernel need not be asked again, which takes longer than a
/// short script.
class page_ledger {
public:
  /// The calling thread enters the guest.
  void entered() noexcept {
    if (thread_ != this_thread())
      forget();
  }

  /// Whether `pages` is true, as far as the calling thread knows.
  [[nodiscard]] bool up_to_date() const noexcept;

  /// `pages` is true now, and the calling thread found it.
  void settle() noexcept;

  /// `pages` may be wrong from now on.
  void forget() noexcept {
    faults_.reset();
  }

  /// Their numbers, ascending.
  std::vector<uint32_t> pages;

  /// Whether the pages that every run changes were made the guest's own.
  bool populated = false;

private:
  /// A number that no other thread has or had.
  [[nodiscard]] static uint64_t this_thread() noexcept;

  uint64_t thread_ = 0;
  /// The faults of that thread when `pages` was true; absent when it is not.
  std::optional<int64_t> faults_;
};

} // namespace vmsystem::engine::detail
