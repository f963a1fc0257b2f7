#include "vmsystem/app/batch_tally.hpp"

#include <simdjson.h>

#include <algorithm>
#include <cmath>
#include <utility>

namespace vmsystem {

namespace {

constexpr std::size_t max_samples = 240;

failure broken() {
  return fail(ec::internal, "a result cannot be read");
}

} // namespace

expected<void> batch_tally::add(std::string_view lines) {
  padded_.assign(lines);
  padded_.append(simdjson::SIMDJSON_PADDING, ' ');
  std::string_view rest{padded_.data(), lines.size()};
  while (!rest.empty()) {
    const auto end = rest.find('\n');
    if (end == std::string_view::npos)
      return broken();
    if (auto outcome = add_one(rest.substr(0, end),
                               rest.size() + simdjson::SIMDJSON_PADDING);
        !outcome)
      return outcome;
    rest.remove_prefix(end + 1);
  }
  return success();
}

expected<void> batch_tally::add_one(std::string_view line,
                                    std::size_t capacity) {
  thread_local simdjson::ondemand::parser parser;
  simdjson::ondemand::document document;
  simdjson::ondemand::object root;
  uint64_t index = 0;
  std::string_view reason;
  double wall_ms = 0;
  const simdjson::padded_string_view padded{line.data(), line.size(), capacity};
  if (parser.iterate(padded).get(document) || document.get_object().get(root)
      || root["index"].get_uint64().get(index))
    return broken();
  slow_job job;
  job.index = static_cast<uint32_t>(index);
  if (std::string_view id; !root["id"].get_string().get(id))
    job.id = id;
  if (root["end_reason"].get_string().get(reason))
    return broken();
  const auto known = value_of<end_reason>(reason);
  if (!known || root["metrics"]["wall_ms"].get_double().get(wall_ms))
    return broken();
  job.reason = *known;
  job.wall_us = static_cast<uint64_t>(std::llround(wall_ms * 1000));
  ++count_;
  ++outcomes_[static_cast<std::size_t>(job.reason)];
  const auto* bucket = std::lower_bound(wall_bounds_us.begin(),
                                        wall_bounds_us.end(), job.wall_us);
  ++wall_buckets_[static_cast<std::size_t>(bucket - wall_bounds_us.begin())];
  keep_slowest(std::move(job));
  return success();
}

void batch_tally::keep_slowest(slow_job&& job) {
  if (slowest_.size() == slowest_kept && job.wall_us <= slowest_.back().wall_us)
    return;
  const auto slower = [](const slow_job& x, const slow_job& y) {
    return x.wall_us > y.wall_us;
  };
  slowest_.insert(std::upper_bound(slowest_.begin(), slowest_.end(), job,
                                   slower),
                  std::move(job));
  if (slowest_.size() > slowest_kept)
    slowest_.pop_back();
}

void batch_tally::sample(std::chrono::milliseconds at) {
  sample(at, count_);
}

void batch_tally::sample(std::chrono::milliseconds at, uint64_t done) {
  if (!samples_.empty() && at < samples_.back().at + sample_gap_)
    return;
  samples_.push_back({at, done});
  if (samples_.size() < max_samples)
    return;
  // Every second one stays, and from now on they come half as often.
  std::size_t kept = 0;
  for (std::size_t i = 0; i < samples_.size(); i += 2)
    samples_[kept++] = samples_[i];
  samples_.resize(kept);
  sample_gap_ *= 2;
}

} // namespace vmsystem
