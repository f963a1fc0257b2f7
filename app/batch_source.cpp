#include "vmsystem/app/batch_source.hpp"

#include <cerrno>
#include <system_error>
#include <utility>

#include <fcntl.h>
#include <poll.h>
#include <sys/stat.h>
#include <unistd.h>

namespace vmsystem {

namespace {

/// How long a read waits: whoever reads looks for a stop between two of them.
constexpr int patience_ms = 100;

std::string system_words() {
  return std::generic_category().message(errno);
}

} // namespace

expected<batch_source> batch_source::open(const std::string& path) {
  const bool is_stdin = path == "-";
  const int descriptor = is_stdin ? ::dup(STDIN_FILENO)
                                  : ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
  if (descriptor < 0)
    return fail(ec::file_not_found, path + ": " + system_words());
  batch_source result{descriptor, is_stdin ? "stdin" : path, 0};
  struct stat about {};
  if (::fstat(descriptor, &about) != 0)
    return fail(ec::file_not_found, result.name_ + ": " + system_words());
  if (S_ISDIR(about.st_mode))
    return fail(ec::invalid_path, result.name_ + " is a folder, not a file");
  result.is_file_ = S_ISREG(about.st_mode);
  if (result.is_file_)
    result.size_ = static_cast<uint64_t>(about.st_size);
  return result;
}

batch_source::batch_source(int descriptor, std::string name,
                           uint64_t size) noexcept
  : descriptor_{descriptor}, name_{std::move(name)}, size_{size} {}

batch_source::batch_source(batch_source&& other) noexcept
  : descriptor_{std::exchange(other.descriptor_, -1)},
    name_{std::move(other.name_)},
    size_{other.size_},
    is_file_{other.is_file_} {}

batch_source::~batch_source() {
  if (descriptor_ >= 0)
    ::close(descriptor_);
}

expected<std::optional<batch_input>> batch_source::read() {
  pollfd waiting{descriptor_, POLLIN, 0};
  if (::poll(&waiting, 1, patience_ms) == 0)
    return std::optional<batch_input>{};
  batch_input piece;
  piece.text.resize(max_batch_input);
  const auto count = ::read(descriptor_, piece.text.data(), piece.text.size());
  if (count < 0 && errno == EINTR)
    return std::optional<batch_input>{};
  if (count < 0)
    return fail(ec::internal, "cannot read " + name_ + ": " + system_words());
  piece.text.resize(static_cast<std::size_t>(count));
  piece.last = count == 0;
  return std::optional<batch_input>{std::move(piece)};
}

} // namespace vmsystem
