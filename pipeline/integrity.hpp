#pragma once

#include <string>
#include <string_view>

namespace vmsystem {

/// What bytes are recognised by: `sha512-` and the digest in base64, as W3C's
/// Subresource Integrity and npm write it. Empty when the system's library of
/// digests refuses.
[[nodiscard]] std::string integrity_of(std::string_view bytes);

} // namespace vmsystem
