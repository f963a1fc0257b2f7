#pragma once

#include "vmsystem/actors/errors.hpp"
#include "vmsystem/actors/http/audit.hpp"
#include "vmsystem/actors/http/counters.hpp"
#include "vmsystem/actors/http/router.hpp"
#include "vmsystem/actors/http_gateway.hpp"
#include "vmsystem/actors/http_socket.hpp"
#include "vmsystem/actors/http_stream.hpp"
#include "vmsystem/actors/http_token_accounts.hpp"
#include "vmsystem/models/limited_log.hpp"

#include <caf/io/typed_broker.hpp>
#include <caf/stateful_actor.hpp>
#include <caf/typed_response_promise.hpp>

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <unordered_map>
#include <utility>
#include <vector>

namespace vmsystem {

class batch_board;
class execution_board;

/// One request on its way to its handler.
struct http_exchange {
  http_call call;
  const http::request& request;
  const http::router::match& match;
  std::string_view query;
  /// Of the token that was sent.
  const token_account_ptr& account;
};

/// Who sent a request.
struct http_sender {
  /// Whether a token is needed.
  bool needs_token = false;
  /// Whether any was sent.
  bool sent_token = false;
  /// Keeps `token`.
  std::shared_ptr<const http::access_list> known;
  /// Null when there is none that the server knows.
  const http::access_token* token = nullptr;
};

/// State of the gateway: its sockets, and the way of a request to an actor and
/// back. Dies with the actor.
class gateway_state : public http_socket_owner {
public:
  static inline const char* name = "http-gateway";

  using pointer = gateway_actor::stateful_broker_pointer<gateway_state>;

  explicit gateway_state(pointer self);
  gateway_state(const gateway_state&) = delete;
  gateway_state& operator=(const gateway_state&) = delete;
  ~gateway_state() override;

  /// Begins to accept from `listening`, which it takes over.
  void start(gateway_options options, http::listening_socket listening,
             supervisor_actor supervisor, query_actor query);

  // -- answers ----------------------------------------------------------------

  /// Answers a request; dropped when its client is gone.
  void answer(http_call call, const http::response& x);

  /// Answers with a JSON document.
  void answer(http_call call, uint16_t status, std::string_view body) {
    http::response x;
    x.status = status;
    x.body = body;
    answer(call, x);
  }

  /// Answers with the error envelope, and with the status of the error table.
  void refuse(http_call call, const failure& reason,
              std::string_view headers = {});

  /// As `refuse`, with the status of `reason`.
  void refuse(http_call call, const http::read_failure& reason,
              std::string_view headers = {});

  // -- streams ----------------------------------------------------------------

  /// Gives request `call` to `stream` until it is answered.
  void attach(http_call call, std::shared_ptr<http_stream> stream);

  /// Asks for the next piece of the body.
  void want_piece(http_call call);

  /// Begins the answer; its header is sent with what is added first.
  void begin_answer(http_call call, const http::response& x);

  /// Adds to the answer that was begun.
  void add_to_answer(http_call call, std::string_view data);

  /// Ends the answer that was begun.
  void end_answer(http_call call);

  /// Whether the answer takes more now; if not, its stream is told when.
  [[nodiscard]] bool has_room(http_call call);

  /// Those who watch batches.
  [[nodiscard]] batch_board& board() noexcept {
    return *board_;
  }

  /// Those who watch executions.
  [[nodiscard]] execution_board& executions() noexcept {
    return *executions_;
  }

  /// What tokens with limits have.
  [[nodiscard]] token_accounts& accounts() noexcept {
    return accounts_;
  }

  /// Wakes the board up for a batch after `delay`.
  void wake_board(const batch_id& id, std::chrono::milliseconds delay);

  // -- questions --------------------------------------------------------------

  /// Sends `message` to `to`; calls `done(const Result&)` with the answer, or
  /// `failed(const failure&)` with the error.
  template <class Timeout, class Handle, class Done, class Failed, class... Ts>
  void send(Timeout timeout, const Handle& to, Done done, Failed failed,
            Ts&&... message) {
    self_->request(to, timeout, std::forward<Ts>(message)...)
      .then(std::move(done),
            [failed = std::move(failed)](const caf::error& x) mutable {
              failed(to_failure(x));
            });
  }

  /// As `send`, for the answer to `call`: after `timeout` the client gets
  /// INTERNAL, and what comes later is dropped.
  template <class Handle, class Done, class Failed, class... Ts>
  void ask_or(http_call call, std::chrono::milliseconds timeout,
              const Handle& to, Done done, Failed failed, Ts&&... message) {
    expect_answer(call, timeout);
    // The connection has the time limit: CAF's own would cost two wake-ups of
    // its clock thread for each request.
    send(caf::infinite, to, std::move(done), std::move(failed),
         std::forward<Ts>(message)...);
  }

  /// As `ask_or`; an error goes to the client.
  template <class Handle, class Done, class... Ts>
  void ask(http_call call, std::chrono::milliseconds timeout, const Handle& to,
           Done done, Ts&&... message) {
    ask_or(
      call, timeout, to, std::move(done),
      [this, call](const failure& x) { refuse(call, x); },
      std::forward<Ts>(message)...);
  }

  [[nodiscard]] const supervisor_actor& supervisor() const noexcept {
    return supervisor_;
  }
  [[nodiscard]] const query_actor& query() const noexcept {
    return query_;
  }
  [[nodiscard]] const gateway_options& options() const noexcept {
    return options_;
  }

  /// Writes the metrics of HTTP and of the process.
  void write_metrics(metrics_text& to) const;

  // -- time and end -----------------------------------------------------------

  /// Lets the time limits of all connections act.
  void tick();

  /// Makes the connections that hold most give it up, until all hold no more
  /// than they may.
  void shed_load();

  /// Answers everything that is in flight with INTERNAL: the actor that had it
  /// ended, and CAF does not answer what a dead actor had begun.
  void runtime_ended(const caf::error& reason);

  /// Begins to drain; `promise` gets the answer. A second drain shortens the
  /// grace at most.
  void drain(std::chrono::milliseconds grace,
             caf::typed_response_promise<uint32_t> promise);

  /// Ends when all connections are closed or the grace is over.
  void finish_drain();

  // -- http_socket_owner ------------------------------------------------------

  void begin_event() override;
  [[nodiscard]] http::time_point event_time() const override;
  std::vector<char>& receive_buffer() override;
  void on_accept(caf::io::network::native_socket fd) override;
  void on_exhausted() override;
  void on_settled(http_socket& socket) override;
  void on_closed(http_socket& socket) override;
  bool takes_pieces(const http::request& x) override;
  void on_request(http::connection& from, uint64_t number,
                  const http::request& x) override;
  void on_piece(http::connection& from, uint64_t number, std::string piece,
                bool last) override;
  void on_broken_body(http::connection& from, uint64_t number,
                      const http::read_failure& reason) override;
  void on_room(http::connection& from, uint64_t number) override;
  void on_malformed(uint16_t status) override;

private:
  using socket_ptr = std::shared_ptr<http_socket>;
  using stream_ptr = std::shared_ptr<http_stream>;

  /// Lets `action` work on the connection of `call`, when it is still there.
  template <class Action>
  void with_wire(http_call call, Action action);
  stream_ptr stream_of(http_call call) const;
  std::vector<stream_ptr> all_streams() const;
  /// Whether `x` comes from a page that was allowed to send it.
  bool is_from_allowed_page(const http::request& x) const;
  /// Answers what can be asked of a route.
  void answer_options(http_call call, const http::request& x,
                      std::string_view allow);
  /// Errors: forbidden, for what a browser may send without its user wanting
  /// to.
  expected<void> check_sender(const http::request& x);
  /// The token of `x` where a route needs one.
  http_sender sender_of(const http::request& x, std::size_t route) const;
  /// The account of a sender that may use a route. Errors: unauthorized,
  /// forbidden, too_many_requests.
  expected<token_account_ptr> check_rights(const http_sender& from,
                                           std::size_t route);
  /// Begins to log a change, when changes are logged.
  void begin_audit(http_call call, const http_sender& from,
                   const http::request& x, const http::router::match& match);
  /// Logs the change of `call` with its answer, when it has not been.
  void end_audit(http_call call, const http::response& answer);
  /// Logs that a request failed and that the server is to blame.
  void note_failure(http_call call, const failure& reason);
  /// Counts an answer that is about to begin.
  void note_answer(http::connection& wire, uint64_t number, uint16_t status);
  /// Tells the stream of `call`, or the client when there is none.
  void give_up(http_call call, const failure& reason);
  void expect_answer(http_call call, std::chrono::milliseconds timeout);
  void update_listener();
  /// Warns once that further clients wait, until there is room again.
  void warn_full(std::string_view what);
  std::vector<socket_ptr> all_sockets() const;
  void close_listener();
  void close_all();

  pointer self_;
  caf::io::network::default_multiplexer* backend_ = nullptr;
  gateway_options options_;
  supervisor_actor supervisor_;
  query_actor query_;
  http::connection_context context_;
  http::router router_;
  http::counters counters_;
  /// A name of this server that a client has used.
  std::string known_host_;
  std::vector<char> receive_buffer_;
  http::time_point event_time_;

  std::shared_ptr<http_listener> listener_;
  std::shared_ptr<http::socket_file> socket_file_;
  std::size_t max_sockets_ = 0;
  bool exhausted_ = false;
  /// How many connections there were when it was said that others wait;
  /// forgotten when half of them are left.
  std::optional<std::size_t> full_at_;
  std::unordered_map<uint64_t, socket_ptr> sockets_;
  uint64_t next_socket_ = 1;
  /// What all connections hold, and how many were made to give it up.
  std::size_t buffered_bytes_ = 0;
  uint64_t shed_ = 0;
  bool shedding_ = false;
  std::map<http_call, stream_ptr> streams_;
  std::unique_ptr<batch_board> board_;
  std::unique_ptr<execution_board> executions_;
  token_accounts accounts_{*this};
  /// Changes that are not answered.
  std::map<http_call, http::audit_entry> audited_;
  /// Requests that failed.
  limited_log failures_;

  bool draining_ = false;
  http::time_point drain_deadline_;
  std::vector<caf::typed_response_promise<uint32_t>> drained_;
};

/// Whether a route of `http_routes()` takes the body of `x` in pieces.
[[nodiscard]] bool http_route_takes_pieces(std::size_t route,
                                           const http::request& x);

/// Finds the handler of a route of `http_routes()` and calls it.
void handle_http_route(std::size_t route, gateway_state& gateway,
                       const http_exchange& x);

} // namespace vmsystem
