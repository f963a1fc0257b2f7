#include "vmsystem/benchmarks/harness/memory.hpp"

#include <fstream>
#include <string>

#include <malloc.h>

namespace vmsystem::bench {

namespace {

/// The number behind `name` in one of the kernel's lists.
expected<uint64_t> read_kib(const char* file, const std::string& name) {
  std::ifstream in{file};
  std::string word;
  uint64_t result = 0;
  while (in >> word)
    if (word == name && in >> result)
      return result;
  return fail(ec::internal, std::string{file} + " has no " + name);
}

} // namespace

expected<memory_use> measure_memory() {
  malloc_trim(0);
  const auto pss = read_kib("/proc/self/smaps_rollup", "Pss:");
  if (!pss)
    return pss.error();
  const auto tables = read_kib("/proc/self/status", "VmPTE:");
  if (!tables)
    return tables.error();
  return memory_use{pss.value(), tables.value()};
}

expected<resident_watch> resident_watch::start() {
  malloc_trim(0);
  std::ofstream forget{"/proc/self/clear_refs"};
  forget << "5" << std::flush;
  if (!forget)
    return fail(ec::internal, "the kernel does not reset the peak of memory");
  const auto now = read_kib("/proc/self/status", "VmRSS:");
  if (!now)
    return now.error();
  return resident_watch{now.value()};
}

expected<resident_watch::report> resident_watch::look() const {
  const auto peak = read_kib("/proc/self/status", "VmHWM:");
  if (!peak)
    return peak.error();
  malloc_trim(0);
  const auto now = read_kib("/proc/self/status", "VmRSS:");
  if (!now)
    return now.error();
  return report{peak.value(), static_cast<int64_t>(now.value())
                                - static_cast<int64_t>(before_kib_)};
}

} // namespace vmsystem::bench
