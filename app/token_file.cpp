#include "vmsystem/app/token_file.hpp"

#include "vmsystem/app/whole_file.hpp"
#include "vmsystem/models/text.hpp"

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

expected<http::access_list> parse(const std::string& path,
                                  std::string_view text) {
  auto list = http::access_list::parse(text);
  if (!list)
    return fail(list.error().code,
                "the token file " + path + ": " + list.error().message);
  return list;
}

} // namespace

expected<http::access_list> read_token_file(const std::string& path) {
  const auto text = read_whole_file(path, max_file_bytes);
  return text ? parse(path, text.value()) : text.error();
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
  if (auto list = parse(path, text); !list)
    return list.error();
  return write_whole_file(path, text);
}

expected<std::string> make_token() {
  std::array<char, 32> bytes{};
  if (::getrandom(bytes.data(), bytes.size(), 0)
      != static_cast<ssize_t>(bytes.size()))
    return fail(ec::internal, std::string{"no random bytes for a token: "}
                                + std::strerror(errno));
  std::string result{token_prefix};
  append_hex(result, {bytes.data(), bytes.size()});
  return result;
}

} // namespace vmsystem
