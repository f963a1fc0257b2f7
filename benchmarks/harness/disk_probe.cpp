#include "vmsystem/benchmarks/harness/disk_probe.hpp"

#include "vmsystem/benchmarks/harness/socket.hpp"

#include <string>

#include <fcntl.h>
#include <unistd.h>

namespace vmsystem::bench {

expected<load_result> run_disk_probe(const std::filesystem::path& folder,
                                     const load_limit& limit) {
  const descriptor file{
    ::open((folder / "probe").c_str(),
           O_WRONLY | O_CREAT | O_TRUNC | O_APPEND | O_CLOEXEC, 0600)};
  if (file.get() < 0)
    return system_failure("open");
  const std::string page(4096, 'x');
  load_result result;
  load_budget budget{limit};
  auto now = clock::now();
  while (budget.take(now)) {
    if (::write(file.get(), page.data(), page.size())
        != static_cast<ssize_t>(page.size()))
      return system_failure("write");
    if (::fdatasync(file.get()) != 0)
      return system_failure("fdatasync");
    const auto before = now;
    now = clock::now();
    result.latency.add(now - before);
    ++result.answers;
  }
  result.elapsed = now - budget.start();
  return result;
}

} // namespace vmsystem::bench
