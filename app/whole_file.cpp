#include "vmsystem/app/whole_file.hpp"

#include <array>
#include <cerrno>
#include <fstream>
#include <system_error>

#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

namespace vmsystem {

namespace {

std::string reason(int error) {
  return std::generic_category().message(error);
}

bool write_all(int fd, std::string_view bytes) {
  while (!bytes.empty()) {
    const auto written = ::write(fd, bytes.data(), bytes.size());
    if (written < 0 && errno == EINTR)
      continue;
    if (written < 0)
      return false;
    bytes.remove_prefix(static_cast<std::size_t>(written));
  }
  return true;
}

} // namespace

expected<void> write_whole_file(const std::string& path,
                                std::string_view bytes) {
  constexpr mode_t readable_by_all = 0644;
  std::string draft = path + ".XXXXXX";
  const int fd = ::mkstemp(draft.data());
  if (fd < 0)
    return fail(ec::internal, "cannot write " + path + ": " + reason(errno));
  const bool written = write_all(fd, bytes) && ::fsync(fd) == 0
                       && ::fchmod(fd, readable_by_all) == 0;
  int error = written ? 0 : errno;
  if (::close(fd) != 0 && error == 0)
    error = errno;
  if (error == 0 && ::rename(draft.c_str(), path.c_str()) != 0)
    error = errno;
  if (error == 0)
    return success();
  ::unlink(draft.c_str());
  return fail(ec::internal, "cannot write " + path + ": " + reason(error));
}

expected<std::string> read_whole_file(const std::string& path,
                                      std::size_t max_bytes) {
  std::ifstream file{path, std::ios::binary};
  if (!file)
    return fail(ec::file_not_found,
                "cannot read " + path + ": " + reason(errno));
  std::string bytes;
  std::array<char, 65536> part;
  while (file && bytes.size() <= max_bytes) {
    file.read(part.data(), part.size());
    bytes.append(part.data(), static_cast<std::size_t>(file.gcount()));
  }
  if (file.bad())
    return fail(ec::file_not_found, "cannot read " + path);
  if (bytes.size() > max_bytes)
    return fail(ec::payload_too_large, path + " has more than "
                                         + std::to_string(max_bytes)
                                         + " bytes");
  return bytes;
}

} // namespace vmsystem
