#include "vmsystem/actors/http_batch_lookup.hpp"

#include "vmsystem/models/codec.hpp"

#include <utility>

namespace vmsystem {

namespace {

using done_function = std::function<void(const found_batch&)>;
using failed_function = std::function<void(const failure&)>;

void find_stored(gateway_state& gateway, const batch_id& id, done_function done,
                 failed_function failed) {
  gateway.send(
    gateway.options().query_timeout, gateway.query(),
    [done = std::move(done), failed](const json_text& document) {
      const auto status = stored_string(document.text, "status");
      if (!status)
        return failed(status.error());
      const auto value = value_of<batch_status>(status.value());
      if (!value)
        return failed(fail(ec::internal, "a stored batch has no known status"));
      done(found_batch{document, *value, false});
    },
    failed, get_atom_v, id);
}

} // namespace

void find_batch(gateway_state& gateway, const batch_id& id, done_function done,
                failed_function failed) {
  gateway.send(
    gateway.options().query_timeout, gateway.supervisor(),
    [done, failed](const batch& x) {
      const auto document = to_json(x);
      if (!document)
        return failed(document.error());
      done(found_batch{document.value(), x.status, true});
    },
    [&gateway, id, done, failed](const failure& reason) {
      // Whatever keeps the runtime from answering, such as the batch's end at
      // this moment: the store knows how it stands.
      find_stored(gateway, id, done, [failed, reason](const failure& missing) {
        const bool absent = reason.code == ec::batch_not_found;
        failed(absent ? missing : reason);
      });
    },
    get_atom_v, id);
}

} // namespace vmsystem
