#pragma once

#include "vmsystem/actors/http/connection.hpp"
#include "vmsystem/models/failure.hpp"

#include <cstdint>
#include <string>

namespace vmsystem {

/// Names a request of a connection, which may be gone when its answer comes.
struct http_call {
  uint64_t connection = 0;
  uint64_t number = 0;
};

/// In the order of connections, so that the calls of one stand together.
[[nodiscard]] inline bool operator<(http_call x, http_call y) noexcept {
  return x.connection != y.connection ? x.connection < y.connection
                                      : x.number < y.number;
}

/// A request whose body comes in pieces, or whose answer is sent in parts. The
/// gateway has it from `gateway_state::attach()` until it is answered to the
/// end or cannot be answered any more.
class http_stream {
public:
  virtual ~http_stream() = default;

  /// Takes the piece of the body that it asked for.
  virtual void on_piece(std::string piece, bool last);

  /// The body ends before its end; answer with `reason`.
  virtual void on_broken_body(const http::read_failure& reason);

  /// The answer has room, for which it had been asked in vain.
  virtual void on_room();

  /// A tick of the gateway's clock.
  virtual void on_tick(http::time_point now);

  /// The gateway is about to end: come to an end soon.
  virtual void on_drain();

  /// The runtime cannot do its part any more; answer with `reason`.
  virtual void on_failure(const failure& reason) = 0;

  /// The client is gone, and so is the request.
  virtual void on_gone() = 0;
};

inline void http_stream::on_piece(std::string, bool) {}
inline void http_stream::on_broken_body(const http::read_failure&) {}
inline void http_stream::on_room() {}
inline void http_stream::on_tick(http::time_point) {}
inline void http_stream::on_drain() {}

} // namespace vmsystem
