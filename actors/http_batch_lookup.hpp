#pragma once

#include "vmsystem/actors/http_gateway_state.hpp"
#include "vmsystem/models/batch.hpp"

#include <functional>

namespace vmsystem {

/// A batch as it stands.
struct found_batch {
  json_text document;
  batch_status status = batch_status::receiving;
  /// Whether it goes on in this process.
  bool live = false;
};

/// Looks for a batch among those that go on, or else in the store. Errors:
/// batch_not_found.
void find_batch(gateway_state& gateway, const batch_id& id,
                std::function<void(const found_batch&)> done,
                std::function<void(const failure&)> failed);

} // namespace vmsystem
