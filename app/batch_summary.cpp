#include "vmsystem/app/batch_summary.hpp"

#include "vmsystem/app/batch_progress.hpp"
#include "vmsystem/app/output.hpp"
#include "vmsystem/models/codec.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <numeric>
#include <string_view>
#include <utility>
#include <vector>

namespace vmsystem {

namespace {

double ms(uint64_t us) {
  return static_cast<double>(us) / 1000;
}

void append_outcomes(std::string& out, const outcome_counts& counts) {
  std::vector<std::size_t> order(counts.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::stable_sort(order.begin(), order.end(),
                   [&](auto x, auto y) { return counts[x] > counts[y]; });
  for (const auto i : order)
    if (counts[i] != 0)
      out += fmt::format("  {}: {}\n", enum_names<end_reason>::value[i],
                         grouped(counts[i]));
}

void append_durations(std::string& out, const batch& record) {
  out += fmt::format("{:<10}{:>12}{:>12}{:>12}{:>12}\n", "", "p50", "p90",
                     "p99", "max");
  const std::pair<std::string_view, const duration_summary*> rows[]
    = {{"queue ms", &record.queue},
       {"cpu ms", &record.cpu},
       {"wall ms", &record.wall}};
  for (const auto& [name, x] : rows)
    out += fmt::format("{:<10}{:>12.3f}{:>12.3f}{:>12.3f}{:>12.3f}\n", name,
                       ms(x->p50_us), ms(x->p90_us), ms(x->p99_us),
                       ms(x->max_us));
}

void append_slowest(std::string& out, const std::vector<slow_job>& slowest) {
  out += "Slowest:\n";
  for (const auto& job : slowest) {
    out += fmt::format("  {}", job.index);
    if (!job.id.empty())
      out += fmt::format(" ({})", printable(job.id));
    out
      += fmt::format(": {:.3f} ms, {}\n", ms(job.wall_us), name_of(job.reason));
  }
}

} // namespace

std::string batch_summary(const batch_outcome& outcome) {
  const auto& record = outcome.record;
  std::string out = fmt::format("Batch: {}\nStatus: {}\n",
                                record.id.to_string(), name_of(record.status));
  if (!record.error.empty())
    out += fmt::format("Error: {}\n", printable(record.error));
  out += fmt::format("Jobs: {} of {} done\n", grouped(record.done),
                     grouped(record.jobs));
  append_outcomes(out, record.outcomes);
  out += fmt::format("Time: {:.3f} s, {} jobs/s\n",
                     static_cast<double>(record.active_ms) / 1000,
                     grouped(record.jobs_per_s));
  if (record.done == 0)
    return out;
  append_durations(out, record);
  if (!outcome.tally.slowest().empty())
    append_slowest(out, outcome.tally.slowest());
  return out;
}

std::string batch_summary_json(const batch_outcome& outcome) {
  json_writer writer;
  writer.begin_object();
  writer.key("batch");
  write(writer, outcome.record);
  writer.key("slowest");
  writer.begin_array();
  for (const auto& job : outcome.tally.slowest()) {
    writer.begin_object();
    writer.key("index");
    writer.value(job.index);
    if (!job.id.empty()) {
      writer.key("id");
      writer.value(std::string_view{job.id});
    }
    writer.key("end_reason");
    writer.value(name_of(job.reason));
    writer.key("wall_ms");
    writer.milliseconds(job.wall_us);
    writer.end_object();
  }
  writer.end_array();
  writer.end_object();
  return writer.text();
}

exit_code exit_code_of(const batch_outcome& outcome) {
  if (outcome.left)
    return exit_code::request_failed;
  const auto& record = outcome.record;
  const auto well = record.outcomes[static_cast<std::size_t>(end_reason::ok)];
  switch (record.status) {
    case batch_status::completed:
    case batch_status::stopped:
      return record.done == well && record.status == batch_status::completed
               ? exit_code::ok
               : exit_code::script_failed;
    default:
      return exit_code::request_failed;
  }
}

} // namespace vmsystem
