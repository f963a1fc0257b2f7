#include "vmsystem/benchmarks/workloads/workloads.hpp"

#include <algorithm>

namespace vmsystem::bench {

// Memory comes first: what other workloads leave in the allocator would hide
// part of it.
const std::vector<workload>& workloads() {
  static const std::vector<workload> all{
    {"session-memory", group::sessions,
     "Memory for each idle session after 1+1.", run_session_memory},
    {"disk", group::writer,
     "Commits of 4 KiB that the disk of the stores makes.", run_disk},
    {"writer-commit", group::writer,
     "Records of short executions through the writer alone.", run_writer},
    {"engine-eval", group::engine,
     "Evaluations of 1+1 in one context, without actors.", run_engine_eval},
    {"engine-fresh", group::engine,
     "A small job in a pristine instance each time, without actors.",
     run_engine_fresh},
    {"stages", group::stages,
     "The work of each stage for 1+1, on one thread, without actors.",
     run_stages},
    {"actors", group::actors,
     "Ping-pong, counting, fork-join, ring and big on our own messages.",
     run_actor_messages},
    {"inproc-repl", group::pipeline,
     "1+1 through the whole pipeline, without HTTP.", run_inproc_repl},
    {"events", group::pipeline,
     "A flood of console lines, and many small ones.", run_events},
    {"batch-fresh", group::batch, "A batch of small jobs in pristine copies.",
     run_batch_fresh},
    {"batch-session", group::batch,
     "A batch of small jobs that share sessions.", run_batch_session},
    {"batch-compute", group::batch,
     "Jobs of a batch that keep the processors busy.", run_batch_compute},
    {"http-health", group::http,
     "GET /health beside a server that answers a constant.", run_http_health},
    {"http-repl", group::http,
     "1+1 over HTTP, durable, with the full contract.", run_http_repl},
    {"session-create", group::sessions, "Creation of durable sessions.",
     run_session_create},
  };
  return all;
}

std::vector<std::string> choices() {
  std::vector<std::string> names;
  for (const auto name : enum_names<group>::value)
    names.emplace_back(name);
  for (const auto& x : workloads())
    if (std::find(names.begin(), names.end(), x.name) == names.end())
      names.emplace_back(x.name);
  return names;
}

bool is_chosen(const workload& x, const std::vector<std::string>& chosen) {
  return chosen.empty()
         || std::any_of(chosen.begin(), chosen.end(),
                        [&](const std::string& name) {
                          return name == x.name || name == name_of(x.part);
                        });
}

} // namespace vmsystem::bench
