#include "vmsystem/app/batch_here.hpp"

#include "vmsystem/actors/ask.hpp"
#include "vmsystem/actors/runtime.hpp"
#include "vmsystem/app/batch_feeder.hpp"
#include "vmsystem/app/batch_progress.hpp"
#include "vmsystem/app/batch_sink.hpp"
#include "vmsystem/app/batch_source.hpp"
#include "vmsystem/app/batch_template_here.hpp"
#include "vmsystem/app/system_config.hpp"
#include "vmsystem/models/codec.hpp"

#include <caf/actor_system.hpp>
#include <caf/scoped_actor.hpp>

#include <chrono>
#include <memory>
#include <thread>
#include <utility>

namespace vmsystem {

namespace {

/// What a request may take that waits for no script.
constexpr std::chrono::seconds patience{60};

/// How long running jobs may go on when a signal stops the batch.
constexpr uint32_t stop_grace_ms = 2000;

/// How often a batch without further results is asked whether it is over.
constexpr std::chrono::milliseconds end_poll_gap{5};

/// The stored record of a batch.
expected<batch> stored_batch(caf::scoped_actor& self, const query_actor& from,
                             batch_id id) {
  auto document = ask<json_text>(self, from, patience, get_atom_v, id);
  if (!document)
    return document.error();
  return from_json<batch>(document.value().text);
}

/// The newest batch of a store that is not over. Errors: batch_not_found.
expected<batch_id> newest_unfinished(caf::scoped_actor& self,
                                     const query_actor& from) {
  batch_id newest;
  for (const auto status : {batch_status::running, batch_status::interrupted}) {
    batch_filter filter;
    filter.limit = 1;
    filter.by_status = true;
    filter.status = status;
    auto page = ask<document_page>(self, from, patience, list_atom_v, filter);
    if (!page)
      return page.error();
    auto found = list_from_json<batch>(page.value().array.text);
    if (!found)
      return found.error();
    for (const auto& x : found.value())
      newest = std::max(newest, x.id);
  }
  if (newest.nil())
    return fail(ec::batch_not_found,
                "this store has no batch that could be resumed");
  return newest;
}

/// Takes a batch through its life.
class batch_run {
public:
  batch_run(caf::actor_system& system, runtime& where,
            const batch_run_request& request, const std::atomic<bool>& stop)
    : system_{system},
      self_{system},
      supervisor_{where.supervisor()},
      query_{where.query()},
      request_{request},
      stop_{stop} {}

  /// Makes the batch, or lets an old one go on. What it needs of the file
  /// system is looked at first.
  expected<void> begin() {
    auto source = batch_source::open(request_.jobs);
    if (!source)
      return source.error();
    auto sink = batch_sink::open(request_.out);
    if (!sink)
      return sink.error();
    sink_.emplace(std::move(sink).value());
    auto made = request_.resume ? resume(source.value()) : create();
    if (!made)
      return made.error();
    outcome_.record = std::move(made).value();
    began_ = pace_meter::clock::now();
    outcome_.tally.sample(since_begin());
    if (!outcome_.record.input_complete)
      feeder_ = std::make_unique<batch_feeder>(
        system_,
        batch_feeder::target{supervisor_, query_, outcome_.record.id,
                             outcome_.record.jobs},
        std::move(source).value(), halt_);
    return success();
  }

  /// Takes results until there are no more.
  void take_all() {
    progress_display progress;
    for (bool over = false; !over;) {
      if (stop_) {
        outcome_.interrupted = true;
        leave(fail(ec::internal, "a signal stopped it"));
        break;
      }
      auto results = ask<batch_results>(self_, supervisor_, patience,
                                        results_atom_v, outcome_.record.id);
      if (!results) {
        leave(results.error());
        break;
      }
      over = results.value().last;
      if (auto taken = take(results.value().lines, writes_live()); !taken) {
        leave(taken.error());
        break;
      }
      progress.show(position());
      if (!over && feeder_ && feeder_->done() && feeder_->failed()
          && !goes_on_without_input()) {
        leave(*feeder_->failed());
        break;
      }
    }
    outcome_.tally.sample(since_begin());
    progress.clear();
  }

  /// Looks at how the batch stands in the store, once it is over.
  void conclude() {
    if (outcome_.left)
      return;
    auto ended = await_end();
    if (!ended)
      return leave(ended.error());
    outcome_.record = std::move(ended).value();
    if (!is_over(outcome_.record.status))
      return leave(fail(ec::internal, outcome_.record.error.empty()
                                        ? "it was left before it was over"
                                        : outcome_.record.error));
    if (!writes_live())
      if (auto written = take_stored(true, false); !written)
        leave(written.error());
  }

  /// Waits for the feeder, for which the runtime must have been stopped if the
  /// batch is not over.
  void end_feeder() {
    halt_ = true;
    feeder_.reset();
  }

  batch_outcome&& outcome() && {
    return std::move(outcome_);
  }

private:
  expected<batch> create() {
    auto spec = request_.spec;
    spec.attached = true;
    if (spec.session.nil()) {
      auto vm = make_template();
      if (!vm)
        return vm.error();
      spec.vm_id = vm.value();
    }
    return ask<batch>(self_, supervisor_, patience, create_atom_v,
                      std::move(spec));
  }

  expected<template_id> make_template() {
    if (const auto id = template_id::parse(request_.vm))
      return *id;
    auto plan = template_plan_of(request_.vm, request_.limits);
    if (!plan)
      return plan.error();
    templates_here place{self_, supervisor_, query_};
    return make_planned_template(place, plan.value());
  }

  expected<batch> resume(batch_source& source) {
    auto id = request_.resumed.nil() ? newest_unfinished(self_, query_)
                                     : expected<batch_id>{request_.resumed};
    if (!id)
      return id.error();
    auto stored = stored_batch(self_, query_, id.value());
    if (!stored)
      return stored.error();
    outcome_.record = stored.value();
    if (is_over(stored.value().status))
      return fail(ec::validation_error,
                  "the batch " + id.value().to_string() + " is over: "
                    + std::string{name_of(stored.value().status)});
    if (stored.value().input_complete && source.is_file())
      if (auto same = check_whole_input(self_, query_, stored.value(), source);
          !same)
        return same.error();
    // While nothing runs, so that no result comes twice.
    if (auto taken = take_stored(writes_live(), true); !taken)
      return taken.error();
    return ask<batch>(self_, supervisor_, patience, resume_atom_v, id.value(),
                      true);
  }

  /// Whether results are written as they come. What a former process got is
  /// only in order with them when all are there.
  bool writes_live() const {
    return !(request_.resume && request_.spec.ordered);
  }

  expected<void> take(const std::string& lines, bool write) {
    if (write)
      if (auto written = sink_->write(lines); !written)
        return written;
    auto counted = outcome_.tally.add(lines);
    outcome_.tally.sample(since_begin());
    return counted;
  }

  /// Takes all results that are in the store.
  expected<void> take_stored(bool write, bool count) {
    batch_result_filter filter;
    filter.id = outcome_.record.id;
    filter.limit = 10000;
    filter.past_gaps = true;
    for (;;) {
      auto page = ask<batch_result_page>(self_, query_, patience,
                                         results_atom_v, filter);
      if (!page)
        return page.error();
      const auto& found = page.value();
      if (found.count == 0)
        return success();
      if (write)
        if (auto written = sink_->write(found.lines); !written)
          return written;
      if (count)
        if (auto counted = outcome_.tally.add(found.lines); !counted)
          return counted;
      filter.first = found.next;
    }
  }

  /// Whether the batch comes to an end though its input failed: it was stopped
  /// or cancelled, and takes no more.
  bool goes_on_without_input() {
    const auto now = ask<batch>(self_, supervisor_, patience, get_atom_v,
                                outcome_.record.id);
    return !now || is_over(now.value().status);
  }

  /// The record of a batch without further results, once it is stored as over;
  /// or as it is, when nobody works on it any more.
  expected<batch> await_end() {
    const auto deadline = pace_meter::clock::now() + patience;
    for (;;) {
      const auto live = ask<batch>(self_, supervisor_, patience, get_atom_v,
                                   outcome_.record.id);
      auto stored = stored_batch(self_, query_, outcome_.record.id);
      const bool at_rest = !live || !live.value().error.empty();
      if (!stored || is_over(stored.value().status) || at_rest
          || pace_meter::clock::now() > deadline)
        return stored;
      std::this_thread::sleep_for(end_poll_gap);
    }
  }

  /// Notes why the batch is left, and how far it is.
  void leave(const failure& why) {
    outcome_.left = why;
    if (auto now = ask<batch>(self_, supervisor_, patience, get_atom_v,
                              outcome_.record.id)) {
      outcome_.record = std::move(now).value();
      return;
    }
    // Nobody works on it any more, and its record may be old.
    auto& record = outcome_.record;
    record.outcomes = outcome_.tally.outcomes();
    record.done = static_cast<uint32_t>(outcome_.tally.count());
    record.jobs = std::max(record.jobs, record.done);
  }

  batch_position position() const {
    const auto& tally = outcome_.tally;
    batch_position result{tally.count(), tally.failed(), outcome_.record.jobs};
    if (!feeder_)
      return result;
    result.guessed = !feeder_->complete();
    result.total = feeder_->expected_jobs();
    // A guess that was passed was none.
    if (result.guessed && result.total < result.done)
      result.total = 0;
    return result;
  }

  std::chrono::milliseconds since_begin() const {
    return std::chrono::duration_cast<std::chrono::milliseconds>(
      pace_meter::clock::now() - began_);
  }

  caf::actor_system& system_;
  caf::scoped_actor self_;
  supervisor_actor supervisor_;
  query_actor query_;
  const batch_run_request& request_;
  const std::atomic<bool>& stop_;
  std::optional<batch_sink> sink_;
  batch_outcome outcome_;
  pace_meter::clock::time_point began_;
  /// Stops the feeder.
  std::atomic<bool> halt_{false};
  std::unique_ptr<batch_feeder> feeder_;
};

} // namespace

expected<batch_outcome> run_batch_here(const batch_run_request& request,
                                       const std::atomic<bool>& stop) {
  system_config config;
  caf::actor_system system{config};
  runtime_options options;
  options.store_path = request.store;
  options.library_cache = request.library_cache;
  options.allow_exec = request.allow_exec;
  options.store_durability = request.how;
  options.stop_grace_ms = stop_grace_ms;
  // The store may have others: they wait for whoever left them.
  options.resume_batches = false;
  auto started = runtime::start(system, options);
  if (!started)
    return started.error();
  auto& where = *started.value();
  batch_run run{system, where, request, stop};
  if (auto begun = run.begin(); !begun) {
    where.stop();
    return begun.error();
  }
  run.take_all();
  run.conclude();
  where.stop();
  run.end_feeder();
  return std::move(run).outcome();
}

} // namespace vmsystem
