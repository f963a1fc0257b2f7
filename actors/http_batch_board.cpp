#include "vmsystem/actors/http_batch_board.hpp"

#include "vmsystem/actors/http_batch_lookup.hpp"

#include <algorithm>
#include <chrono>
#include <utility>

namespace vmsystem {

using clock = std::chrono::steady_clock;

// -- one client ---------------------------------------------------------------

void batch_watcher::show(const json_text& document) {
  const auto now = clock::now();
  const bool too_soon
    = !shown_.empty()
      && now - shown_at_ < gateway().options().progress_interval;
  // Whoever does not read sees the next one that it has room for.
  if (document.text == shown_ || too_soon || !has_room())
    return;
  shown_ = document.text;
  shown_at_ = now;
  send("progress", shown_);
}

void batch_watcher::end(const json_text& document) {
  send("end", document.text);
  finish();
}

// -- all of them --------------------------------------------------------------

void batch_board::watch(http_call call, const batch_id& id) {
  const auto watcher = std::make_shared<batch_watcher>(gateway_, call);
  gateway_.attach(call, watcher);
  find_batch(
    gateway_, id,
    [this, id, watcher](const found_batch& x) {
      watcher->show(x.document);
      if (x.live && !is_over(x.status))
        add(id, watcher);
      else
        watcher->end(x.document);
    },
    [watcher](const failure& reason) { watcher->on_failure(reason); });
}

void batch_board::add(const batch_id& id, const watcher_ptr& watcher) {
  if (!watcher->open())
    return;
  // Whoever is the first starts the looking, which goes on until all are gone.
  auto& all = watchers_[id];
  if (all.empty())
    gateway_.wake_board(id, gateway_.options().progress_interval);
  all.push_back(watcher);
}

void batch_board::look_at(const batch_id& id) {
  const auto found = watchers_.find(id);
  if (found == watchers_.end())
    return;
  auto& all = found->second;
  all.erase(std::remove_if(all.begin(), all.end(),
                           [](const watcher_ptr& x) { return !x->open(); }),
            all.end());
  if (all.empty()) {
    watchers_.erase(found);
    return;
  }
  find_batch(
    gateway_, id,
    [this, id](const found_batch& x) {
      if (x.live && !is_over(x.status)) {
        for (const auto& watcher : watchers_[id])
          watcher->show(x.document);
        return gateway_.wake_board(id, gateway_.options().progress_interval);
      }
      for (const auto& watcher : take_all(id))
        watcher->end(x.document);
    },
    [this, id](const failure& reason) {
      for (const auto& watcher : take_all(id))
        watcher->on_failure(reason);
    });
}

std::vector<batch_board::watcher_ptr>
batch_board::take_all(const batch_id& id) {
  auto result = std::move(watchers_[id]);
  watchers_.erase(id);
  return result;
}

} // namespace vmsystem
