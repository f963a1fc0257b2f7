#include "vmsystem/benchmarks/workloads/workloads.hpp"

namespace vmsystem::bench {

// Memory comes first: what other workloads leave in the allocator would hide
// part of it.
const std::vector<workload>& workloads() {
  static const std::vector<workload> all{
    {"session-memory", "Memory for each idle session after 1+1.",
     run_session_memory},
    {"disk", "Commits of 4 KiB that the disk of the stores makes.", run_disk},
    {"http-health", "GET /health beside a server that answers a constant.",
     run_http_health},
    {"engine-eval", "Evaluations of 1+1 in one context, without actors.",
     run_engine_eval},
    {"inproc-repl", "1+1 through the whole pipeline, without HTTP.",
     run_inproc_repl},
    {"http-repl", "1+1 over HTTP, durable, with the full contract.",
     run_http_repl},
    {"session-create", "Creation of durable sessions.", run_session_create},
    {"events", "A flood of console lines, and many small ones.", run_events},
  };
  return all;
}

} // namespace vmsystem::bench
