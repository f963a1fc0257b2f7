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

} // namespace vmsystem::bench
