#include "vmsystem/actors/http/counters.hpp"

#include <string>

namespace vmsystem::http {

namespace {

std::string_view label_of(method verb) noexcept {
  return verb == method::other ? "other" : name_of(verb);
}

void add_status(std::vector<counters::status_count>& to, uint16_t status) {
  for (auto& x : to)
    if (x.status == status) {
      ++x.count;
      return;
    }
  to.push_back({status, 1});
}

} // namespace

counters::counters(const std::vector<route_doc>& routes)
  : routes_{routes}, lines_(routes.size() + 1) {}

counters::line& counters::line_of(std::size_t route, method verb) {
  auto& lines = lines_[route];
  for (auto& x : lines)
    if (x.verb == verb)
      return x;
  return lines.emplace_back(line{verb, {}});
}

void counters::count(std::size_t route, method verb, uint16_t status,
                     std::chrono::nanoseconds taken) {
  using std::chrono::microseconds;
  const auto us = std::chrono::duration_cast<microseconds>(taken).count();
  auto& x = line_of(route, verb);
  add_status(x.statuses, status);
  x.taken_us.add(us > 0 ? static_cast<uint64_t>(us) : 0);
}

void counters::count_malformed(uint16_t status) {
  add_status(malformed_, status);
}

std::string_view counters::pattern(std::size_t route) const noexcept {
  return route < routes_.size() ? routes_[route].pattern : "none";
}

void counters::write(metrics_text& to) const {
  to.family("vm_system_http_requests_total", metric_type::counter,
            "Requests that were answered, by pattern of the route, method and "
            "status.");
  for (std::size_t i = 0; i < lines_.size(); ++i)
    for (const auto& x : lines_[i])
      for (const auto& [status, count] : x.statuses)
        to.sample(count, {{"route", pattern(i)},
                          {"method", label_of(x.verb)},
                          {"code", std::to_string(status)}});
  to.family("vm_system_http_malformed_total", metric_type::counter,
            "Answers to what was no request that could be read, by status.");
  for (const auto& [status, count] : malformed_)
    to.sample(count, {{"code", std::to_string(status)}});
  to.family("vm_system_http_request_seconds", metric_type::histogram,
            "From the end of a request's header to the begin of its answer.",
            metric_unit::microseconds);
  for (std::size_t i = 0; i < lines_.size(); ++i)
    for (const auto& x : lines_[i])
      to.histogram(x.taken_us,
                   {{"route", pattern(i)}, {"method", label_of(x.verb)}});
}

} // namespace vmsystem::http
