#include "vmsystem/engine/digest.hpp"

#include "vmsystem/engine/supervision.hpp"

#include <memory>

#include <openssl/evp.h>

namespace vmsystem::engine::detail {

namespace {

/// Bytes between two looks at the limits: a few milliseconds.
constexpr std::size_t step = 1u << 20;

struct free_digest {
  void operator()(EVP_MD* digest) const noexcept {
    EVP_MD_free(digest);
  }
  void operator()(EVP_MD_CTX* state) const noexcept {
    EVP_MD_CTX_free(state);
  }
};

} // namespace

digest_end compute_digest(const char* name, std::string_view bytes,
                          supervision& limits, digest_bytes& result) noexcept {
  const std::unique_ptr<EVP_MD, free_digest> digest{
    EVP_MD_fetch(nullptr, name, nullptr)};
  if (digest == nullptr
      || (EVP_MD_get_flags(digest.get()) & EVP_MD_FLAG_XOF) != 0)
    return digest_end::unknown;
  const std::unique_ptr<EVP_MD_CTX, free_digest> state{EVP_MD_CTX_new()};
  static_assert(EVP_MAX_MD_SIZE <= sizeof result.bytes);
  unsigned int size = 0;
  if (state == nullptr
      || EVP_DigestInit_ex2(state.get(), digest.get(), nullptr) != 1)
    return digest_end::unknown;
  while (!bytes.empty()) {
    if (limits.poll())
      return digest_end::stopped;
    const auto part = bytes.substr(0, step);
    if (EVP_DigestUpdate(state.get(), part.data(), part.size()) != 1)
      return digest_end::unknown;
    bytes.remove_prefix(part.size());
  }
  if (EVP_DigestFinal_ex(state.get(),
                         reinterpret_cast<unsigned char*>(result.bytes.data()),
                         &size)
      != 1)
    return digest_end::unknown;
  result.size = size;
  return digest_end::done;
}

} // namespace vmsystem::engine::detail
