#include "vmsystem/actors/http/chunked.hpp"

#include "vmsystem/actors/http/grammar.hpp"

#include <algorithm>
#include <charconv>

namespace vmsystem::http {

void chunk_decoder::reset(uint64_t max_body_bytes) noexcept {
  state_ = state::size_line;
  left_in_chunk_ = 0;
  left_in_body_ = max_body_bytes;
  trailer_bytes_ = 0;
  line_.clear();
}

chunk_decoder::outcome chunk_decoder::decode(std::string_view& input,
                                             std::string& body) {
  for (;;) {
    auto result = outcome::need_more;
    switch (state_) {
      case state::size_line:
        result = take_line(input, max_size_line_bytes);
        if (result == outcome::done) {
          result = take_size(line_);
          line_.clear();
        }
        break;
      case state::data:
        result = take_data(input, body);
        break;
      case state::data_end:
        result = take_line(input, 0);
        if (result == outcome::done)
          state_ = state::size_line;
        break;
      case state::trailers:
        result = take_line(input, max_trailer_bytes - trailer_bytes_);
        if (result == outcome::malformed
            && line_.size() >= max_trailer_bytes - trailer_bytes_)
          return outcome::trailers_too_large;
        if (result == outcome::done) {
          if (line_.empty())
            return outcome::done;
          if (!is_field_line(line_))
            return outcome::malformed;
          trailer_bytes_ += line_.size();
          line_.clear();
        }
        break;
    }
    if (result != outcome::done)
      return result;
  }
}

chunk_decoder::outcome chunk_decoder::take_line(std::string_view& input,
                                                std::size_t max_bytes) {
  const auto end = input.find('\n');
  const auto found = end != std::string_view::npos;
  line_.append(input.substr(0, found ? end : input.size()));
  input.remove_prefix(found ? end + 1 : input.size());
  // A CR stands at the end of a line or nowhere.
  const auto cr = line_.find('\r');
  if (cr != std::string::npos && cr + 1 != line_.size())
    return outcome::malformed;
  const auto size = cr == std::string::npos ? line_.size() : cr;
  if (size > max_bytes || (found && cr == std::string::npos))
    return outcome::malformed;
  if (!found)
    return outcome::need_more;
  line_.resize(cr);
  return outcome::done;
}

chunk_decoder::outcome chunk_decoder::take_size(std::string_view line) {
  uint64_t size = 0;
  const auto* const last = line.data() + line.size();
  const auto [end, error] = std::from_chars(line.data(), last, size, 16);
  if (error == std::errc::result_out_of_range)
    return outcome::too_large;
  // `from_chars` takes a minus sign.
  if (error != std::errc{} || line.front() == '-')
    return outcome::malformed;
  const auto extension
    = line.substr(static_cast<std::size_t>(end - line.data()));
  if (!extension.empty()
      && (extension.front() != ';' || !is_field_text(extension)))
    return outcome::malformed;
  if (size > left_in_body_)
    return outcome::too_large;
  left_in_body_ -= size;
  left_in_chunk_ = size;
  state_ = size == 0 ? state::trailers : state::data;
  return outcome::done;
}

chunk_decoder::outcome chunk_decoder::take_data(std::string_view& input,
                                                std::string& body) {
  const auto size = static_cast<std::size_t>(
    std::min<uint64_t>(left_in_chunk_, input.size()));
  body.append(input.substr(0, size));
  input.remove_prefix(size);
  left_in_chunk_ -= size;
  if (left_in_chunk_ != 0)
    return outcome::need_more;
  state_ = state::data_end;
  return outcome::done;
}

} // namespace vmsystem::http
