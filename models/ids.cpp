#include "vmsystem/models/ids.hpp"

#include "vmsystem/models/ascii.hpp"

#include <algorithm>
#include <atomic>
#include <chrono>
#include <random>

namespace vmsystem {

namespace {

constexpr char hex_digits[] = "0123456789abcdef";
constexpr std::string_view urn = "urn:uuid:";

/// Positions in the text before which a hyphen stands, in bytes.
constexpr bool hyphen_before(std::size_t byte) noexcept {
  return byte == 4 || byte == 6 || byte == 8 || byte == 10;
}

bool is_space(char c) noexcept {
  return c == ' ' || (c >= '\t' && c <= '\r');
}

std::string_view trim(std::string_view text) noexcept {
  while (!text.empty() && is_space(text.front()))
    text.remove_prefix(1);
  while (!text.empty() && is_space(text.back()))
    text.remove_suffix(1);
  return text;
}

/// Milliseconds in the upper 48 of 60 bits, 1/4096 milliseconds in the lower.
std::atomic<uint64_t> last_stamp{0};

/// About the year 6429.
constexpr uint64_t furthest_stamp = uint64_t{1} << 59;

uint64_t next_stamp() {
  using namespace std::chrono;
  const auto ns = static_cast<uint64_t>(
    duration_cast<nanoseconds>(system_clock::now().time_since_epoch()).count());
  const uint64_t ms = ns / 1000000;
  const uint64_t fraction = (ns % 1000000) * 4096 / 1000000;
  const uint64_t now = (ms << 12) | fraction;
  auto last = last_stamp.load(std::memory_order_relaxed);
  for (;;) {
    const auto next = std::max(now, last + 1);
    if (last_stamp.compare_exchange_weak(last, next, std::memory_order_relaxed))
      return next;
  }
}

uint64_t random_bits() {
  thread_local std::mt19937_64 generator = [] {
    std::random_device device;
    std::seed_seq seed{device(), device(), device(), device()};
    return std::mt19937_64{seed};
  }();
  return generator();
}

} // namespace

void raw_id::append_to(std::string& out) const {
  char text[36];
  char* to = text;
  for (std::size_t i = 0; i < bytes.size(); ++i) {
    if (hyphen_before(i))
      *to++ = '-';
    *to++ = hex_digits[bytes[i] >> 4];
    *to++ = hex_digits[bytes[i] & 15];
  }
  out.append(text, sizeof(text));
}

std::string raw_id::to_string() const {
  std::string result;
  append_to(result);
  return result;
}

std::optional<raw_id> raw_id::parse(std::string_view text) {
  text = trim(text);
  if (starts_with_any_case(text, urn))
    text.remove_prefix(urn.size());
  else if (text.size() == 38 && text.front() == '{' && text.back() == '}')
    text = text.substr(1, 36);
  const bool hyphens = text.size() == 36;
  if (!hyphens && text.size() != 32)
    return std::nullopt;
  raw_id result;
  std::size_t at = 0;
  for (std::size_t i = 0; i < result.bytes.size(); ++i) {
    if (hyphens && hyphen_before(i) && text[at++] != '-')
      return std::nullopt;
    const int high = hex_value(text[at]);
    const int low = hex_value(text[at + 1]);
    if (high < 0 || low < 0)
      return std::nullopt;
    result.bytes[i] = static_cast<uint8_t>(high * 16 + low);
    at += 2;
  }
  return result;
}

raw_id raw_id::generate() {
  const uint64_t stamp = next_stamp();
  const uint64_t ms = stamp >> 12;
  const uint64_t tail = random_bits();
  raw_id result;
  auto& b = result.bytes;
  for (std::size_t i = 0; i < 6; ++i)
    b[i] = static_cast<uint8_t>(ms >> (40 - 8 * i));
  b[6] = static_cast<uint8_t>(0x70 | ((stamp >> 8) & 0x0f));
  b[7] = static_cast<uint8_t>(stamp);
  for (std::size_t i = 0; i < 8; ++i)
    b[8 + i] = static_cast<uint8_t>(tail >> (56 - 8 * i));
  b[8] = static_cast<uint8_t>((b[8] & 0x3f) | 0x80);
  return result;
}

void raw_id::generate_after(const raw_id& floor) {
  const auto& b = floor.bytes;
  uint64_t stamp = 0;
  for (std::size_t i = 0; i < 6; ++i)
    stamp = (stamp << 8) | b[i];
  stamp = (stamp << 12) | (static_cast<uint64_t>(b[6] & 0x0f) << 8) | b[7];
  // Only a foreign id is that far in the future; following it would leave no
  // room for ids of our own.
  if (stamp >= furthest_stamp)
    return;
  auto last = last_stamp.load(std::memory_order_relaxed);
  while (last < stamp
         && !last_stamp.compare_exchange_weak(last, stamp,
                                              std::memory_order_relaxed)) {
    // `last` was reloaded; try again while the floor is still above it.
  }
}

} // namespace vmsystem
