#pragma once

#include "vmsystem/app/batch_run_request.hpp"
#include "vmsystem/app/client.hpp"

#include <atomic>
#include <functional>
#include <string>

namespace vmsystem {

/// Uploads a batch to a server, or finds one again that was uploaded before
/// (`resume`, with whose input it does nothing), waits until it is over, and
/// fetches its results. Blocks until then, or until `stop` is set; the server
/// goes on.
/// Errors: whatever hinders before there is a batch; what hinders later is in
/// the outcome.
[[nodiscard]] answer<batch_outcome>
run_batch_there(const batch_run_request& request, const server_address& where,
                const std::atomic<bool>& stop);

/// Fetches all results of a batch that a server has, in their order.
/// @param take gets documents, each followed by a line feed.
[[nodiscard]] answer<void>
fetch_results(client& server, const batch_id& id,
              const std::function<expected<void>(const std::string&)>& take);

} // namespace vmsystem
