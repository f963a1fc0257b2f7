#pragma once

// How records lie in RocksDB, format version 1.
//
// Ids are the 16 bytes of a UUIDv7 and numbers are big-endian, so that the
// order of keys is the order of time. Documents are exactly what the API
// serves.
//
// | column family | key                            | value               |
// |---------------|--------------------------------|---------------------|
// | templates     | template                       | bundle document     |
// | sessions      | session                        | document            |
// | executions    | execution                      | document            |
// | events        | execution, first seq u32       | documents joined by |
// |               |                                | ",\n", in order     |
// | indexes       | 'e', session, execution        | status u8, kind u8  |
// | indexes       | 's', session                   | status u8           |
// | indexes       | 'r', execution                 | empty               |
// | indexes       | 'l', session                   | empty               |
// | indexes       | 'b', batch                     | status u8           |
// | indexes       | 'u', batch                     | empty               |
// | indexes       | 'k', idempotency key           | document            |
// | indexes       | 'o', execution                 | its idempotency key |
// | batches       | batch                          | document            |
// | batches       | batch, first line u32,         | lines of its input  |
// |               | index of the first job u32     |                     |
// | meta          | "format"                       | version in decimal  |
// | default       | unused; RocksDB wants it       |                     |
//
// 'r' is there while an execution is stored as running, 'l' while a session is
// stored as starting or ready, 'u' while a batch is not over: what a start has
// to look at after a crash. 'o' has the idempotency keys in the order of their
// age, which is that of their executions.
// A document never holds a raw newline, so newlines count events. The execution
// ids of a batch's jobs are its own id with the index in the last four bytes:
// they lie together, in the order of their index.

#include "vmsystem/models/ids.hpp"
#include "vmsystem/models/time.hpp"

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace vmsystem {

/// The version of the layout above, as kept in `meta`.
inline constexpr uint32_t store_format = 1;

/// Where `meta` keeps the version.
inline constexpr std::string_view format_key = "format";

/// The column families, in the order in which the store holds their handles.
enum class family : uint8_t {
  unnamed = 0,
  templates = 1,
  sessions = 2,
  executions = 3,
  events = 4,
  indexes = 5,
  batches = 6,
  meta = 7,
};

/// Names of the column families, by `family`.
inline constexpr std::array<const char*, 8> family_names{
  "default", "templates", "sessions", "executions",
  "events",  "indexes",   "batches",  "meta"};

/// First bytes of the keys in `indexes`.
enum class index_kind : char {
  execution_of_session = 'e',
  session = 's',
  running_execution = 'r',
  live_session = 'l',
  batch = 'b',
  unfinished_batch = 'u',
  idempotency_key = 'k',
  key_of_execution = 'o',
};

/// A key of bounded length, without a memory of its own.
class store_key {
public:
  /// Appends the 16 bytes of an id.
  store_key& add(const raw_id& id) noexcept;

  /// Appends a number, big-endian.
  store_key& add(uint32_t number) noexcept;

  /// Appends the first byte of an index key.
  store_key& add(index_kind kind) noexcept;

  [[nodiscard]] std::string_view view() const noexcept {
    return {bytes_.data(), size_};
  }

private:
  /// An index key with two ids is the longest.
  std::array<char, 33> bytes_{};
  std::size_t size_ = 0;
};

/// The key of `indexes` for an idempotency key.
[[nodiscard]] std::string idempotency_index(std::string_view key);

/// When an id was made, in milliseconds since 1970.
[[nodiscard]] int64_t ms_of(const raw_id& id) noexcept;

/// Whether an idempotency key that was used for `execution` is to be forgotten
/// at the time `now`.
[[nodiscard]] bool is_key_stale(const raw_id& execution,
                                timestamp now) noexcept;

/// The id with the greatest bytes, which no UUIDv7 reaches.
[[nodiscard]] raw_id greatest_id() noexcept;

/// The id in the first 16 bytes of a key; nil when the key is shorter.
[[nodiscard]] raw_id first_id_of(std::string_view key) noexcept;

/// The id in the last 16 bytes of a key; nil when the key is shorter.
[[nodiscard]] raw_id last_id_of(std::string_view key) noexcept;

/// The number in the last four bytes of a key; 0 when the key is shorter.
[[nodiscard]] uint32_t last_number_of(std::string_view key) noexcept;

/// A key as a person reads it, such as `executions/0192d3a4-...`,
/// `events/0192d3a4-.../17` or `batches/0192d3a4-.../1/0`.
[[nodiscard]] std::string describe(family where, std::string_view key);

} // namespace vmsystem
