#pragma once

#include "vmsystem/actors/http/message.hpp"
#include "vmsystem/actors/http/reader.hpp"

#include <chrono>
#include <cstdint>
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
  /// From the end of the header to the end of the body.
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

class connection;

/// Takes the requests of a connection. Every one must be answered once, at
/// once or later, in any order.
class request_sink {
public:
  virtual ~request_sink() = default;

  /// Takes request number `number` of `from`; the views of `x` are valid only
  /// during the call.
  virtual void on_request(connection& from, uint64_t number, const request& x)
    = 0;
};

/// One client: bytes in, requests out, answers in, bytes out, in the order of
/// the requests. Knows neither sockets nor clocks. Not thread-safe.
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
  void receive_end(time_point now);

  /// Answers request `number`. Ignored when it was answered before. May hand
  /// over requests that had to wait.
  void answer(uint64_t number, const response& x, time_point now,
              request_sink& sink);

  /// Sets when request `number` is overdue, if it is not yet answered.
  void expect_answer(uint64_t number, time_point deadline);

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
  void tick(time_point now, std::vector<uint64_t>& overdue);

  /// Takes no further requests; closes when all are answered.
  void drain(time_point now);

  /// Adds the numbers of the requests that nobody has answered.
  void list_unanswered(std::vector<uint64_t>& numbers);

  /// Requests whose answers are not yet in the output.
  [[nodiscard]] std::size_t in_flight() const noexcept {
    return slot_count_;
  }

private:
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
    bool close = false;
    bool head_only = false;
    bool http11 = true;
    time_point deadline = time_point::max();
    std::string request_id;
    /// The answer, when an earlier one is missing.
    std::string rendered;
  };

  slot& slot_at(std::size_t index) noexcept {
    return slots_[(first_slot_ + index) & (slots_.size() - 1)];
  }
  slot& push_slot();
  void pop_slot();
  bool may_parse() const noexcept;
  void pump(time_point now, request_sink& sink);
  void parse(std::string_view& input, request_sink& sink);
  void refuse(const read_failure& error);
  void render(const slot& s, const response& x, std::string& out) const;
  void after_pop();
  void note_waiting(time_point now);

  const connection_context* context_;
  uint64_t id_;
  request_reader reader_;
  phase phase_ = phase::open;
  bool peer_ended_ = false;
  bool parsing_ = false;

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
