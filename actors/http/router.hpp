#pragma once

#include "vmsystem/actors/http/message.hpp"

#include <array>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace vmsystem::http {

/// What the documents say of one route.
struct route_doc {
  http::method verb = method::get;
  /// As in `/api/v1/sessions/{session_id}`: a segment in braces stands for any
  /// one segment.
  std::string_view pattern;
  /// One line for the documents.
  std::string_view summary;
};

/// Finds the route of a request.
class router {
public:
  /// Segments in braces that a pattern can have at most.
  static constexpr std::size_t max_params = 2;

  enum class outcome : uint8_t {
    found,
    /// No pattern fits.
    not_found,
    /// A pattern fits, but none of its routes has the method.
    wrong_method,
    /// The path has a malformed escape, an encoded slash or a dot segment.
    bad_path,
  };

  struct match {
    router::outcome outcome = outcome::not_found;
    /// Index of the route, when it was found.
    std::size_t route = 0;
    /// The value of `Allow`, when a pattern fits.
    std::string_view allow;
    /// The segments in braces, decoded; they refer to the path or to
    /// `decoded`.
    std::array<std::string_view, max_params> params;
    std::array<std::string, max_params> decoded;
  };

  explicit router(const std::vector<route_doc>& routes);

  /// Finds the route of `path`, which is still percent-encoded. HEAD finds the
  /// route of GET. `path` must outlive `result`.
  void find(method verb, std::string_view path, match& result) const;

private:
  static constexpr std::size_t max_segments = 8;
  static constexpr std::size_t method_count = 7;
  static constexpr uint16_t no_route = UINT16_MAX;

  struct segment {
    std::string_view text;
    bool is_param = false;
  };

  /// All routes with the same pattern.
  struct resource {
    std::string_view pattern;
    std::vector<segment> segments;
    std::array<uint16_t, method_count> routes{};
    std::string allow;
  };

  using segments = std::array<std::string_view, max_segments>;

  static bool fits(const resource& x, const segments& path);
  static bool take_params(const resource& x, const segments& path,
                          match& result);

  /// Resources by their number of segments.
  std::array<std::vector<resource>, max_segments + 1> resources_;
};

} // namespace vmsystem::http
