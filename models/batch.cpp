#include "vmsystem/models/batch.hpp"

#include <algorithm>

namespace vmsystem {

uint32_t batch_input_chunk::next_line() const noexcept {
  const auto feeds = std::count(text.begin(), text.end(), '\n');
  const bool open = !text.empty() && text.back() != '\n';
  return first_line + static_cast<uint32_t>(feeds) + (open ? 1 : 0);
}

// The batch's own id with its last four bytes replaced by the index: version,
// variant, time and 30 random bits stay, and ids of one process differ in time.
execution_id job_execution_id(const batch_id& batch, uint32_t index) noexcept {
  execution_id result{batch.raw};
  auto* last = result.raw.bytes.data() + result.raw.bytes.size();
  for (int i = 0; i < 4; ++i) {
    *--last = static_cast<uint8_t>(index & 0xff);
    index >>= 8;
  }
  return result;
}

} // namespace vmsystem
