#include "vmsystem/actors/http/access.hpp"

#include "vmsystem/actors/http/grammar.hpp"
#include "vmsystem/models/ascii.hpp"
#include "vmsystem/models/json_reader.hpp"
#include "vmsystem/models/json_writer.hpp"
#include "vmsystem/models/text.hpp"

#include <algorithm>
#include <atomic>
#include <utility>

#include <arpa/inet.h>
#include <openssl/crypto.h>
#include <openssl/evp.h>

namespace vmsystem::http {

namespace {

constexpr std::size_t max_name_bytes = 64;
constexpr std::size_t digest_digits = 64;

/// The limits with their names.
struct named_limit {
  std::string_view name;
  uint32_t token_limits::*value;
};

constexpr std::array limit_names{
  named_limit{"requests_per_second", &token_limits::requests_per_second},
  named_limit{"executions", &token_limits::executions},
  named_limit{"sessions", &token_limits::sessions},
};

bool is_name(std::string_view text) {
  constexpr std::string_view punctuation = "._-";
  return !text.empty() && text.size() <= max_name_bytes
         && std::all_of(text.begin(), text.end(), [&](char c) {
              return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z')
                     || (c >= '0' && c <= '9')
                     || punctuation.find(c) != std::string_view::npos;
            });
}

bool is_digest(std::string_view text) {
  return text.size() == digest_digits
         && text.find_first_not_of("0123456789abcdef")
              == std::string_view::npos;
}

expected<token_limits> read_limits(simdjson::dom::element from,
                                   const json_place& place) {
  token_limits x;
  if (auto outcome = read_object(
        from, place,
        field("requests_per_second", x.requests_per_second, presence::optional),
        field("executions", x.executions, presence::optional),
        field("sessions", x.sessions, presence::optional));
      !outcome)
    return outcome.error();
  const auto parent = place.to_string();
  for (const auto& limit : limit_names)
    if (x.*limit.value == 0)
      return bad_value({parent, limit.name}, "must be at least 1");
  return x;
}

expected<access_token> read_token(std::string_view line) {
  auto root = parse_json(line);
  if (!root)
    return root.error();
  access_token x;
  std::vector<std::string> scopes;
  if (auto outcome
      = read_object(root.value(), json_place{}, field("name", x.name),
                    field("scopes", scopes), field("sha256", x.sha256),
                    field("limits", x.limits, presence::optional));
      !outcome)
    return outcome.error();
  if (!is_name(x.name))
    return bad_value({{}, "name"}, "must be 1 to 64 letters, digits, dots, "
                                   "underscores or hyphens");
  if (!is_digest(x.sha256))
    return bad_value({{}, "sha256"},
                     "must be 64 lower-case hexadecimal digits");
  auto known = read_scopes(scopes);
  if (!known)
    return bad_value({{}, "scopes"}, known.error().message);
  x.scopes = std::move(known).value();
  return x;
}

bool is_address(const std::string& text) {
  in6_addr room{};
  return inet_pton(AF_INET, text.c_str(), &room) == 1
         || inet_pton(AF_INET6, text.c_str(), &room) == 1;
}

/// Without the port, and an IPv6 address without its brackets.
std::string_view host_name(std::string_view host) {
  if (!host.empty() && host.front() == '[') {
    const auto end = host.find(']');
    return end == std::string_view::npos ? std::string_view{}
                                         : host.substr(1, end - 1);
  }
  return host.substr(0, host.find(':'));
}

} // namespace

// Found by the reader of fields, by the type of what it reads.
static expected<void> read_value(simdjson::dom::element from,
                                 const json_place& place, token_limits& to) {
  auto limits = read_limits(from, place);
  if (!limits)
    return limits.error();
  to = limits.value();
  return success();
}

expected<token_limits> read_token_limits(std::string_view json) {
  auto root = parse_json(json);
  return root ? read_limits(root.value(), json_place{}) : root.error();
}

expected<std::vector<access_scope>>
read_scopes(const std::vector<std::string>& names) {
  std::vector<access_scope> result;
  for (const auto& name : names) {
    const auto scope = value_of<access_scope>(name);
    if (!scope)
      return fail(ec::validation_error,
                  '"' + name + "\" is none of " + all_names<access_scope>());
    result.push_back(*scope);
  }
  return result;
}

bool access_token::permits(access_scope x) const noexcept {
  return std::find(scopes.begin(), scopes.end(), x) != scopes.end();
}

expected<access_list> access_list::parse(std::string_view text) {
  access_list result;
  const auto at_line = [](int number, const std::string& why) {
    return fail(ec::validation_error,
                "line " + std::to_string(number) + ": " + why);
  };
  for (int number = 1; !text.empty(); ++number) {
    const auto line = cut(text, '\n');
    if (line.empty())
      continue;
    auto token = read_token(line);
    if (!token)
      return at_line(number, token.error().message);
    for (const auto& known : result.tokens_)
      if (known.name == token.value().name)
        return at_line(number, "the name \"" + known.name + "\" came before");
    result.tokens_.push_back(std::move(token).value());
  }
  if (result.tokens_.empty())
    return fail(ec::validation_error, "there is no token in it");
  return result;
}

const access_token* access_list::find(std::string_view sent) const noexcept {
  const auto digest = token_digest(sent);
  const access_token* result = nullptr;
  for (const auto& token : tokens_)
    if (digest.size() == digest_digits
        && CRYPTO_memcmp(digest.data(), token.sha256.data(), digest_digits)
             == 0)
      result = &token;
  return result;
}

std::string token_line(const access_token& x) {
  json_writer writer;
  writer.begin_object();
  writer.key("name");
  writer.value(std::string_view{x.name});
  writer.key("scopes");
  writer.begin_array();
  for (const auto scope : x.scopes)
    writer.value(name_of(scope));
  writer.end_array();
  writer.key("sha256");
  writer.value(std::string_view{x.sha256});
  if (x.limits.any()) {
    writer.key("limits");
    writer.begin_object();
    for (const auto& limit : limit_names)
      if (x.limits.*limit.value != token_limits::none) {
        writer.key(limit.name);
        writer.value(x.limits.*limit.value);
      }
    writer.end_object();
  }
  writer.end_object();
  return writer.text() + '\n';
}

std::string token_digest(std::string_view token) {
  std::array<unsigned char, EVP_MAX_MD_SIZE> digest{};
  unsigned int size = 0;
  if (EVP_Digest(token.data(), token.size(), digest.data(), &size, EVP_sha256(),
                 nullptr)
      != 1)
    return {};
  std::string result;
  append_hex(result, {reinterpret_cast<const char*>(digest.data()), size});
  return result;
}

access_tokens::access_tokens(access_list first)
  : list_{std::make_shared<const access_list>(std::move(first))} {}

std::shared_ptr<const access_list> access_tokens::get() const noexcept {
  return std::atomic_load(&list_);
}

void access_tokens::set(access_list next) {
  std::atomic_store(&list_,
                    std::make_shared<const access_list>(std::move(next)));
}

std::string_view bearer_of(std::string_view authorization) {
  constexpr std::string_view scheme = "bearer ";
  if (!equals_any_case(authorization.substr(0, scheme.size()), scheme))
    return {};
  authorization.remove_prefix(scheme.size());
  const auto begin = authorization.find_first_not_of(' ');
  return begin == std::string_view::npos ? std::string_view{}
                                         : authorization.substr(begin);
}

bool is_own_host(std::string_view host, const std::vector<std::string>& names) {
  const auto name = host_name(host);
  return host.empty() || equals_any_case(name, "localhost")
         || is_address(std::string{name})
         || std::any_of(names.begin(), names.end(), [&](const auto& own) {
              return equals_any_case(name, own);
            });
}

bool is_own_origin(std::string_view origin, std::string_view host) {
  constexpr std::string_view behind_scheme = "://";
  if (origin.empty())
    return true;
  const auto at = origin.find(behind_scheme);
  if (at == std::string_view::npos || host.empty())
    return false;
  const auto site = origin.substr(at + behind_scheme.size());
  return std::equal(site.begin(), site.end(), host.begin(), host.end(),
                    [](char a, char b) {
                      return lower_case(a) == lower_case(b);
                    });
}

} // namespace vmsystem::http
