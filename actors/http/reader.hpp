#pragma once

#include "vmsystem/actors/http/chunked.hpp"
#include "vmsystem/actors/http/message.hpp"

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>

namespace vmsystem::http {

/// The bounds of one request.
struct reader_limits {
  /// Bytes of the request target.
  uint32_t max_target_bytes = 8 * 1024;
  /// Number of header fields.
  uint32_t max_fields = 100;
  /// Bytes of all header lines behind the request line.
  uint32_t max_header_bytes = 16 * 1024;
  /// Bytes of a body that is taken whole, decoded.
  uint32_t max_body_bytes = 8 * 1024 * 1024;
  /// Bytes of one piece of a body that is taken in pieces, decoded.
  uint32_t max_piece_bytes = 1024 * 1024;
};

/// Reads requests from a stream of bytes, one after the other. Strict: what
/// two readers could understand in two ways is refused, and after a refusal
/// nothing more can be read from the stream.
class request_reader {
public:
  enum class outcome : uint8_t {
    /// All that can be taken was taken.
    need_more,
    /// `current()` is there but for its body; `take_whole()` or
    /// `take_pieces()` says how that is read.
    header,
    /// `current()` is there; `next()` goes on behind it.
    complete,
    /// See `error()`.
    failed,
  };

  /// Which part of a request comes next.
  enum class part : uint8_t { header, body };

  explicit request_reader(const reader_limits& limits) : limits_{&limits} {}

  /// Takes bytes from the front of `input`. What it leaves must be presented
  /// again, with more behind it. Bytes of a header are left until it is
  /// complete.
  outcome read(std::string_view& input);

  /// The request. Views are valid until `next()`, and only as long as the bytes
  /// presented to `read()`.
  [[nodiscard]] request current() const noexcept;

  /// The body is read to its end, within the limit.
  /// @returns `failed` when its length is known to exceed the limit.
  outcome take_whole();

  /// The body is read in pieces, however long it is.
  void take_pieces() noexcept;

  /// What was read of the body since the last call. Only for pieces.
  [[nodiscard]] std::string take_piece() noexcept {
    return std::exchange(pieces_, {});
  }

  /// Bytes that the next piece has so far.
  [[nodiscard]] std::size_t piece_bytes() const noexcept {
    return pieces_.size();
  }

  /// Forgets the current request.
  void next();

  [[nodiscard]] part reading() const noexcept {
    return part_;
  }

  /// Whether the client waits for `100 Continue` before it sends the body.
  [[nodiscard]] bool wants_continue() const noexcept {
    return wants_continue_;
  }

  /// Notes that `100 Continue` was sent.
  void continue_sent() noexcept {
    wants_continue_ = false;
  }

  /// Why the last `read()` failed.
  [[nodiscard]] const read_failure& error() const noexcept {
    return error_;
  }

private:
  outcome fail_with(uint16_t status, ec code, std::string message);
  outcome read_header(std::string_view& input);
  outcome body_too_large();
  outcome check_line(std::string_view line);
  outcome parse_header(std::string_view header);
  outcome read_sized_body(std::string_view& input);
  outcome read_chunked_body(std::string_view& input);
  outcome read_piece(std::string_view& input);

  const reader_limits* limits_;
  part part_ = part::header;

  // While the header is incomplete: where its next line begins in the input,
  // how many bytes of that line were searched, and what was counted.
  std::size_t line_begin_ = 0;
  std::size_t searched_ = 0;
  std::size_t header_begin_ = 0;
  std::size_t fields_begin_ = 0;
  uint32_t lines_ = 0;
  uint32_t empty_lines_ = 0;

  // The current request.
  method verb_ = method::other;
  bool http11_ = true;
  bool keep_alive_ = true;
  bool chunked_ = false;
  bool wants_continue_ = false;
  bool in_pieces_ = false;
  uint64_t left_in_body_ = 0;
  std::string target_;
  std::string host_;
  std::string origin_;
  std::string authorization_;
  std::string request_id_;
  std::string accept_;
  std::string content_type_;
  std::string prefer_;
  std::string idempotency_key_;
  std::string last_event_id_;
  /// The body: in the input when it came at once, else in `pieces_`.
  std::string_view body_;
  std::string pieces_;
  chunk_decoder chunks_;

  read_failure error_;
};

} // namespace vmsystem::http
