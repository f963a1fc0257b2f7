#include "vmsystem/benchmarks/harness/rig.hpp"
#include "vmsystem/benchmarks/workloads/shared.hpp"
#include "vmsystem/benchmarks/workloads/workloads.hpp"
#include "vmsystem/models/codec.hpp"
#include "vmsystem/persistence/rocksdb_store.hpp"
#include "vmsystem/pipeline/finalization.hpp"

#include <caf/send.hpp>

#include <memory>
#include <string>
#include <utility>

namespace vmsystem::bench {

namespace {

expected<store_ptr> open_store(const scratch_folder& folder) {
  rocksdb_config place;
  place.path = folder.path() / "store";
  auto kept = rocksdb_store::open(place);
  if (!kept)
    return kept.error();
  return store_ptr{std::move(kept).value()};
}

} // namespace

change_set prepared_changes(uint32_t lines) {
  execution record;
  record.id = execution_id::generate();
  record.session = session_id::generate();
  record.input = lines == 0 ? "1+1" : printing_script(lines);
  record.started_at = timestamp::now();
  record.limits.max_output_kb = 65536;
  run_report report;
  report.outcome.value = {value_type::number, "2", {"2"}};
  report.events = event_log{record.id, record.limits};
  report.events.append(event_type::input_echo,
                       to_json_or(echo_payload{record.input}, {}));
  for (uint32_t i = 0; i < lines; ++i)
    report.events.append(
      event_type::console,
      to_json_or(
        console_payload{console_level::log, "line " + std::to_string(i)}, {}));
  const auto finished = finalize(record, report);
  return end_changes(finished, report.events.take(), false);
}

expected<load_results> writer_commits(const context& run, uint32_t lines,
                                      uint32_t lanes) {
  auto folder = run.scratch();
  if (!folder)
    return folder.error();
  const auto kept = open_store(folder.value());
  if (!kept)
    return kept.error();
  bench_config config{run.options()};
  caf::actor_system system{config};
  const auto writer
    = system.spawn<caf::detached>(rocksdb_writer, kept.value(), writer_config{},
                                  std::make_shared<writer_stats>());
  const auto prepared = prepared_changes(lines);
  const auto write_one
    = [&](caf::event_based_actor* self, uint32_t, const request_done& done) {
        auto changes = prepared;
        const auto id = raw_id::generate();
        for (auto& x : changes.changes)
          x.id = id;
        self->request(writer, caf::infinite, write_atom_v, std::move(changes))
          .then([done](const commit_receipt&) { done(success()); },
                [done](const caf::error& reason) { done(to_failure(reason)); });
      };
  auto results = run.repeat([&](const load_limit& limit) {
    return run_actor_load(system, lanes, limit, write_one);
  });
  caf::anon_send_exit(writer, caf::exit_reason::user_shutdown);
  return results;
}

expected<figures> run_writer(context& run) {
  const auto measured = writer_commits(run, 0, busy_lanes);
  if (!measured)
    return measured.error();
  const auto disk = disk_bound(run, busy_lanes);
  if (!disk)
    return disk.error();
  auto rate
    = rate_figure("writer-commit", "64 in flight, sync", measured.value());
  rate.bounds = {disk.value()};
  auto result
    = cost_figures("writer-commit", "64 in flight, sync", measured.value());
  result.insert(result.begin(), std::move(rate));
  return result;
}

} // namespace vmsystem::bench
