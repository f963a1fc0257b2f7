#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace vmsystem::http {

/// Decodes the chunked transfer coding strictly and in any pieces. Extensions
/// and trailers are checked for their form and dropped.
class chunk_decoder {
public:
  enum class outcome : uint8_t {
    need_more,
    done,
    /// Not the chunked coding.
    malformed,
    /// More than the body may have.
    too_large,
    /// Trailers beyond their bounds.
    trailers_too_large,
  };

  /// Bytes of one line of sizes and extensions.
  static constexpr std::size_t max_size_line_bytes = 1024;
  /// Bytes of all trailers.
  static constexpr std::size_t max_trailer_bytes = 8192;

  /// Begins a body of at most `max_body_bytes`.
  void reset(uint64_t max_body_bytes) noexcept;

  /// Takes bytes from the front of `input` and appends the data to `body`.
  outcome decode(std::string_view& input, std::string& body);

private:
  enum class state : uint8_t { size_line, data, data_end, trailers };

  /// Moves bytes of one line to `line_`, without its CRLF.
  outcome take_line(std::string_view& input, std::size_t max_bytes);
  outcome take_size(std::string_view line);
  outcome take_data(std::string_view& input, std::string& body);

  state state_ = state::size_line;
  uint64_t left_in_chunk_ = 0;
  uint64_t left_in_body_ = 0;
  std::size_t trailer_bytes_ = 0;
  std::string line_;
};

} // namespace vmsystem::http
