#include "vmsystem/app/batch_feeder.hpp"

#include "vmsystem/actors/ask.hpp"
#include "vmsystem/app/batch_skip.hpp"
#include "vmsystem/pipeline/job_lines.hpp"

#include <algorithm>
#include <chrono>
#include <exception>
#include <string>
#include <utility>

namespace vmsystem {

namespace {

/// The batch answers when it has room again, for which jobs must end: longer
/// than any of them may take.
constexpr std::chrono::hours credit_timeout{24};

constexpr std::chrono::seconds query_timeout{60};

/// Reads the jobs of a batch's stored input line by line.
class stored_input {
public:
  stored_input(caf::scoped_actor& self, query_actor from, batch_id id)
    : self_{self}, from_{std::move(from)}, id_{id} {}

  expected<std::optional<std::string>> next() {
    for (;;) {
      if (const auto line = lines_.next())
        return std::optional<std::string>{line->text};
      auto chunk = ask<batch_input_chunk>(self_, from_, query_timeout,
                                          get_atom_v, id_, lines_.next_line());
      if (!chunk)
        return chunk.error();
      if (chunk.value().text.empty())
        return std::optional<std::string>{};
      lines_ = job_line_reader{std::move(chunk).value()};
    }
  }

private:
  caf::scoped_actor& self_;
  query_actor from_;
  batch_id id_;
  job_line_reader lines_;
};

} // namespace

batch_feeder::batch_feeder(caf::actor_system& system, target to,
                           batch_source from, const std::atomic<bool>& stop)
  : to_{std::move(to)}, from_{std::move(from)}, jobs_{to_.stored} {
  thread_ = std::thread{[this, &system, &stop] { run(system, stop); }};
}

batch_feeder::~batch_feeder() {
  thread_.join();
}

uint64_t batch_feeder::expected_jobs() const noexcept {
  const auto jobs = jobs_.load();
  if (complete_)
    return jobs;
  const auto bytes = bytes_.load();
  const auto size = from_.size();
  if (size == 0 || bytes == 0)
    return 0;
  const auto share = static_cast<double>(size) / static_cast<double>(bytes);
  return static_cast<uint64_t>(static_cast<double>(jobs)
                               * std::max(1.0, share));
}

void batch_feeder::run(caf::actor_system& system,
                       const std::atomic<bool>& stop) {
  try {
    if (auto outcome = feed(system, stop); !outcome)
      failed_ = outcome.error();
  } catch (const std::exception& error) {
    failed_ = fail(ec::internal, error.what());
  }
  done_ = true;
}

expected<void> batch_feeder::feed(caf::actor_system& system,
                                  const std::atomic<bool>& stop) {
  caf::scoped_actor self{system};
  stored_input stored{self, to_.query, to_.id};
  line_skipper skipper{to_.stored, [&stored] { return stored.next(); }};
  while (!stop) {
    auto piece = from_.read();
    if (!piece)
      return piece.error();
    if (!piece.value())
      continue;
    auto& input = *piece.value();
    const auto read = input.text.size();
    auto rest = skipper.take(input.text);
    if (!rest)
      return rest.error();
    input.text = std::move(rest).value();
    if (input.last) {
      if (auto outcome = skipper.end(); !outcome)
        return outcome;
    } else if (input.text.empty()) {
      bytes_ += read;
      continue;
    }
    const bool last = input.last;
    auto credit = ask<batch>(self, to_.supervisor, credit_timeout, add_atom_v,
                             to_.id, std::move(input));
    if (!credit)
      return credit.error();
    bytes_ += read;
    jobs_ = credit.value().jobs;
    if (last) {
      complete_ = true;
      return success();
    }
  }
  return success();
}

expected<void> check_whole_input(caf::scoped_actor& self,
                                 const query_actor& from, const batch& stored,
                                 batch_source& source) {
  stored_input lines{self, from, stored.id};
  line_skipper skipper{stored.jobs, [&lines] { return lines.next(); }};
  for (;;) {
    auto piece = source.read();
    if (!piece)
      return piece.error();
    if (!piece.value())
      continue;
    const auto rest = skipper.take(piece.value()->text);
    if (!rest)
      return rest.error();
    if (rest.value().find_first_not_of(" \t\r\n") != std::string::npos)
      return fail(ec::validation_error,
                  "the input has more jobs than the batch, which has all of "
                  "its own");
    if (piece.value()->last)
      return skipper.end();
  }
}

} // namespace vmsystem
