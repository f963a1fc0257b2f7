#include "vmsystem/actors/batch_runner.hpp"

#include "vmsystem/actors/errors.hpp"
#include "vmsystem/actors/timeouts.hpp"
#include "vmsystem/models/codec.hpp"

#include <caf/exit_reason.hpp>

#include <algorithm>
#include <utility>

namespace vmsystem {

namespace {

using runner_pointer = batch_runner_actor::stateful_pointer<batch_runner_state>;

/// How often the stored record is brought up to date.
constexpr std::chrono::seconds checkpoint_interval{1};

/// Bytes of stored input that are kept in memory until they are read.
constexpr std::size_t max_chunk_bytes = std::size_t{4} << 20;

/// A sender of an attached batch waits while there is more unread input.
constexpr std::size_t input_credit_bytes = std::size_t{512} << 10;

/// Results that may wait for their reader.
constexpr std::size_t max_unread = 8192;
constexpr std::size_t max_unread_bytes = std::size_t{16} << 20;

/// Results in one answer.
constexpr std::size_t max_page_bytes = std::size_t{256} << 10;

/// Bytes of scripts and arguments of the jobs under way, but for one job.
constexpr std::size_t max_bytes_in_flight = std::size_t{32} << 20;

/// Jobs in one message to the pipeline.
constexpr uint32_t max_jobs_per_message = 256;

/// How long jobs that share a session may occupy it for one message, in
/// microseconds: with many, the last jobs would all be in one session.
constexpr uint64_t lane_us = 5000;

/// What waits behind those, in microseconds: jobs count until they are stored,
/// and a session should not wait for the disk.
constexpr uint64_t lane_ahead_us = 20000;

/// Jobs that begin before any has come back, and how many more may be under way
/// for each that has. The first result is there early: neither are as many jobs
/// read before as the batch may have in the pipeline, nor is it one of a long
/// group of jobs.
constexpr uint32_t least_first_jobs = 8;
constexpr uint32_t first_part_of_concurrency = 256;
constexpr uint32_t jobs_for_each_answer = 4;

/// Done jobs that are asked for at once when a batch is resumed.
constexpr uint32_t done_page = 50000;

batch describe(const batch_runner_state& s) {
  batch result = s.record;
  s.progress.describe(result);
  if (!s.over) {
    using std::chrono::milliseconds;
    const auto active = std::chrono::duration_cast<milliseconds>(
      batch_runner_state::clock::now() - s.since);
    result.active_ms = s.active_before + static_cast<uint64_t>(active.count());
  }
  if (result.active_ms > 0)
    result.jobs_per_s = (uint64_t{result.done} * 1000 + result.active_ms / 2)
                        / result.active_ms;
  return result;
}

/// Whether nothing more is to be begun in this process.
bool closed(const batch_runner_state& s) {
  return s.cancelled || s.stopping || s.draining || !s.broken.empty()
         || s.ending;
}

/// Whether nothing more will come of it in this process.
bool at_rest(const batch_runner_state& s) {
  return s.over
         || ((s.draining || !s.broken.empty()) && s.in_flight == 0 && !s.ending
             && !s.breaking && !s.storing_input);
}

void pump(runner_pointer self);

void answer_taker(runner_pointer self);

void leave_when_done(runner_pointer self);

// --- the store ---

template <class Done>
void store(runner_pointer self, change_set changes, Done done) {
  self
    ->request(self->state.setup.writer->get(), write_timeout, write_atom_v,
              std::move(changes))
    .then([=](
            const commit_receipt&) mutable { done(expected<void>{success()}); },
          [=](const caf::error& reason) mutable {
            done(expected<void>{to_failure(reason)});
          });
}

/// Has the record say that the batch does not go on. While the store cannot,
/// the runner stays and tries again: a record that says "running" for ever
/// would be taken at its word.
void store_broken(runner_pointer self) {
  auto& s = self->state;
  s.breaking = true;
  store(self, change_set{{batch_change(describe(s))}},
        [=](const expected<void>& outcome) {
          auto& now = self->state;
          now.breaking = false;
          now.broken_unstored = !outcome;
          answer_taker(self);
          leave_when_done(self);
        });
}

/// The batch cannot go on in this process. What is stored stays as it is, so
/// that it may be resumed.
void break_off(runner_pointer self, const std::string& why) {
  auto& s = self->state;
  if (!s.broken.empty() || s.over)
    return;
  s.broken = why;
  s.record.error = why;
  s.record.status = batch_status::interrupted;
  store_broken(self);
}

// --- results ---

void answer_taker(runner_pointer self) {
  auto& s = self->state;
  if (!s.taker)
    return;
  batch_results page;
  while (!s.ready.empty() && page.lines.size() < max_page_bytes) {
    auto& line = s.ready.front();
    s.ready_bytes -= line.size();
    page.lines += line;
    page.lines += '\n';
    ++page.count;
    s.ready.pop_front();
  }
  const bool nothing_follows = s.ready.empty() && at_rest(s);
  if (page.count == 0 && !nothing_follows)
    return;
  auto taker = *std::exchange(s.taker, std::nullopt);
  // Behind the last results it says why nothing follows, if only it can.
  page.last = nothing_follows && !s.broken_unstored;
  s.told_last = nothing_follows && (page.last || page.count == 0);
  if (s.told_last && !page.last)
    taker.deliver(to_error(fail(ec::internal, s.broken)));
  else
    taker.deliver(std::move(page));
}

/// Has itself ended when nobody needs it any more. The supervisor does it, so
/// that what it handed on before is answered.
void leave_when_done(runner_pointer self) {
  auto& s = self->state;
  if (!at_rest(s) || s.leaving || (s.setup.attached && !s.told_last)
      || (s.broken_unstored && !s.draining))
    return;
  s.leaving = true;
  self->send(s.setup.host, remove_atom_v, s.record.id);
}

void make_ready(batch_runner_state& s, std::string line) {
  s.ready_bytes += line.size();
  s.ready.push_back(std::move(line));
}

void report(batch_runner_state& s, uint32_t index, std::string line) {
  if (!s.setup.attached)
    return;
  if (!s.setup.ordered) {
    make_ready(s, std::move(line));
    return;
  }
  s.early.emplace(index, std::move(line));
  // Jobs that an earlier process finished are not reported again.
  for (;;) {
    const auto at = s.early.find(s.next_report);
    if (at != s.early.end()) {
      make_ready(s, std::move(at->second));
      s.early.erase(at);
    } else if (!s.progress.done(s.next_report)) {
      return;
    }
    ++s.next_report;
  }
}

// --- the end ---

batch_status final_status(const batch_runner_state& s) {
  if (s.cancelled)
    return batch_status::cancelled;
  return s.stopping ? batch_status::stopped : batch_status::completed;
}

/// Stores the final record when all that was begun is over.
void end_when_done(runner_pointer self) {
  auto& s = self->state;
  if (s.over || s.ending || s.draining || !s.broken.empty() || s.in_flight > 0
      || s.storing_input)
    return;
  const bool all_ran
    = s.record.input_complete && s.exhausted && s.again.empty();
  if (!all_ran && !s.cancelled && !s.stopping)
    return;
  s.ending = true;
  auto final = describe(s);
  final.status = final_status(s);
  final.ended_at = timestamp::now();
  change drop;
  drop.kind = change_kind::drop_input;
  drop.id = final.id.raw;
  store(self, change_set{{batch_change(final), drop}},
        [=](const expected<void>& outcome) {
          auto& now = self->state;
          now.ending = false;
          if (outcome) {
            now.record = final;
            now.over = true;
          } else {
            break_off(self, outcome.error().message);
          }
          self->send(now.setup.host, done_atom_v, now.record.id);
          answer_taker(self);
          leave_when_done(self);
        });
}

// --- input ---

void check_sender(runner_pointer self) {
  auto& s = self->state;
  if (!s.sender || s.storing_input)
    return;
  if (s.setup.attached && !closed(s) && s.chunk_bytes > input_credit_bytes)
    return;
  std::exchange(s.sender, std::nullopt)->deliver(describe(s));
}

/// Keeps a stored chunk for reading, or leaves it to the store.
void keep_chunk(batch_runner_state& s, batch_input_chunk chunk,
                uint32_t behind) {
  if (s.spilled || s.chunk_bytes + chunk.text.size() > max_chunk_bytes) {
    s.spilled = true;
    return;
  }
  s.next_line = behind;
  s.chunk_bytes += chunk.text.size();
  s.chunks.push_back(std::move(chunk));
}

void fetch_chunk(runner_pointer self) {
  auto& s = self->state;
  s.fetching = true;
  self
    ->request(s.setup.query, query_timeout, get_atom_v, s.record.id,
              s.next_line)
    .then(
      [=](batch_input_chunk& chunk) {
        auto& now = self->state;
        now.fetching = false;
        if (chunk.text.empty()) {
          now.spilled = false;
        } else {
          now.next_line = chunk.next_line();
          now.chunk_bytes += chunk.text.size();
          now.chunks.push_back(std::move(chunk));
        }
        pump(self);
      },
      [=](const caf::error& reason) {
        self->state.fetching = false;
        break_off(self,
                  "its input cannot be read: " + to_failure(reason).message);
        pump(self);
      });
}

/// The next line with a job, when one is in memory.
std::optional<job_line> next_line(runner_pointer self) {
  auto& s = self->state;
  for (;;) {
    if (auto line = s.reader.next())
      return line;
    if (s.chunks.empty()) {
      if (s.spilled && !s.fetching)
        fetch_chunk(self);
      s.exhausted = !s.spilled && !s.fetching;
      return std::nullopt;
    }
    s.chunk_bytes -= s.chunks.front().text.size();
    s.reader = job_line_reader{std::move(s.chunks.front())};
    s.chunks.pop_front();
  }
}

caf::result<batch> add(runner_pointer self, const batch_input& input) {
  auto& s = self->state;
  if (!s.loaded || s.sender)
    return to_error(
      fail(ec::validation_error, "another piece of input is on its way"));
  if (s.record.input_complete)
    return to_error(
      fail(ec::validation_error, "the batch's input is complete"));
  if (s.draining)
    return to_error(fail(ec::overloaded, "the server is stopping"));
  if (!s.broken.empty())
    return to_error(fail(ec::internal, s.broken));
  if (input.text.size() > max_batch_input || s.splitter.full())
    return to_error(fail(ec::validation_error, "the input is too large"));
  auto promise = self->make_response_promise<batch>();
  if (s.cancelled || s.stopping) {
    promise.deliver(describe(s));
    return promise;
  }
  s.splitter.add(input.text);
  if (input.last)
    s.splitter.finish();
  auto chunk = s.splitter.take();
  s.sender = promise;
  if (chunk.text.empty() && !input.last) {
    check_sender(self);
    return promise;
  }
  const auto behind = chunk.next_line();
  change_set changes;
  if (!chunk.text.empty()) {
    change one;
    one.kind = change_kind::append_input;
    one.id = s.record.id.raw;
    one.first_seq = chunk.first_line;
    one.first_index = chunk.first_index;
    one.text = chunk.text;
    changes.changes.push_back(std::move(one));
  }
  auto next = describe(s);
  next.jobs = s.splitter.jobs();
  next.input_complete = input.last;
  if (input.last)
    next.status = batch_status::running;
  if (input.last)
    changes.changes.push_back(batch_change(next));
  s.storing_input = true;
  store(self, std::move(changes),
        [=, chunk = std::move(chunk)](const expected<void>& outcome) mutable {
          auto& now = self->state;
          now.storing_input = false;
          if (!outcome) {
            break_off(self, outcome.error().message);
            std::exchange(now.sender, std::nullopt)
              ->deliver(to_error(outcome.error()));
            answer_taker(self);
            leave_when_done(self);
            return;
          }
          now.record.jobs = next.jobs;
          now.record.input_complete = next.input_complete;
          now.record.status = next.status;
          if (!chunk.text.empty()) {
            now.exhausted = false;
            keep_chunk(now, std::move(chunk), behind);
          }
          pump(self);
        });
  return promise;
}

// --- jobs ---

job_ptr job_of(const batch_runner_state& s, const job_line& line) {
  auto job = std::make_shared<execution_job>();
  batch_place place;
  place.batch = s.record.id;
  place.index = line.index;
  place.limits = s.setup.limits;
  place.has_reader = s.setup.attached;
  auto& request = job->request;
  if (auto read = read_job(line, s.setup.limits)) {
    auto& x = read.value();
    place.job_id = std::move(x.id);
    place.limits = x.limits;
    request.kind
      = x.path.empty() ? execution_kind::repl : execution_kind::run_file;
    request.input = std::move(x.input);
    request.path = std::move(x.path);
    request.args = std::move(x.args);
    request.env = std::move(x.env);
  } else {
    job->refusal = read.error();
  }
  job->place = std::move(place);
  return job;
}

/// The next job that has to run; null when none is at hand.
job_ptr next_job(runner_pointer self) {
  auto& s = self->state;
  if (!s.again.empty()) {
    auto job = std::move(s.again.front());
    s.again.pop_front();
    return job;
  }
  while (const auto line = next_line(self))
    if (!s.progress.done(line->index))
      return job_of(s, *line);
  return nullptr;
}

uint32_t most_in_flight(const batch_runner_state& s) {
  const auto all = s.record.concurrency;
  const auto first
    = std::max(least_first_jobs, all / first_part_of_concurrency);
  return static_cast<uint32_t>(
    std::min<uint64_t>(all, first + jobs_for_each_answer * s.answers));
}

uint32_t room(const batch_runner_state& s) {
  if (s.bytes_in_flight >= max_bytes_in_flight)
    return 0;
  const auto most = most_in_flight(s);
  if (s.in_flight >= most)
    return 0;
  const auto result = most - s.in_flight;
  if (!s.setup.attached)
    return result;
  const auto unread = s.ready.size() + s.early.size() + s.in_flight;
  if (unread >= max_unread || s.ready_bytes >= max_unread_bytes)
    return 0;
  return std::min(result, static_cast<uint32_t>(max_unread - unread));
}

/// Sends up to `count` jobs for one session.
/// @returns whether there was one.
bool send_jobs(runner_pointer self, batch_runner_state::lane& to,
               uint32_t count) {
  auto& s = self->state;
  batch_work work;
  work.in_one_session = s.record.isolation == batch_isolation::session;
  work.turn = to.turn;
  while (work.jobs.size() < count && s.bytes_in_flight < max_bytes_in_flight) {
    auto job = next_job(self);
    if (!job)
      break;
    job->request.session = to.session;
    job->arrived = batch_runner_state::clock::now();
    s.bytes_in_flight += bytes_of(job->request);
    work.jobs.push_back(std::move(job));
  }
  const auto sent = static_cast<uint32_t>(work.jobs.size());
  if (sent == 0)
    return false;
  s.in_flight += sent;
  to.in_flight += sent;
  self->send(s.setup.host, run_atom_v, s.record.id, std::move(work));
  return true;
}

/// Whether jobs may begin: they wait until the input is complete, unless a
/// reader is there.
bool may_run(const batch_runner_state& s) {
  return s.loaded && !closed(s) && !s.over
         && (s.setup.attached || s.record.input_complete);
}

/// How many jobs take this long, as far as is known: 1..`most`.
uint32_t jobs_in(const batch_runner_state& s, uint64_t us, uint32_t most) {
  const auto count = us / std::max<uint64_t>(s.usual_us, 1);
  return static_cast<uint32_t>(
    std::max<uint64_t>(std::min<uint64_t>(count, most), 1));
}

/// A lane's part of the jobs that may be under way, which others need too.
uint32_t part_of_lane(const batch_runner_state& s) {
  const auto lanes
    = static_cast<uint32_t>(std::max<std::size_t>(s.lanes.size(), 1));
  return std::max(most_in_flight(s) / lanes, 1u);
}

void pump(runner_pointer self) {
  auto& s = self->state;
  if (may_run(s)) {
    const bool apart = s.record.isolation == batch_isolation::fresh;
    const auto share = apart
                         ? max_jobs_per_message
                         : std::min(jobs_in(s, lane_us, max_jobs_per_message),
                                    part_of_lane(s));
    // The next ones wait behind those that run, unless one that fails is to be
    // the last.
    const auto ahead = s.record.on_error == batch_on_error::stop
                         ? 0
                         : jobs_in(s, lane_ahead_us, s.record.concurrency);
    for (auto& to : s.lanes)
      while (!to.returning && (apart || to.in_flight <= ahead)) {
        const auto count = std::min(room(s), share);
        if (count == 0 || !send_jobs(self, to, count))
          break;
      }
  }
  check_sender(self);
  answer_taker(self);
  end_when_done(self);
  leave_when_done(self);
}

// --- what comes back ---

void replace_session(runner_pointer self, session_id lost) {
  auto& s = self->state;
  const auto at
    = std::find_if(s.lanes.begin(), s.lanes.end(),
                   [&](const auto& x) { return x.session == lost; });
  if (at == s.lanes.end())
    return;
  s.lanes.erase(at);
  if (!s.setup.own_sessions) {
    break_off(self, "session " + lost.to_string() + " is not live any more");
    return;
  }
  ++s.sessions_in_creation;
  self->request(s.setup.host, caf::infinite, clone_atom_v, s.record.id)
    .then(
      [=](const session& made) {
        auto& now = self->state;
        --now.sessions_in_creation;
        now.lanes.push_back({made.id, 0});
        pump(self);
      },
      [=](const caf::error& reason) {
        auto& now = self->state;
        --now.sessions_in_creation;
        if (now.lanes.empty() && now.sessions_in_creation == 0)
          break_off(self,
                    "no session for its jobs: " + to_failure(reason).message);
        pump(self);
      });
}

void leave_lane(batch_runner_state& s, const execution_job& job) {
  --s.in_flight;
  s.bytes_in_flight -= bytes_of(job.request);
  for (auto& lane : s.lanes)
    if (lane.session == job.request.session)
      --lane.in_flight;
}

/// Jobs that did not run are the next ones, before all that was not sent yet.
/// Those of a session wait until all of its jobs are back: others may still be
/// on their way that are to run before them.
void take_back(batch_runner_state& s, const std::vector<job_ptr>& not_run) {
  const bool shared = s.record.isolation == batch_isolation::session;
  for (const auto& job : not_run) {
    leave_lane(s, *job);
    s.again.push_back(job);
    for (auto& lane : s.lanes)
      if (shared && lane.session == job->request.session)
        lane.returning = true;
  }
  if (!not_run.empty())
    std::sort(s.again.begin(), s.again.end(),
              [](const job_ptr& a, const job_ptr& b) {
                return a->place->index < b->place->index;
              });
  for (auto& lane : s.lanes)
    if (lane.returning && lane.in_flight == 0) {
      lane.returning = false;
      ++lane.turn;
    }
}

void take_part(runner_pointer self, batch_part& part) {
  auto& s = self->state;
  s.answers += part.finished.size();
  for (const auto& job : part.finished) {
    leave_lane(s, *job);
    const auto& record = job->finished.record;
    s.progress.add(record.batch_index, record.reason, record.metrics);
    s.usual_us = (s.usual_us * 7 + record.metrics.wall_us + 1) / 8;
    report(s, record.batch_index, std::move(job->result_line));
  }
  take_back(s, part.not_run);
  if (!part.store_failure.empty())
    break_off(self, part.store_failure);
  if (!part.lost_session.nil())
    replace_session(self, part.lost_session);
  if (s.record.on_error == batch_on_error::stop && s.progress.any_failed())
    s.stopping = true;
  if (closed(s))
    s.again.clear();
  pump(self);
}

// --- going on where an earlier process was ---

void load_done(runner_pointer self, uint32_t first);

void fail_to_load(runner_pointer self, const caf::error& reason) {
  auto& s = self->state;
  break_off(self, "it cannot be resumed: " + to_failure(reason).message);
  for (auto& resumer : s.resumers)
    resumer.deliver(reason);
  s.resumers.clear();
  leave_when_done(self);
}

/// Counts the stored input, so that more may follow.
void count_input(runner_pointer self, uint32_t line, uint32_t jobs) {
  auto& s = self->state;
  self->request(s.setup.query, query_timeout, get_atom_v, s.record.id, line)
    .then(
      [=](batch_input_chunk& chunk) {
        auto& now = self->state;
        if (!chunk.text.empty()) {
          job_line_reader counter{std::move(chunk)};
          auto known = jobs;
          while (const auto found = counter.next())
            known = found->index + 1;
          count_input(self, counter.next_line(), known);
          return;
        }
        now.splitter = job_line_splitter{line - 1, jobs};
        now.record.jobs = jobs;
        now.spilled = jobs > 0;
        now.loaded = true;
        for (auto& resumer : now.resumers)
          resumer.deliver(describe(now));
        now.resumers.clear();
        pump(self);
      },
      [=](const caf::error& reason) { fail_to_load(self, reason); });
}

void load_done(runner_pointer self, uint32_t first) {
  auto& s = self->state;
  batch_result_filter filter;
  filter.id = s.record.id;
  filter.first = first;
  filter.limit = done_page;
  self->request(s.setup.query, write_timeout, done_atom_v, filter)
    .then(
      [=](const done_job_page& page) {
        auto& now = self->state;
        for (const auto& job : page.jobs)
          now.progress.add(job.index, job.reason, job.metrics);
        if (page.last)
          count_input(self, 1, 0);
        else
          load_done(self, page.next);
      },
      [=](const caf::error& reason) { fail_to_load(self, reason); });
}

// --- clients ---

caf::result<batch_results> results(runner_pointer self) {
  auto& s = self->state;
  if (!s.setup.attached)
    return to_error(
      fail(ec::validation_error, "the batch was made without a reader"));
  auto promise = self->make_response_promise<batch_results>();
  if (s.taker)
    std::exchange(s.taker, std::nullopt)->deliver(batch_results{});
  s.taker = promise;
  answer_taker(self);
  pump(self);
  return promise;
}

batch release(runner_pointer self) {
  auto& s = self->state;
  s.setup.attached = false;
  s.ready.clear();
  s.ready_bytes = 0;
  s.early.clear();
  const auto result = describe(s);
  pump(self);
  return result;
}

batch cancel(runner_pointer self) {
  auto& s = self->state;
  if (!s.over && !s.ending) {
    s.cancelled = true;
    s.again.clear();
    self->send(s.setup.host, close_atom_v, s.record.id);
  }
  pump(self);
  return describe(s);
}

void tick(runner_pointer self) {
  auto& s = self->state;
  if (s.over)
    return;
  self->delayed_send(self, checkpoint_interval, tick_atom_v);
  // A reader that waits is told that the batch is alive.
  if (s.taker && s.ready.empty())
    std::exchange(s.taker, std::nullopt)->deliver(batch_results{});
  if (s.broken_unstored && !s.breaking)
    store_broken(self);
  if (s.loaded && !closed(s))
    store(self, change_set{{batch_change(describe(s))}},
          [](const expected<void>&) {});
}

} // namespace

batch_runner_actor::behavior_type batch_runner(runner_pointer self,
                                               batch_setup setup) {
  auto& s = self->state;
  s.setup = std::move(setup);
  s.record = s.setup.record;
  s.active_before = s.record.active_ms;
  for (const auto& id : s.setup.sessions)
    s.lanes.push_back({id, 0});
  s.loaded = !s.setup.resumed;
  if (s.setup.resumed)
    load_done(self, 0);
  self->delayed_send(self, checkpoint_interval, tick_atom_v);
  return {
    [=](done_atom, batch_part& part) { take_part(self, part); },
    [=](add_atom, const batch_input& input) { return add(self, input); },
    [=](results_atom) { return results(self); },
    [=](release_atom) { return release(self); },
    [=](cancel_atom) { return cancel(self); },
    [=](get_atom) { return describe(self->state); },
    [=](resume_atom) -> caf::result<batch> {
      if (self->state.loaded)
        return describe(self->state);
      auto promise = self->make_response_promise<batch>();
      self->state.resumers.push_back(promise);
      return promise;
    },
    [=](drain_atom) {
      self->state.draining = true;
      self->state.again.clear();
      pump(self);
    },
    [=](tick_atom) { tick(self); },
  };
}

} // namespace vmsystem
