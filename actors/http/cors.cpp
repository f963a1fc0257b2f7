#include "vmsystem/actors/http/cors.hpp"

#include "vmsystem/actors/http/grammar.hpp"
#include "vmsystem/models/ascii.hpp"

#include <algorithm>

namespace vmsystem::http {

namespace {

/// How long a browser may remember what pages may send, in seconds.
constexpr std::string_view max_age_s = "600";

bool is_scheme(std::string_view text) {
  return !text.empty() && text.front() >= 'a' && text.front() <= 'z'
         && std::all_of(text.begin(), text.end(), [](char c) {
              return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9')
                     || c == '+' || c == '-' || c == '.';
            });
}

bool is_site(std::string_view text) {
  return !text.empty() && is_host(text)
         && text.find_first_of("*,;'&()!$%+=~") == std::string_view::npos;
}

/// Whether the port is the scheme's own, which browsers leave out.
bool names_own_port(std::string_view scheme, std::string_view site) {
  const auto ends = [site](std::string_view port) {
    return site.size() > port.size()
           && site.substr(site.size() - port.size()) == port;
  };
  return (scheme == "http" && ends(":80"))
         || (scheme == "https" && ends(":443"));
}

} // namespace

expected<std::string> read_origin(std::string_view text) {
  constexpr std::string_view behind_scheme = "://";
  std::string origin{text};
  std::transform(origin.begin(), origin.end(), origin.begin(), lower_case);
  const std::string_view view{origin};
  const auto at = view.find(behind_scheme);
  const auto scheme = view.substr(0, at);
  if (at == std::string_view::npos || !is_scheme(scheme)
      || !is_site(view.substr(at + behind_scheme.size())))
    return fail(ec::validation_error,
                "`" + std::string{text}
                  + "` is not an origin, such as https://example.org or "
                    "http://localhost:8080");
  if (names_own_port(scheme, view.substr(at + behind_scheme.size())))
    return fail(ec::validation_error,
                "`" + std::string{text}
                  + "` has the port that browsers leave out: leave it out too");
  return origin;
}

bool is_allowed_origin(std::string_view origin,
                       const std::vector<std::string>& allowed) {
  return std::any_of(allowed.begin(), allowed.end(), [&](const auto& one) {
    return equals_any_case(origin, one);
  });
}

std::string cors_lines(std::string_view origin) {
  std::string lines = "Access-Control-Allow-Origin: ";
  lines.append(origin).append(
    "\r\nAccess-Control-Expose-Headers: Allow, Link, Location, "
    "Preference-Applied, Retry-After, X-Next-Cursor, X-Request-Id\r\n");
  return lines;
}

std::string preflight_lines(std::string_view methods) {
  std::string lines = "Access-Control-Allow-Methods: ";
  lines.append(methods)
    .append("\r\nAccess-Control-Allow-Headers: Accept, Authorization, "
            "Content-Type, Idempotency-Key, Last-Event-ID, Prefer, "
            "X-Request-Id\r\nAccess-Control-Max-Age: ")
    .append(max_age_s)
    .append("\r\n");
  return lines;
}

} // namespace vmsystem::http
