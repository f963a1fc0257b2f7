#include "vmsystem/pipeline/loading.hpp"

#include "vmsystem/engine/worktree.hpp"

#include <cerrno>
#include <system_error>
#include <utility>

namespace vmsystem {

namespace {

std::string reason(int error) {
  return std::generic_category().message(error);
}

failure open_failure(const std::string& path, int error) {
  switch (error) {
    case ENOENT:
    case ENOTDIR:
      return fail(ec::file_not_found,
                  "file \"" + path + "\" is not in the worktree");
    case EXDEV:
    case ELOOP:
      return fail(ec::invalid_path,
                  "\"" + path + "\" leaves the worktree by a symlink");
    case EACCES:
    case ENAMETOOLONG:
    case ENXIO:
      return fail(ec::invalid_path,
                  "\"" + path + "\" cannot be opened: " + reason(error));
    case EMFILE:
    case ENFILE:
      return fail(ec::overloaded,
                  "opening \"" + path + "\" failed: " + reason(error));
    case ENOSYS:
      return fail(ec::internal,
                  "this kernel lacks openat2 (Linux 5.6 or newer is needed)");
    default:
      return fail(ec::internal,
                  "opening \"" + path + "\" failed: " + reason(error));
  }
}

failure too_large(const std::string& path, uint32_t max_bytes) {
  return fail(ec::payload_too_large, "\"" + path + "\" is larger than "
                                       + std::to_string(max_bytes)
                                       + " bytes, the server's bound");
}

} // namespace

expected<void> check_worktree(const std::string& worktree) {
  if (auto folder = engine::worktree::open(worktree); !folder)
    return std::move(folder).error();
  return success();
}

expected<std::string> load_source(const std::string& worktree,
                                  const std::string& path, uint32_t max_bytes) {
  auto folder = engine::worktree::open(worktree);
  if (!folder)
    return std::move(folder).error();
  std::string text;
  switch (const auto error = folder.value().read_file(path, max_bytes, text)) {
    case 0:
      return text;
    case EFBIG:
      return too_large(path, max_bytes);
    case EISDIR:
    case EINVAL:
      return fail(ec::invalid_path, "\"" + path + "\" is not a regular file");
    default:
      return open_failure(path, error);
  }
}

} // namespace vmsystem
