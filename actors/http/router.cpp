#include "vmsystem/actors/http/router.hpp"

#include "vmsystem/actors/http/uri.hpp"

#include <cassert>

namespace vmsystem::http {

namespace {

/// Splits at slashes. The number of segments, or more than `N` when there are
/// more.
template <std::size_t N>
std::size_t split(std::string_view path, std::array<std::string_view, N>& out) {
  std::size_t count = 0;
  while (!path.empty()) {
    path.remove_prefix(1);
    if (count == N)
      return N + 1;
    const auto end = std::min(path.find('/'), path.size());
    out[count++] = path.substr(0, end);
    path.remove_prefix(end);
  }
  return count;
}

constexpr bool is_dot_segment(std::string_view text) noexcept {
  return text == "." || text == "..";
}

} // namespace

router::router(const std::vector<route_doc>& routes) {
  for (std::size_t i = 0; i < routes.size(); ++i) {
    const auto& doc = routes[i];
    segments parts;
    const auto count = split(doc.pattern, parts);
    assert(count <= max_segments);
    auto& bucket = resources_[count];
    resource* found = nullptr;
    for (auto& x : bucket)
      if (x.pattern == doc.pattern)
        found = &x;
    if (found == nullptr) {
      found = &bucket.emplace_back();
      found->pattern = doc.pattern;
      found->routes.fill(no_route);
      for (std::size_t k = 0; k < count; ++k)
        found->segments.push_back({parts[k], parts[k].front() == '{'});
    }
    found->routes[static_cast<std::size_t>(doc.verb)]
      = static_cast<uint16_t>(i);
  }
  for (auto& bucket : resources_) {
    for (auto& x : bucket) {
      auto& get = x.routes[static_cast<std::size_t>(method::get)];
      x.routes[static_cast<std::size_t>(method::head)] = get;
      for (std::size_t k = 0; k < method_count; ++k)
        if (x.routes[k] != no_route)
          x.allow.append(name_of(static_cast<method>(k))).append(", ");
      x.allow += name_of(method::options);
    }
  }
}

bool router::fits(const resource& x, const segments& path) {
  for (std::size_t i = 0; i < x.segments.size(); ++i) {
    const auto& wanted = x.segments[i];
    if (wanted.is_param ? path[i].empty() : path[i] != wanted.text)
      return false;
  }
  return true;
}

bool router::take_params(const resource& x, const segments& path,
                         match& result) {
  std::size_t next = 0;
  for (std::size_t i = 0; i < x.segments.size(); ++i) {
    if (!x.segments[i].is_param)
      continue;
    auto text = path[i];
    auto& storage = result.decoded[next];
    // Bytes beyond ASCII take the slow way too, which checks their encoding.
    bool plain = true;
    for (const char c : text)
      plain = plain && c != '%' && static_cast<unsigned char>(c) < 0x80;
    if (!plain) {
      auto decoded = percent_decode(text, plus_sign::itself);
      if (!decoded || decoded->find('/') != std::string::npos)
        return false;
      storage = std::move(*decoded);
      text = storage;
    }
    if (is_dot_segment(text))
      return false;
    result.params[next++] = text;
  }
  return true;
}

void router::find(method verb, std::string_view path, match& result) const {
  result.outcome = outcome::not_found;
  segments parts;
  const auto count = split(path, parts);
  if (count > max_segments)
    return;
  for (const auto& x : resources_[count]) {
    if (!fits(x, parts))
      continue;
    result.allow = x.allow;
    const auto route = x.routes[static_cast<std::size_t>(verb)];
    if (!take_params(x, parts, result)) {
      result.outcome = outcome::bad_path;
    } else if (route == no_route) {
      result.outcome = outcome::wrong_method;
    } else {
      result.outcome = outcome::found;
      result.route = route;
    }
    return;
  }
}

} // namespace vmsystem::http
