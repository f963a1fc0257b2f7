#pragma once

#include "vmsystem/models/enum_names.hpp"
#include "vmsystem/models/failure.hpp"

#include <array>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace vmsystem {

/// What a token lets its owner do. None includes another.
enum class access_scope : uint8_t {
  /// Ask for what there is: every GET but that of the health.
  read = 0,
  /// Make, use and end sessions, executions and batches.
  execute = 1,
  /// Change templates.
  admin = 2,
};

template <>
struct enum_names<access_scope> {
  static constexpr std::array<std::string_view, 3> value{"read", "execute",
                                                         "admin"};
};

} // namespace vmsystem

namespace vmsystem::http {

/// The scopes with these names. Errors: validation_error, naming the one that
/// is none.
[[nodiscard]] expected<std::vector<access_scope>>
read_scopes(const std::vector<std::string>& names);

/// What a token may use at most.
struct token_limits {
  /// Stands for no limit.
  static constexpr uint32_t none = UINT32_MAX;

  /// After a pause as many at once.
  uint32_t requests_per_second = none;
  /// Executions that are queued or running.
  uint32_t executions = none;
  /// Live sessions.
  uint32_t sessions = none;

  [[nodiscard]] bool any() const noexcept {
    return requests_per_second != none || executions != none
           || sessions != none;
  }
};

/// Reads an object with some of the limits, each at least 1. Errors:
/// validation_error, invalid_request; naming the field.
[[nodiscard]] expected<token_limits> read_token_limits(std::string_view json);

/// A token that the server knows, without the token itself.
struct access_token {
  /// For messages and logs; 1 to 64 of `a-z A-Z 0-9 . _ -`.
  std::string name;
  std::vector<access_scope> scopes;
  /// The SHA-256 of the token, as 64 lower-case hexadecimal digits.
  std::string sha256;
  token_limits limits{};

  [[nodiscard]] bool permits(access_scope x) const noexcept;
};

/// The tokens of a token file: a JSON object of `name`, `scopes`, `sha256` and
/// optionally `limits` on each line. Immutable.
class access_list {
public:
  /// Errors: validation_error, naming the line, for one that is no token, a
  /// name that came before, or a file without tokens.
  [[nodiscard]] static expected<access_list> parse(std::string_view text);

  /// Finds what a client sent. The time that takes tells nothing of the known
  /// tokens: digests are compared, each of them and all of it.
  /// @returns null when it is none of them.
  [[nodiscard]] const access_token* find(std::string_view sent) const noexcept;

  [[nodiscard]] const std::vector<access_token>& tokens() const noexcept {
    return tokens_;
  }

private:
  std::vector<access_token> tokens_;
};

/// The line of a token file, with its newline.
[[nodiscard]] std::string token_line(const access_token& x);

/// The SHA-256 of `token` as a token file has it.
[[nodiscard]] std::string token_digest(std::string_view token);

/// The tokens of a server, which may be replaced while it serves.
class access_tokens {
public:
  explicit access_tokens(access_list first);

  [[nodiscard]] std::shared_ptr<const access_list> get() const noexcept;

  void set(access_list next);

private:
  std::shared_ptr<const access_list> list_;
};

/// The token of an `Authorization` field with the scheme `Bearer`; empty when
/// it has none.
[[nodiscard]] std::string_view bearer_of(std::string_view authorization);

/// Whether the name that a client wrote for this server, with or without a
/// port, is one that no foreign name server could have led here: an address,
/// `localhost`, or one of `names`. An empty one is, since browsers always send
/// theirs.
[[nodiscard]] bool is_own_host(std::string_view host,
                               const std::vector<std::string>& names);

/// Whether a page of `origin` may use this server, which the client calls
/// `host`: it is one of the server's own. No origin at all is fine.
[[nodiscard]] bool is_own_origin(std::string_view origin,
                                 std::string_view host);

} // namespace vmsystem::http
