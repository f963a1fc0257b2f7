#pragma once

#include "vmsystem/actors/http_gateway_state.hpp"
#include "vmsystem/models/batch.hpp"

#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace vmsystem {

/// One client that watches a batch: gets its document as events, whenever it
/// changed and the client reads, but not more often than it is looked at.
class batch_watcher final : public http_stream {
public:
  batch_watcher(gateway_state& gateway, http_call call)
    : gateway_{gateway}, call_{call} {}

  /// Sends the document when it is new; the first time before all else.
  void show(const json_text& document);

  /// Sends the last document and ends.
  void end(const json_text& document);

  /// Whether it still wants to see something.
  [[nodiscard]] bool watching() const noexcept {
    return !over_;
  }

  void on_tick(http::time_point now) override;
  void on_drain() override;
  void on_failure(const failure& reason) override;
  void on_gone() override;

private:
  void begin();
  void send(std::string_view event, std::string_view data);
  void finish();

  gateway_state& gateway_;
  http_call call_;
  std::string shown_;
  http::time_point shown_at_;
  http::time_point sent_at_;
  bool begun_ = false;
  bool over_ = false;
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
