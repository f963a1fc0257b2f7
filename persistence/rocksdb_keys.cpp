#include "vmsystem/persistence/rocksdb_keys.hpp"

#include "vmsystem/models/text.hpp"
#include "vmsystem/persistence/store.hpp"

#include <algorithm>
#include <cassert>
#include <chrono>
#include <cstring>

namespace vmsystem {

store_key& store_key::add(const raw_id& id) noexcept {
  assert(size_ + id.bytes.size() <= bytes_.size());
  std::memcpy(bytes_.data() + size_, id.bytes.data(), id.bytes.size());
  size_ += id.bytes.size();
  return *this;
}

store_key& store_key::add(uint32_t number) noexcept {
  assert(size_ + sizeof(number) <= bytes_.size());
  for (int shift = 24; shift >= 0; shift -= 8)
    bytes_[size_++] = static_cast<char>(number >> shift & 0xff);
  return *this;
}

store_key& store_key::add(index_kind kind) noexcept {
  assert(size_ < bytes_.size());
  bytes_[size_++] = static_cast<char>(kind);
  return *this;
}

std::string idempotency_index(std::string_view key) {
  std::string result(1, static_cast<char>(index_kind::idempotency_key));
  return result.append(key);
}

int64_t ms_of(const raw_id& id) noexcept {
  constexpr std::size_t time_bytes = 6;
  int64_t ms = 0;
  for (std::size_t i = 0; i < time_bytes; ++i)
    ms = ms << 8 | id.bytes[i];
  return ms;
}

bool is_key_stale(const raw_id& execution, timestamp now) noexcept {
  return now.us / 1000 - ms_of(execution)
         > std::chrono::milliseconds{key_lifetime}.count();
}

raw_id greatest_id() noexcept {
  raw_id result;
  result.bytes.fill(0xff);
  return result;
}

raw_id first_id_of(std::string_view key) noexcept {
  return last_id_of(key.substr(0, sizeof(raw_id::bytes)));
}

raw_id last_id_of(std::string_view key) noexcept {
  raw_id result;
  if (key.size() >= result.bytes.size())
    std::memcpy(result.bytes.data(),
                key.data() + key.size() - result.bytes.size(),
                result.bytes.size());
  return result;
}

uint32_t last_number_of(std::string_view key) noexcept {
  if (key.size() < sizeof(uint32_t))
    return 0;
  uint32_t result = 0;
  for (const char byte : key.substr(key.size() - sizeof(uint32_t)))
    result = result << 8 | static_cast<uint8_t>(byte);
  return result;
}

std::string describe(family where, std::string_view key) {
  static constexpr std::size_t id_size = sizeof(raw_id::bytes);
  std::string result = family_names[static_cast<std::size_t>(where)];
  if (where == family::indexes && !key.empty()) {
    result += '/';
    result += key.front();
    key.remove_prefix(1);
  }
  for (; key.size() >= id_size; key.remove_prefix(id_size)) {
    result += '/';
    first_id_of(key).append_to(result);
  }
  const std::size_t numbers = where == family::events    ? 1
                              : where == family::batches ? 2
                                                         : 0;
  if (key.size() == numbers * sizeof(uint32_t)) {
    for (; !key.empty(); key.remove_prefix(sizeof(uint32_t))) {
      result += '/';
      result += std::to_string(last_number_of(key.substr(0, sizeof(uint32_t))));
    }
  }
  if (key.empty())
    return result;
  result += '/';
  append_hex(result, key);
  return result;
}

} // namespace vmsystem
