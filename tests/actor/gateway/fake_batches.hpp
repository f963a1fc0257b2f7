#pragma once

#include "vmsystem/actors/errors.hpp"
#include "vmsystem/models/codec.hpp"
#include "vmsystem/models/type_ids.hpp"

#include <caf/result.hpp>
#include <caf/typed_response_promise.hpp>

#include <algorithm>
#include <atomic>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace vmsystem::fakes {

template <class T>
caf::result<T> refuse(ec code, const char* message) {
  return to_error(fail(code, message));
}

/// A template that exists.
inline const template_id known_template
  = *template_id::parse("11111111-1111-7111-8111-111111111111");
/// A batch that is over and stored.
inline const batch_id known_batch
  = *batch_id::parse("55555555-5555-7555-8555-555555555555");
/// A batch that goes on: one job is done each time somebody looks, and after
/// the fifth it is over.
inline const batch_id running_batch
  = *batch_id::parse("66666666-6666-7666-8666-666666666666");
/// A batch that ends whenever the runtime is asked for it.
inline const batch_id ending_batch
  = *batch_id::parse("88888888-8888-7888-8888-888888888888");
/// A batch that an earlier process left.
inline const batch_id interrupted_batch
  = *batch_id::parse("77777777-7777-7777-8777-777777777777");

/// What tests see of the fake batches, from any thread.
struct batch_ledger {
  std::atomic<int> creates{0};
  std::atomic<int> adds{0};
  /// The largest number of pieces that were on their way at the same time.
  std::atomic<int> adds_at_once{0};
  std::atomic<std::size_t> largest_piece{0};
  std::atomic<int> takes{0};
  std::atomic<int> releases{0};
  std::atomic<int> cancels{0};
  std::atomic<int> looks{0};

  std::string input() {
    const std::lock_guard guard{mutex};
    return input_text;
  }
  batch_spec spec() {
    const std::lock_guard guard{mutex};
    return last_spec;
  }

  std::mutex mutex;
  std::string input_text;
  batch_spec last_spec;
};

/// Batches whose jobs are done when their line is complete. What is special
/// about one is its worktree:
///
///   held-create   is made at the next `go`
///   held          adds are answered at the next `go`
///   stopped       is over with the first piece
///   gone          is over, and takes nothing
///   broken        fails to take anything
///   endless       never runs out of results of 100,000 bytes
///   mute          fails when results are asked for
class fake_batches {
public:
  using batch_promise = caf::typed_response_promise<batch>;
  using results_promise = caf::typed_response_promise<batch_results>;

  std::shared_ptr<batch_ledger> seen;

  void create(const batch_spec& spec, batch_promise promise) {
    {
      const std::lock_guard guard{seen->mutex};
      seen->last_spec = spec;
    }
    ++seen->creates;
    if (spec.vm_id != known_template) {
      promise.deliver(
        to_error(fail(ec::template_not_found, "there is no such template")));
      return;
    }
    batch record;
    record.id = batch_id::generate();
    record.vm_id = spec.vm_id;
    record.worktree_path = spec.worktree_path;
    if (record.worktree_path == "gone")
      record.status = batch_status::cancelled;
    all_[record.id].record = record;
    if (record.worktree_path == "held-create")
      held_.emplace_back(promise, record.id);
    else
      promise.deliver(record);
  }

  void add(const batch_id& id, const batch_input& input,
           batch_promise promise) {
    auto& x = all_[id];
    ++seen->adds;
    ++x.adding;
    seen->adds_at_once = std::max<int>(seen->adds_at_once, x.adding);
    seen->largest_piece
      = std::max<std::size_t>(seen->largest_piece, input.text.size());
    {
      const std::lock_guard guard{seen->mutex};
      seen->input_text += input.text;
    }
    const auto& way = x.record.worktree_path;
    if (way == "gone" || way == "broken") {
      --x.adding;
      promise.deliver(
        to_error(fail(way == "gone" ? ec::validation_error : ec::internal,
                      "the batch takes no input")));
      return;
    }
    for (const char c : input.text) {
      x.open_line = c != '\n';
      x.record.jobs += c == '\n' ? 1 : 0;
    }
    if (input.last) {
      x.record.jobs += x.open_line ? 1 : 0;
      x.record.input_complete = true;
      x.record.status = batch_status::completed;
    }
    if (way == "stopped")
      x.record.status = batch_status::stopped;
    if (way == "held") {
      held_.emplace_back(promise, id);
    } else {
      --x.adding;
      promise.deliver(x.record);
    }
    give(x);
  }

  void take(const batch_id& id, results_promise promise) {
    ++seen->takes;
    auto& x = all_[id];
    if (x.record.worktree_path == "mute") {
      promise.deliver(to_error(fail(ec::internal, "no results today")));
      return;
    }
    x.reader = promise;
    give(x);
  }

  caf::result<batch> release(const batch_id& id) {
    ++seen->releases;
    return all_[id].record;
  }

  caf::result<batch> cancel(const batch_id& id) {
    if (id == ending_batch)
      return refuse<batch>(ec::internal, "its actor ended");
    if (all_.count(id) == 0 && id != running_batch)
      return refuse<batch>(ec::batch_not_found, "it does not go on");
    ++seen->cancels;
    auto& x = all_[id];
    x.record.id = id;
    x.record.status = batch_status::cancelled;
    give(x);
    return x.record;
  }

  caf::result<batch> get(const batch_id& id) {
    if (id == running_batch)
      return look();
    if (id == ending_batch)
      return refuse<batch>(ec::internal, "its actor ended");
    const auto found = all_.find(id);
    if (found == all_.end())
      return refuse<batch>(ec::batch_not_found, "it does not go on");
    return found->second.record;
  }

  void go_on() {
    for (auto& [promise, id] : std::exchange(held_, {})) {
      auto& x = all_[id];
      x.adding = 0;
      promise.deliver(x.record);
    }
  }

private:
  struct one {
    batch record;
    int adding = 0;
    bool open_line = false;
    std::optional<results_promise> reader;
  };

  caf::result<batch> look() {
    if (++seen->looks > 5)
      return refuse<batch>(ec::batch_not_found, "it is over");
    batch record;
    record.id = running_batch;
    record.status = batch_status::running;
    record.done = static_cast<uint32_t>(seen->looks);
    return record;
  }

  /// Answers the reader when there is something.
  static void give(one& x) {
    if (!x.reader)
      return;
    const bool endless = x.record.worktree_path == "endless";
    batch_results answer;
    while (x.record.done < x.record.jobs || (endless && answer.count == 0)) {
      answer.lines += R"({"index":)" + std::to_string(x.record.done);
      if (endless)
        answer.lines += R"(,"pad":")" + std::string(100000, 'x') + '"';
      answer.lines += "}\n";
      ++answer.count;
      ++x.record.done;
      if (endless)
        break;
    }
    answer.last = !endless && is_over(x.record.status);
    if (answer.count == 0 && !answer.last)
      return;
    x.reader->deliver(answer);
    x.reader.reset();
  }

  std::map<batch_id, one> all_;
  std::vector<std::pair<batch_promise, batch_id>> held_;
};

/// What the store has of a batch.
inline caf::result<json_text> stored_batch(const batch_id& id) {
  if (id != known_batch && id != running_batch && id != interrupted_batch
      && id != ending_batch)
    return refuse<json_text>(ec::batch_not_found, "there is no such batch");
  batch record;
  record.id = id;
  record.status = id == interrupted_batch ? batch_status::interrupted
                                          : batch_status::completed;
  record.done = 5;
  return to_json_or(record, "");
}

/// Three results, of which the page has as many as it may.
inline caf::result<batch_result_page>
stored_page(const batch_result_filter& filter) {
  if (filter.id != known_batch && filter.id != running_batch)
    return refuse<batch_result_page>(ec::batch_not_found,
                                     "there is no such batch");
  batch_result_page page;
  page.next = filter.first;
  while (page.count < filter.limit && page.next < 3) {
    page.lines += R"({"index":)" + std::to_string(page.next++) + "}\n";
    ++page.count;
  }
  page.last = filter.id == known_batch && page.next >= 3;
  return page;
}

} // namespace vmsystem::fakes
