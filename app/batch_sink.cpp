#include "vmsystem/app/batch_sink.hpp"

#include <cerrno>
#include <system_error>

namespace vmsystem {

namespace {

std::string system_words() {
  return std::generic_category().message(errno);
}

} // namespace

void batch_sink::closer::operator()(std::FILE* file) const noexcept {
  if (file != stdout)
    std::fclose(file);
}

expected<batch_sink> batch_sink::open(const std::string& path) {
  batch_sink result{path == "-" ? "stdout" : path};
  if (path == "-") {
    result.file_.reset(stdout);
  } else if (!path.empty()) {
    result.file_.reset(std::fopen(path.c_str(), "we"));
    if (!result.file_)
      return fail(ec::invalid_path,
                  "cannot write " + path + ": " + system_words());
  }
  return result;
}

expected<void> batch_sink::write(std::string_view lines) {
  if (!file_ || lines.empty())
    return success();
  const bool written
    = std::fwrite(lines.data(), 1, lines.size(), file_.get()) == lines.size();
  if (!written || std::fflush(file_.get()) != 0)
    return fail(ec::internal, "cannot write " + name_ + ": " + system_words());
  return success();
}

} // namespace vmsystem
