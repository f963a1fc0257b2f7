#include "vmsystem/persistence/store_log.hpp"

#include "vmsystem/models/time.hpp"

#include <array>
#include <cstdarg>
#include <cstdio>
#include <mutex>
#include <string>
#include <utility>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

namespace vmsystem {

namespace {

constexpr off_t max_bytes = 1 << 20;

class store_log final : public rocksdb::Logger {
public:
  using rocksdb::Logger::Logv;

  explicit store_log(std::string path)
    : Logger{rocksdb::InfoLogLevel::WARN_LEVEL}, path_{std::move(path)} {
    open_file();
  }

  ~store_log() override {
    close_file();
  }

  void Logv(const char* format, va_list arguments) override {
    std::array<char, 2048> line{};
    const auto begun = std::snprintf(line.data(), line.size(), "%s ",
                                     timestamp::now().to_string().c_str());
    const auto used = static_cast<std::size_t>(begun);
    std::vsnprintf(line.data() + used, line.size() - used, format, arguments);
    std::string text{line.data()};
    text += '\n';
    const std::lock_guard lock{mutex_};
    struct stat state = {};
    if (file_ >= 0 && fstat(file_, &state) == 0 && state.st_size > max_bytes) {
      close_file();
      static_cast<void>(std::rename(path_.c_str(), (path_ + ".old").c_str()));
      open_file();
    }
    if (file_ >= 0 && write(file_, text.data(), text.size()) < 0)
      return;
  }

private:
  void open_file() {
    constexpr mode_t mode = 0644;
    file_
      = open(path_.c_str(), O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, mode);
  }

  void close_file() {
    if (file_ >= 0)
      close(file_);
    file_ = -1;
  }

  std::string path_;
  std::mutex mutex_;
  int file_ = -1;
};

class no_log final : public rocksdb::Logger {
public:
  using rocksdb::Logger::Logv;

  void Logv(const char*, va_list) override {}
};

} // namespace

std::shared_ptr<rocksdb::Logger> make_store_log(const std::string& folder) {
  return std::make_shared<store_log>(folder + "/LOG");
}

std::shared_ptr<rocksdb::Logger> make_no_log() {
  return std::make_shared<no_log>();
}

} // namespace vmsystem
