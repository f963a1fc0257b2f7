#pragma once

#include "vmsystem/models/batch.hpp"
#include "vmsystem/models/failure.hpp"
#include "vmsystem/models/query.hpp"

#include <functional>
#include <string>

namespace vmsystem {

// What the batch commands do on a store that no server has open.

/// A batch's document. Errors: batch_not_found, internal.
[[nodiscard]] expected<std::string> stored_batch(const std::string& store,
                                                 const batch_id& id);

/// A page of batches, newest first. Errors: validation_error, internal.
[[nodiscard]] expected<document_page>
stored_batches(const std::string& store, const batch_filter& filter);

/// All results of a batch that are there, in their order.
/// @param take gets documents, each followed by a line feed.
/// Errors: batch_not_found, internal, and those of `take`.
[[nodiscard]] expected<void>
stored_results(const std::string& store, const batch_id& id,
               const std::function<expected<void>(const std::string&)>& take);

/// Cancels a batch that was left. One that is over stays as it is. Errors:
/// batch_not_found, internal.
[[nodiscard]] expected<batch> cancel_stored(const std::string& store,
                                            const batch_id& id);

} // namespace vmsystem
