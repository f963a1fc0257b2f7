#include "vmsystem/benchmarks/harness/memory.hpp"
#include "vmsystem/benchmarks/harness/rig.hpp"
#include "vmsystem/benchmarks/workloads/shared.hpp"
#include "vmsystem/benchmarks/workloads/workloads.hpp"
#include "vmsystem/engine/instance.hpp"
#include "vmsystem/engine/thread.hpp"

#include <array>
#include <functional>
#include <memory>
#include <string>
#include <utility>
#include <vector>

namespace vmsystem::bench {

namespace {

constexpr double bar_kib = 160;

/// What a library in the image may make of a session's memory.
constexpr double library_factor = 1.1;

/// How many sessions are looked at, in ascending order.
std::array<uint32_t, 2> counts_of(const context& run) {
  return {run.scaled(1000, 20), run.scaled(10000, 50)};
}

/// Memory for each thing, in KiB, at one of the counts.
struct share {
  uint32_t count = 0;
  double proportional_kib = 0;
  double page_tables_kib = 0;
};

double per(uint64_t now, uint64_t before, uint32_t count) {
  return (static_cast<double>(now) - static_cast<double>(before)) / count;
}

/// Measures what things cost.
/// @param grow makes so many more of them, and uses each once.
expected<std::vector<share>>
measure(const context& run,
        const std::function<expected<void>(uint32_t)>& grow) {
  // What the first one needs beyond itself is not theirs.
  if (auto grown = grow(1); !grown)
    return grown.error();
  const auto before = measure_memory();
  if (!before)
    return before.error();
  std::vector<share> result;
  uint32_t made = 0;
  for (const auto count : counts_of(run)) {
    if (auto grown = grow(count - made); !grown)
      return grown.error();
    made = count;
    const auto now = measure_memory();
    if (!now)
      return now.error();
    result.push_back({count,
                      per(now.value().proportional_kib,
                          before.value().proportional_kib, count),
                      per(now.value().page_tables_kib,
                          before.value().page_tables_kib, count)});
  }
  return result;
}

/// Evaluates `1+1` once in each session.
expected<void> use_sessions(rig& server,
                            const std::vector<session_id>& sessions) {
  std::size_t next = 0;
  const auto execute
    = [&](caf::event_based_actor* self, uint32_t, const request_done& done) {
        execution_request request;
        request.session = sessions[next++];
        request.input = "1+1";
        self
          ->request(server.supervisor(), caf::infinite, execute_atom_v,
                    std::move(request))
          .then(
            [done](const finished_execution& x) {
              done(x.record.result.text == two_as_json()
                     ? expected<void>{success()}
                     : fail(ec::internal, "1+1 gave " + x.document.text));
            },
            [done](const caf::error& reason) { done(to_failure(reason)); });
      };
  auto result = run_actor_load(server.system(), busy_lanes,
                               {request_timeout, sessions.size()}, execute);
  if (!result)
    return result.error();
  return success();
}

/// What sessions cost.
struct session_shares {
  /// Empty: none.
  std::string library;
  std::vector<share> shares;
};

expected<session_shares> sessions_of_a_server(const context& run,
                                              bool with_library) {
  auto started = rig::start(run);
  if (!started)
    return started.error();
  auto& server = *started.value();
  auto id = server.make_template();
  if (!id)
    return id.error();
  session_shares result;
  if (with_library) {
    auto added = server.add_large_library(id.value());
    if (!added)
      return added.error();
    result.library = std::move(added).value();
  }
  auto measured = measure(run, [&](uint32_t count) -> expected<void> {
    auto sessions = server.make_sessions(id.value(), count);
    if (!sessions)
      return sessions.error();
    return use_sessions(server, sessions.value());
  });
  if (!measured)
    return measured.error();
  result.shares = std::move(measured).value();
  return result;
}

expected<std::vector<share>> instances_alone(const context& run) {
  const auto guard = engine::thread_guard::make();
  if (!guard)
    return guard.error();
  const auto image = engine::image::build({});
  if (!image)
    return image.error();
  engine::run_options script;
  script.source = "1+1";
  std::vector<std::unique_ptr<engine::instance>> made;
  return measure(run, [&](uint32_t count) -> expected<void> {
    for (uint32_t i = 0; i < count; ++i) {
      auto instance = engine::instance::clone(image.value());
      if (!instance)
        return instance.error();
      if (instance.value()->run(script).value.preview != "2")
        return fail(ec::internal, "1+1 did not give 2");
      made.push_back(std::move(instance).value());
    }
    return success();
  });
}

figure memory_figure(std::string name, double kib) {
  figure x;
  x.workload = "session-memory";
  x.name = std::move(name);
  x.unit = "KiB";
  x.direction = better::lower;
  x.measured = sample{{kib}};
  return x;
}

} // namespace

expected<figures> run_session_memory(context& run) {
  const auto bare = sessions_of_a_server(run, false);
  if (!bare)
    return bare.error();
  const auto loaded = sessions_of_a_server(run, true);
  if (!loaded)
    return loaded.error();
  const auto instances = instances_alone(run);
  if (!instances)
    return instances.error();
  figures result;
  for (std::size_t i = 0; i < bare.value().shares.size(); ++i) {
    const auto& whole = bare.value().shares[i];
    const auto& with = loaded.value().shares[i];
    const auto& alone = instances.value()[i];
    const auto name = std::to_string(whole.count) + " sessions, each";
    auto memory = memory_figure(name + ": PSS", whole.proportional_kib);
    memory.bar = bar_kib;
    memory.bounds = {{"instances alone", alone.proportional_kib}};
    auto tables = memory_figure(name + ": page tables", whole.page_tables_kib);
    tables.bounds = {{"instances alone", alone.page_tables_kib}};
    result.push_back(std::move(memory));
    result.push_back(std::move(tables));
    auto library
      = memory_figure(name + ", with " + loaded.value().library + ": PSS",
                      with.proportional_kib);
    library.bar = library_factor * whole.proportional_kib;
    library.bounds = {{"without it", whole.proportional_kib}};
    result.push_back(std::move(library));
  }
  return result;
}

} // namespace vmsystem::bench
