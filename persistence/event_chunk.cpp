#include "vmsystem/persistence/event_chunk.hpp"

#include <algorithm>

namespace vmsystem {

void append_document(std::string& array, std::string_view documents) {
  if (array.size() > 1)
    array += event_separator;
  array += documents;
}

uint32_t count_events(std::string_view chunk) noexcept {
  if (chunk.empty())
    return 0;
  return static_cast<uint32_t>(std::count(chunk.begin(), chunk.end(), '\n'))
         + 1;
}

event_slice slice_events(std::string_view chunk, uint32_t skip,
                         uint32_t limit) noexcept {
  for (; skip > 0; --skip) {
    const auto newline = chunk.find('\n');
    if (newline == std::string_view::npos)
      return {};
    chunk.remove_prefix(newline + 1);
  }
  if (limit == 0)
    return {chunk, count_events(chunk)};
  std::size_t end = 0;
  for (uint32_t count = 1; !chunk.empty(); ++count) {
    const auto newline = chunk.find('\n', end);
    if (newline == std::string_view::npos)
      return {chunk, count};
    if (count == limit)
      return {chunk.substr(0, newline + 1 - event_separator.size()), count};
    end = newline + 1;
  }
  return {};
}

} // namespace vmsystem
