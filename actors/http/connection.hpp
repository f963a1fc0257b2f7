#pragma once

#include "vmsystem/actors/http/message.hpp"
#include "vmsystem/actors/http/reader.hpp"

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace vmsystem::http {

using time_point = std::chrono::steady_clock::time_point;
using milliseconds = std::chrono::milliseconds;

/// The bounds of one connection.
struct connection_limits {
  reader_limits request;
  /// From the first byte of a request to the end of its header.
  milliseconds header_timeout{10000};
  /// From the end of the header to the end of the body; for a body in pieces,
  /// the time in which nothing of it comes though it is read.
  milliseconds body_timeout{30000};
  /// Between requests.
  milliseconds idle_timeout{75000};
  /// Without progress while an answer is being sent.
  milliseconds write_timeout{30000};
  /// After the last answer, until the client closes its side too.
  milliseconds linger_timeout{2000};
  /// Requests that may be unanswered at any time; more are not read.
  uint32_t max_in_flight = 32;
  /// Bytes of answers above which nothing more is read.
  uint32_t max_unsent_bytes = 1024 * 1024;
  /// Bytes of answers above which a streamed answer is not asked for more.
  uint32_t max_stream_unsent_bytes = 256 * 1024;
  /// Bytes that are taken and dropped after the last answer, so that the
  /// client sees the answer and not a reset.
  uint32_t max_dropped_bytes = 16 * 1024 * 1024;
};

/// What the connections of a server share.
struct connection_context {
  connection_limits limits;
  /// The value of `Date`.
  std::string date;
};

/// What is remembered of a request for when it is answered.
struct request_mark {
  /// An index of the server's routes, or one behind them for none.
  std::size_t route = 0;
  method verb = method::other;
  /// When it was handed over.
  time_point since;
};

class connection;

/// Takes the requests of a connection. Every one must be answered once, at
/// once or later, in any order.
class request_sink {
public:
  virtual ~request_sink() = default;

  /// Whether the body of `x`, of which only the header has come, is taken in
  /// pieces, so that it may have any length.
  virtual bool takes_pieces(const request& x) = 0;

  /// Takes request number `number` of `from`; the views of `x` are valid only
  /// during the call.
  virtual void on_request(connection& from, uint64_t number, const request& x)
    = 0;

  /// Takes a piece of a request's body, which was asked for with
  /// `want_piece()`. Only the last one can be empty.
  virtual void on_piece(connection& from, uint64_t number, std::string piece,
                        bool last)
    = 0;

  /// The body of a request ends before its end: the client left, was too slow
  /// or sent something else. No further piece comes; the request is still to be
  /// answered, and the connection ends with that answer.
  virtual void on_broken_body(connection& from, uint64_t number,
                              const read_failure& reason)
    = 0;

  /// A streamed answer has room again; see `connection::has_room()`.
  virtual void on_room(connection& from, uint64_t number) = 0;

  /// The connection itself answers something that could not be read, with this
  /// status. Only those who count need it.
  virtual void on_malformed(uint16_t) {}
};

/// One client: bytes in, requests out, answers in, bytes out, in the order of
/// the requests. Knows neither sockets nor clocks. Not thread-safe.
///
/// A body in pieces is read no faster than it is taken: beside the piece that
/// somebody has, at most one more is gathered; then nothing more is read. A
/// streamed answer is written no faster than the client reads.
class connection {
public:
  connection(const connection_context& context, uint64_t id, time_point now);

  /// Identifies the connection among those of its server.
  [[nodiscard]] uint64_t id() const noexcept {
    return id_;
  }

  /// Takes what the client sent, and hands over complete requests.
  void receive(std::string_view bytes, time_point now, request_sink& sink);

  /// Notes that the client will send no more. What it asked for is answered.
  void receive_end(time_point now, request_sink& sink);

  /// Asks for the next piece of the body of request `number`.
  void want_piece(uint64_t number, time_point now, request_sink& sink);

  /// Answers request `number`. Ignored when it was answered before, wholly or
  /// in part. May hand over requests that had to wait. When its body has not
  /// come to its end, the rest is not read and the connection ends.
  void answer(uint64_t number, const response& x, time_point now,
              request_sink& sink);

  /// Adds header lines, each with its CRLF, to whatever request `number` will
  /// be answered with.
  void add_headers(uint64_t number, std::string_view lines);

  /// Begins to answer request `number`; the body of `x` is not looked at.
  /// Ignored as `answer()` is.
  void begin_answer(uint64_t number, const response& x);

  /// Adds to an answer that was begun.
  void add_to_answer(uint64_t number, std::string_view data);

  /// Ends an answer that was begun.
  void end_answer(uint64_t number, time_point now, request_sink& sink);

  /// Whether an answer to request `number` could be added to now. If not,
  /// `on_room()` is called once when it can.
  [[nodiscard]] bool has_room(uint64_t number) noexcept;

  /// Sets when request `number` is overdue, if it is not yet answered.
  void expect_answer(uint64_t number, time_point deadline);

  /// Remembers `x` for request `number`, if it is not yet answered.
  void mark(uint64_t number, const request_mark& x);

  /// What was remembered for request `number`; null when its answer was begun
  /// or nothing was remembered.
  [[nodiscard]] const request_mark* mark_of(uint64_t number) noexcept;

  /// What the answer to request `number` has as `X-Request-Id`; empty when it
  /// is answered.
  [[nodiscard]] std::string request_id_of(uint64_t number);

  /// Bytes to send.
  [[nodiscard]] std::string_view output() const noexcept {
    return std::string_view{output_}.substr(sent_);
  }

  /// Notes that bytes of `output()` were sent. May hand over requests that had
  /// to wait.
  void sent(std::size_t bytes, time_point now, request_sink& sink);

  /// Whether bytes of the client should be read.
  [[nodiscard]] bool wants_read() const noexcept;

  /// Whether everything was sent and the sending side should be shut down.
  [[nodiscard]] bool wants_shutdown() const noexcept {
    return phase_ == phase::closing && sent_ == output_.size() && !peer_ended_;
  }

  /// Notes that the sending side was shut down.
  void shutdown_done(time_point now);

  /// Whether the socket should be closed.
  [[nodiscard]] bool finished() const noexcept;

  /// Lets the time limits act. Overdue requests are added to `overdue`.
  void tick(time_point now, std::vector<uint64_t>& overdue, request_sink& sink);

  /// Takes no further requests; closes when all are answered.
  void drain(time_point now);

  /// Adds the numbers of the requests that nobody has answered.
  void list_unanswered(std::vector<uint64_t>& numbers);

  /// Bytes of requests that are not complete and of answers that were not
  /// sent. Other requests belong to whoever took them.
  [[nodiscard]] std::size_t buffered_bytes() const noexcept;

  /// Gives up what it holds, for lack of memory: a body that is coming is
  /// refused with 503, and a client that does not read its answers is cut.
  void shed(time_point now, request_sink& sink);

  /// Requests whose answers are not yet in the output.
  [[nodiscard]] std::size_t in_flight() const noexcept {
    return slot_count_;
  }

private:
  /// A buffer above this gives its memory back when it becomes empty.
  static constexpr std::size_t kept_buffer_bytes = 64 * 1024;

  static void clear_buffer(std::string& buffer);

  enum class phase : uint8_t {
    /// Requests are read and answered.
    open,
    /// The last request was read; its answer ends the connection.
    last_answers,
    /// The last answer is in the output.
    closing,
    /// The sending side is shut down; what comes is dropped.
    lingering,
    /// Nothing more can be done.
    broken,
  };

  /// What the client is waited for.
  enum class waiting : uint8_t { nothing, request, header, body };

  /// One request that has been read and whose answer is not in the output.
  struct slot {
    bool ready = false;
    /// Whether the answer was begun and is not yet `ready`.
    bool begun = false;
    bool chunked = false;
    bool wants_room = false;
    bool close = false;
    bool head_only = false;
    bool http11 = true;
    time_point deadline = time_point::max();
    std::optional<request_mark> mark;
    std::string request_id;
    std::string headers;
    /// What there is of the answer, when an earlier one is missing.
    std::string rendered;
  };

  slot& slot_at(std::size_t index) noexcept {
    return slots_[(first_slot_ + index) & (slots_.size() - 1)];
  }
  const slot& slot_at(std::size_t index) const noexcept {
    return slots_[(first_slot_ + index) & (slots_.size() - 1)];
  }
  std::size_t unsent_bytes() const noexcept {
    return output_.size() - sent_;
  }
  bool has_stream_room() const noexcept {
    return unsent_bytes() <= context_->limits.max_stream_unsent_bytes;
  }
  /// The slot of a request that is not wholly answered; null when there is
  /// none.
  slot* unanswered(uint64_t number) noexcept;
  slot& push_slot();
  void pop_slot();
  bool takes_input() const noexcept;
  bool may_parse() const noexcept;
  void pump(time_point now, request_sink& sink);
  void parse(std::string_view& input, request_sink& sink);
  bool parse_kept_input(request_sink& sink);
  /// @returns false when the body is too large.
  bool choose_body(request_sink& sink);
  void take_request(request_sink& sink);
  bool hand_over_piece(request_sink& sink);
  bool offer_room(request_sink& sink);
  void offer_continue();
  void break_body(const read_failure& error, request_sink& sink);
  void stop_receiving();
  void refuse(const read_failure& error, request_sink& sink);
  response_frame frame_of(const slot& s) const noexcept;
  void close_behind_last(uint64_t number, slot& s) const noexcept;
  std::string& out_of(slot& s) noexcept;
  void finish_answer(slot& s, time_point now, request_sink& sink);
  void after_pop();
  void note_waiting(time_point now);

  const connection_context* context_;
  uint64_t id_;
  request_reader reader_;
  phase phase_ = phase::open;
  bool peer_ended_ = false;
  /// Whether the sink is being called.
  bool calling_ = false;

  /// The request whose body comes in pieces; 0 when there is none.
  uint64_t receiving_ = 0;
  bool body_complete_ = false;
  bool piece_wanted_ = false;

  /// Bytes that were received and not yet read.
  std::string input_;
  std::string output_;
  std::size_t sent_ = 0;

  /// A ring whose size is a power of two.
  std::vector<slot> slots_;
  std::size_t first_slot_ = 0;
  std::size_t slot_count_ = 0;
  /// Number of the request in the first slot.
  uint64_t first_number_ = 1;

  waiting waiting_ = waiting::request;
  /// The request that is waited for.
  uint64_t waiting_number_ = 1;
  time_point waiting_since_;
  /// Since when bytes are waiting to be sent without progress.
  time_point unsent_since_;
  bool has_unsent_ = false;
  time_point lingering_since_;
  uint64_t dropped_bytes_ = 0;
};

} // namespace vmsystem::http
