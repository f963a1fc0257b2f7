#include "vmsystem/engine/frozen_memory.hpp"

#include "vmsystem/engine/host_functions.hpp"
#include "vmsystem/engine/wasm/page_count.h"

#include <algorithm>
#include <array>
#include <atomic>
#include <cerrno>
#include <cstring>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include <fcntl.h>
#include <sys/mman.h>
#include <unistd.h>

namespace vmsystem::engine::detail {

namespace {

constexpr std::size_t page_bytes = 4096;

/// From this many changed pages on, dropping them all is cheaper than copying.
constexpr std::size_t max_copied_pages = 1024;

/// So many pages at most are made a guest's own before its first run, and they
/// are those that so many guests changed: what every run needs, not what large
/// scripts do.
constexpr std::size_t max_warm_pages = 256;
constexpr uint32_t guests_to_see = 8;

/// Nothing changes an image. F_SEAL_WRITE would also ask for what is not there,
/// that nobody writes already: it fails (EBUSY) while the kernel happens to
/// hold one of the pages, as it does when it moves memory.
constexpr int image_seals
  = F_SEAL_FUTURE_WRITE | F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_SEAL;

/// Bits of an entry of /proc/self/pagemap.
constexpr uint64_t page_present = uint64_t{1} << 63;
constexpr uint64_t page_swapped = uint64_t{1} << 62;
constexpr uint64_t page_of_file = uint64_t{1} << 61;

failure system_failure(ec code, const char* what) {
  return fail(code, std::string{what} + ": " + std::strerror(errno));
}

/// The calling thread's view of its page tables; -1 where that is forbidden.
int page_map() {
  struct descriptor {
    int fd = open("/proc/self/pagemap", O_RDONLY | O_CLOEXEC);
    ~descriptor() {
      if (fd >= 0)
        close(fd);
    }
  };
  static thread_local descriptor file;
  return file.fd;
}

/// The first of the pages, those in a row together.
std::shared_ptr<const page_runs> runs_of(const std::vector<uint32_t>& pages) {
  auto runs = std::make_shared<page_runs>();
  for (std::size_t i = 0; i < std::min(pages.size(), max_warm_pages); ++i)
    if (!runs->empty() && pages[i] == runs->back().first + runs->back().second)
      ++runs->back().second;
    else
      runs->emplace_back(pages[i], 1);
  return runs;
}

/// Most of a page is as it was: a run changes a counter here and a link there.
void restore_page(uint8_t* page, const uint8_t* original) {
  constexpr std::size_t piece = 256;
  for (std::size_t i = 0; i < page_bytes; i += piece)
    if (std::memcmp(page + i, original + i, piece) != 0)
      std::memcpy(page + i, original + i, piece);
}

bool is_zero(const uint8_t* page) {
  static constexpr std::array<uint8_t, page_bytes> zeros{};
  return std::memcmp(page, zeros.data(), page_bytes) == 0;
}

bool write_pages(int fd, const uint8_t* memory, std::size_t bytes) {
  for (std::size_t offset = 0; offset < bytes; offset += page_bytes) {
    if (is_zero(memory + offset))
      continue;
    if (pwrite(fd, memory + offset, page_bytes, static_cast<off_t>(offset))
        != static_cast<ssize_t>(page_bytes))
      return false;
  }
  return true;
}

/// Finds the pages of a guest that are no longer shared.
/// @returns false when the kernel does not say.
bool find_own_pages(const guest& target, std::vector<uint32_t>& pages) {
  pages.clear();
  const int fd = page_map();
  if (fd < 0)
    return false;
  static thread_local std::vector<uint64_t> entries;
  const auto count = (std::size_t{target.layout.pages} << 16) / page_bytes;
  entries.resize(count);
  const auto wanted = static_cast<ssize_t>(count * sizeof(uint64_t));
  const auto offset = reinterpret_cast<uintptr_t>(target.memory()) / page_bytes
                      * sizeof(uint64_t);
  if (pread(fd, entries.data(), static_cast<std::size_t>(wanted),
            static_cast<off_t>(offset))
      != wanted)
    return false;
  for (std::size_t i = 0; i < count; ++i)
    if ((entries[i] & (page_present | page_swapped)) != 0
        && (entries[i] & page_of_file) == 0)
      pages.push_back(static_cast<uint32_t>(i));
  return true;
}

} // namespace

expected<std::unique_ptr<const frozen_memory>>
frozen_memory::freeze(guest& source) {
  std::unique_ptr<frozen_memory> result{new frozen_memory};
  result->layout_ = source.layout;
  result->layout_.pages = source.pages();
  const auto bytes = result->bytes();
  result->fd_
    = memfd_create("vm-system-image", MFD_CLOEXEC | MFD_ALLOW_SEALING);
  if (result->fd_ < 0 || ftruncate(result->fd_, static_cast<off_t>(bytes)) != 0
      || !write_pages(result->fd_, source.memory(), bytes)
      || fcntl(result->fd_, F_ADD_SEALS, image_seals) != 0)
    return system_failure(errno == EMFILE || errno == ENFILE ? ec::overloaded
                                                             : ec::internal,
                          "the engine image cannot be stored");
  void* image = mmap(nullptr, bytes, PROT_READ, MAP_SHARED, result->fd_, 0);
  if (image == MAP_FAILED)
    return system_failure(ec::internal, "the engine image cannot be mapped");
  result->image_ = static_cast<const uint8_t*>(image);
  return std::unique_ptr<const frozen_memory>{std::move(result)};
}

frozen_memory::~frozen_memory() {
  if (image_ != nullptr)
    munmap(const_cast<uint8_t*>(image_), bytes());
  if (fd_ >= 0)
    close(fd_);
}

bool frozen_memory::map_over(uint8_t* address) const {
  return mmap(address, bytes(), PROT_READ | PROT_WRITE,
              MAP_PRIVATE | MAP_FIXED | MAP_NORESERVE, fd_, 0)
         != MAP_FAILED;
}

void frozen_memory::set_up(guest& target, uint8_t* memory) const {
  auto& module = target.module();
  vm_count_pages(int64_t{layout_.pages} - module.w2c_memory.pages);
  module.w2c_memory.data = memory;
  module.w2c_memory.pages = layout_.pages;
  module.w2c_memory.size = layout_.pages << 16;
  module.w2c_memory.max_pages = layout_.max_pages;
  module.w2c___stack_pointer = layout_.stack_pointer;
  module.w2c___indirect_function_table = shared_function_table();
  target.layout = layout_;
}

expected<void> frozen_memory::attach(guest& target) const {
  const auto reservation = vm_reservation_bytes(layout_.max_pages);
  auto* memory = vm_reserve(reservation);
  if (memory == nullptr)
    return system_failure(ec::overloaded,
                          "no address space for another session");
  if (!map_over(memory)) {
    auto error
      = system_failure(ec::overloaded, "no memory mapping for another session");
    munmap(memory, reservation);
    return error;
  }
  set_up(target, memory);
  return success();
}

// What fails costs time only: the pages come by faults.
bool frozen_memory::populate(guest& target) const noexcept {
  auto& own = target.own_pages;
  if (std::exchange(own.populated, true))
    return false;
  const auto warm = std::atomic_load(&warm_);
  if (warm == nullptr)
    return true;
  for (const auto& [first, count] : *warm)
    if (madvise(target.memory() + first * page_bytes, count * page_bytes,
                MADV_POPULATE_WRITE)
        != 0)
      break;
  return true;
}

void frozen_memory::learn(const guest& target) const {
  if (std::atomic_load(&warm_) != nullptr)
    return;
  std::vector<uint32_t> pages;
  const std::lock_guard lock{learning_};
  if (seen_ == guests_to_see || !find_own_pages(target, pages))
    return;
  if (seen_ == 0)
    common_ = std::move(pages);
  else
    common_.erase(std::remove_if(common_.begin(), common_.end(),
                                 [&](uint32_t page) {
                                   return !std::binary_search(pages.begin(),
                                                              pages.end(),
                                                              page);
                                 }),
                  common_.end());
  if (++seen_ == guests_to_see)
    std::atomic_store(&warm_, runs_of(common_));
}

bool frozen_memory::restore_pages(guest& target) const {
  auto& own = target.own_pages;
  if (!own.up_to_date()) {
    own.forget();
    if (!find_own_pages(target, own.pages)
        || own.pages.size() > max_copied_pages)
      return false;
    own.settle();
  }
  auto* memory = target.memory();
  for (const auto page : own.pages)
    restore_page(memory + page * page_bytes, image_ + page * page_bytes);
  return true;
}

expected<void> frozen_memory::restore(guest& target) const {
  auto* memory = target.memory();
  const auto grown_to = std::size_t{target.pages()} << 16;
  // The reservation's own mapping takes the place of what it grew by.
  if (grown_to > bytes()
      && mmap(memory + bytes(), grown_to - bytes(), PROT_NONE,
              MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE | MAP_FIXED, -1, 0)
           == MAP_FAILED)
    return system_failure(ec::internal, "a session's memory cannot be freed");
  if (!restore_pages(target)) {
    if (!map_over(memory))
      return system_failure(ec::internal,
                            "a session's memory cannot be mapped");
    target.own_pages.populated = false;
  }
  set_up(target, memory);
  return success();
}

} // namespace vmsystem::engine::detail
