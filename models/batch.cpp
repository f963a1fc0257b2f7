#include "vmsystem/models/batch.hpp"

namespace vmsystem {

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
