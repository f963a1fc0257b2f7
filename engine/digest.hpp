#pragma once

#include <array>
#include <cstddef>
#include <string_view>

namespace vmsystem::engine::detail {

class supervision;

/// The digest of some bytes.
struct digest_bytes {
  std::array<char, 64> bytes{};
  std::size_t size = 0;

  [[nodiscard]] std::string_view view() const noexcept {
    return {bytes.data(), size};
  }
};

/// How the computing of a digest ended.
enum class digest_end {
  done,
  /// There is no such digest, or it has no fixed size.
  unknown,
  /// The script must stop.
  stopped,
};

/// Computes a digest, and looks at the limits of the script meanwhile. Enters
/// no guest.
/// @param name as OpenSSL knows it, such as `sha256`.
/// @param result is set when it is done.
[[nodiscard]] digest_end
compute_digest(const char* name, std::string_view bytes, supervision& limits,
               digest_bytes& result) noexcept;

} // namespace vmsystem::engine::detail
