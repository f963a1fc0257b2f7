#pragma once

#include "vmsystem/actors/http/access.hpp"
#include "vmsystem/actors/http/connection.hpp"
#include "vmsystem/actors/http/listener.hpp"
#include "vmsystem/actors/http/router.hpp"
#include "vmsystem/actors/interfaces.hpp"
#include "vmsystem/models/failure.hpp"
#include "vmsystem/models/log_entry.hpp"

#include <caf/fwd.hpp>

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace vmsystem {

/// The bounds and choices of one HTTP gateway.
struct gateway_options {
  /// Where to listen; loopback by default.
  http::endpoint listen{"127.0.0.1", 3210};
  /// The permissions of `listen` when it is a Unix socket.
  mode_t socket_mode = http::private_socket_mode;
  /// A socket that listens already, which the gateway takes over; `listen`
  /// counts for nothing then.
  std::optional<http::listening_socket> listening;
  http::connection_limits connection;
  /// Who may do what; null: whoever reaches the address may do all.
  std::shared_ptr<const http::access_tokens> tokens;
  /// Names, in lower case, by which clients may call this server beside its
  /// addresses and `localhost`. Others are refused: a foreign name server can
  /// make a browser send a page's requests here.
  std::vector<std::string> host_names;
  /// Origins, as `http::read_origin` gives them, whose pages may use this
  /// server from a browser beside its own.
  std::vector<std::string> allowed_origins;
  /// Takes the line of each change that was asked for, with its newline, and
  /// does not block; null for nobody. See `http::audit_line`.
  std::function<void(std::string)> audit;
  /// Takes lines about requests that failed, and about clients that wait; null
  /// for nobody.
  log_receiver log;
  /// Connections at any time; the process's limit of descriptors, minus a
  /// reserve for the store, bounds it too. Further clients wait in the kernel.
  uint32_t max_connections = 4096;
  /// Bytes of bodies that are coming and of answers that are not read yet, of
  /// all connections. Above them the largest ones are given up: a body is
  /// answered with 503, a client that does not read is cut.
  uint32_t max_buffered_bytes = 256u << 20;
  /// How often time limits are looked at.
  std::chrono::milliseconds tick{1000};
  /// How long a read may take.
  std::chrono::milliseconds query_timeout{10000};
  /// How long a change of a template, a close or a cancel may take.
  std::chrono::milliseconds command_timeout{30000};
  /// How long an execution or the startup of a session may take, beyond the
  /// request's `wait_ms`: at least the largest `wall_ms` and a margin.
  std::chrono::milliseconds execution_timeout{3660000};
  /// How often a reader hears of the progress of a batch at most.
  std::chrono::milliseconds progress_interval{250};
  /// After how much silence such a reader hears that it is still connected.
  std::chrono::milliseconds heartbeat{15000};
};

/// The door from outside: speaks HTTP with clients and messages with the
/// runtime. Lives on the thread of CAF's multiplexer and never blocks. A system
/// ends only after its gateways were drained.
using gateway_actor = caf::typed_actor<
  // Takes no new connections and requests, answers what is in flight for at
  // most so many milliseconds, closes all and ends. Answers with the number
  // of requests that were not answered.
  caf::replies_to<drain_atom, uint32_t>::with<uint32_t>,
  // To itself: the grace of a drain may be over.
  caf::reacts_to<drain_atom>,
  // To itself: time has passed.
  caf::reacts_to<tick_atom>,
  // To itself: connections hold more bytes than they may.
  caf::reacts_to<wake_atom>,
  // To itself: look how far a batch is.
  caf::reacts_to<wake_atom, batch_id>>;

/// A gateway that listens.
struct gateway_handle {
  gateway_actor actor;
  /// Where, with the port that was chosen.
  http::endpoint bound;
};

/// Binds the address, where there is no socket yet, and spawns the gateway.
/// Errors: validation_error, for an address that is none; internal with the way
/// out, when it is taken.
[[nodiscard]] expected<gateway_handle>
spawn_http_gateway(caf::actor_system& system, gateway_options options,
                   supervisor_actor supervisor, query_actor query);

/// What a token needs to use a route of `http_routes()`; nothing for the one
/// that needs no token.
[[nodiscard]] std::optional<access_scope> http_route_scope(std::size_t route);

/// All routes, in the order of the documents. OPTIONS works everywhere, HEAD
/// wherever GET does.
[[nodiscard]] const std::vector<http::route_doc>& http_routes();

} // namespace vmsystem
