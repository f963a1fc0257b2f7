#include "vmsystem/pipeline/integrity.hpp"

#include <algorithm>
#include <array>

#include <openssl/evp.h>

namespace vmsystem {

std::string integrity_of(std::string_view bytes) {
  std::array<unsigned char, EVP_MAX_MD_SIZE> digest{};
  unsigned int size = 0;
  if (EVP_Digest(bytes.data(), bytes.size(), digest.data(), &size, EVP_sha512(),
                 nullptr)
      != 1)
    return {};
  // Four characters for three bytes, and a zero.
  std::array<unsigned char, EVP_MAX_MD_SIZE * 2> text{};
  const int length
    = EVP_EncodeBlock(text.data(), digest.data(), static_cast<int>(size));
  return "sha512-"
         + std::string(text.begin(), text.begin() + std::max(length, 0));
}

} // namespace vmsystem
