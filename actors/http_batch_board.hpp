#pragma once

#include "vmsystem/actors/http_event_stream.hpp"
#include "vmsystem/models/batch.hpp"

#include <map>
#include <memory>
#include <string>
#include <vector>

namespace vmsystem {

/// One client that watches a batch: gets its document as events, whenever it
/// changed and the client reads, but not more often than it is looked at.
class batch_watcher final : public event_stream {
public:
  using event_stream::event_stream;

  /// Sends the document when it is new; the first time before all else.
  void show(const json_text& document);

  /// Sends the last document and ends.
  void end(const json_text& document);

private:
  std::string shown_;
  http::time_point shown_at_;
};

/// Looks at the batches that somebody watches: once for all who watch one.
class batch_board {
public:
  explicit batch_board(gateway_state& gateway) : gateway_{gateway} {}

  /// Shows the batch to the client of `call` until the batch is over or stops
  /// going on in this process; refuses when there is none.
  void watch(http_call call, const batch_id& id);

  /// Looks at a batch and shows it to all who watch it.
  void look_at(const batch_id& id);

private:
  using watcher_ptr = std::shared_ptr<batch_watcher>;

  void add(const batch_id& id, const watcher_ptr& watcher);
  std::vector<watcher_ptr> take_all(const batch_id& id);

  gateway_state& gateway_;
  std::map<batch_id, std::vector<watcher_ptr>> watchers_;
};

} // namespace vmsystem
