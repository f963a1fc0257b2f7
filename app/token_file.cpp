#include "vmsystem/app/token_file.hpp"

#include "vmsystem/app/whole_file.hpp"

#include <array>
#include <cerrno>
#include <cstring>
#include <filesystem>

#include <sys/random.h>

namespace vmsystem {

namespace {

constexpr std::size_t max_file_bytes = std::size_t{1} << 20;

/// So that tokens are found where they should not be.
constexpr std::string_view token_prefix = "vmsys_";

} // namespace

expected<http::access_list> read_token_file(const std::string& path) {
  const auto text = read_whole_file(path, max_file_bytes);
  if (!text)
    return text.error();
  auto list = http::access_list::parse(text.value());
  if (!list)
    return fail(list.error().code,
                "the token file " + path + ": " + list.error().message);
  return list;
}

expected<void> add_to_token_file(const std::string& path,
                                 const http::access_token& added) {
  std::string text;
  std::error_code ignored;
  if (std::filesystem::exists(path, ignored)) {
    auto read = read_whole_file(path, max_file_bytes);
    if (!read)
      return read.error();
    text = std::move(read).value();
    if (!text.empty() && text.back() != '\n')
      text += '\n';
  }
  text += http::token_line(added);
  // Nothing is written that a server would refuse.
  if (auto list = http::access_list::parse(text); !list)
    return fail(list.error().code,
                "the token file " + path + ": " + list.error().message);
  return write_whole_file(path, text);
}

expected<std::string> make_token() {
  constexpr std::string_view digits = "0123456789abcdef";
  std::array<unsigned char, 32> bytes{};
  if (::getrandom(bytes.data(), bytes.size(), 0)
      != static_cast<ssize_t>(bytes.size()))
    return fail(ec::internal, std::string{"no random bytes for a token: "}
                                + std::strerror(errno));
  std::string result{token_prefix};
  for (const auto byte : bytes) {
    result += digits[byte >> 4];
    result += digits[byte & 0xfu];
  }
  return result;
}

} // namespace vmsystem
