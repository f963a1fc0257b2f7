#include "vmsystem/benchmarks/harness/machine.hpp"

#include <fstream>
#include <thread>

#include <stdlib.h>
#include <sys/utsname.h>

namespace vmsystem::bench {

namespace {

std::string processor_name() {
  constexpr std::string_view name = "model name";
  std::ifstream in{"/proc/cpuinfo"};
  for (std::string line; std::getline(in, line);)
    if (line.compare(0, name.size(), name) == 0)
      if (const auto colon = line.find(": "); colon != std::string::npos)
        return line.substr(colon + 2);
  return "unknown";
}

} // namespace

machine machine::here() {
  machine result;
  result.processor = processor_name();
  result.cores = std::thread::hardware_concurrency();
  utsname names{};
  uname(&names);
  result.kernel = std::string{names.sysname} + " " + names.release;
  getloadavg(&result.load_average, 1);
  return result;
}

} // namespace vmsystem::bench
