#pragma once

#include "vmsystem/actors/http/message.hpp"
#include "vmsystem/actors/http/router.hpp"
#include "vmsystem/models/bucket_histogram.hpp"
#include "vmsystem/models/metrics_text.hpp"

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <string_view>
#include <vector>

namespace vmsystem::http {

/// Counts answers by route, method and status. Paths and ids are not among the
/// labels, so their number is bounded.
class counters {
public:
  struct status_count {
    uint16_t status;
    uint64_t count;
  };

  /// @param routes outlive this.
  explicit counters(const std::vector<route_doc>& routes);

  /// Stands for requests that fit no route.
  [[nodiscard]] std::size_t no_route() const noexcept {
    return routes_.size();
  }

  /// Counts an answer.
  /// @param route an index of the routes, or `no_route()`.
  /// @param taken from the end of the request's header to the begin of the
  ///        answer.
  void count(std::size_t route, method verb, uint16_t status,
             std::chrono::nanoseconds taken);

  /// Counts an answer to something that could not be read as a request.
  void count_malformed(uint16_t status);

  void write(metrics_text& to) const;

private:
  /// What came with one method on one route.
  struct line {
    method verb;
    std::vector<status_count> statuses;
    duration_histogram taken_us{duration_ends_us};
  };

  line& line_of(std::size_t route, method verb);
  [[nodiscard]] std::string_view pattern(std::size_t route) const noexcept;

  const std::vector<route_doc>& routes_;
  /// By route; the last element is that of no route.
  std::vector<std::vector<line>> lines_;
  std::vector<status_count> malformed_;
};

} // namespace vmsystem::http
