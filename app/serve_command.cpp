#include "vmsystem/actors/http/cors.hpp"
#include "vmsystem/app/commands.hpp"
#include "vmsystem/app/daemon.hpp"
#include "vmsystem/app/log.hpp"
#include "vmsystem/app/service_manager.hpp"
#include "vmsystem/models/ascii.hpp"
#include "vmsystem/models/enum_names.hpp"

#include <algorithm>
#include <charconv>
#include <cstdlib>
#include <memory>
#include <optional>

namespace vmsystem {

namespace {

/// The flags that are not numbers already.
struct serve_arguments {
  std::string listen = "127.0.0.1:3210";
  std::string socket_mode = "0600";
  std::string durability = "sync";
  std::string log_format = "text";
  daemon_options daemon;
};

constexpr std::string_view details
  = "Opens the store, brings in order what an earlier process left, and "
    "serves the HTTP API. When it takes requests it prints `listening on "
    "http://ADDRESS:PORT`, or `listening on unix:PATH`, to stdout; it logs to "
    "stderr.\n\n"
    "SIGTERM and SIGINT stop it: it takes no new work, lets running scripts "
    "finish within --grace-ms, cancels the rest, makes everything durable and "
    "exits with 0. A second signal ends it at once.\n\n"
    "Without --token-file there is no authentication: whoever reaches the "
    "address may run code. So it must be one of this machine then. SIGHUP has "
    "the token file read again, and the audit log opened again.\n\n"
    "A service manager is told when requests are taken and when the daemon "
    "stops (NOTIFY_SOCKET), and may hand over the socket that listens "
    "(LISTEN_FDS), which counts more than --listen.";

void add_listening_flags(command& serve, serve_arguments& given) {
  auto& daemon = given.daemon;
  auto& connection = daemon.gateway.connection;
  serve
    .flag("--listen", given.listen, "ADDRESS:PORT|unix:PATH",
          "Where to listen; port 0 lets the system choose one.")
    .flag("--socket-mode", given.socket_mode, "MODE",
          "The permissions of a Unix socket, in octal.")
    .flag("--token-file", daemon.token_file, "FILE",
          "Lets in only who has one of these tokens; see `token create`.")
    .flag("--host-name", daemon.gateway.host_names, "NAME,...",
          "Names by which clients call this server, beside its addresses and "
          "`localhost`; requests with others are refused.")
    .flag("--allow-origin", daemon.gateway.allowed_origins, "ORIGIN,...",
          "Origins, such as https://example.org, whose pages may use this "
          "server from a browser; requests of others are refused.")
    .flag("--audit-log", daemon.audit_file, "FILE",
          "Where a line is appended for each change that is done, or refused "
          "for lack of rights; `-` is stdout.")
    .flag("--port-file", daemon.port_file, "FILE",
          "Where to write the port once requests are taken.")
    .flag("--max-connections", daemon.gateway.max_connections, "N",
          "Connections at any time; further clients wait.")
    .at_least_one()
    .flag("--max-body-bytes", connection.request.max_body_bytes, "N",
          "The largest body of a request.")
    .at_least_one()
    .flag("--max-buffered-bytes", daemon.gateway.max_buffered_bytes, "N",
          "Bytes of bodies that are coming and of answers that are not read; "
          "above them the largest ones are given up.")
    .at_least_one();
}

void add_log_flags(command& serve, serve_arguments& given) {
  serve
    .choice("--log-format", given.log_format, {"text", "json"},
            "How lines of the log look: for people, or each an object.")
    .flag("--slow-ms", given.daemon.slow_ms, "N",
          "Logs each execution that took at least so many milliseconds; 0 "
          "logs none.");
}

void add_bounds(command& serve, serve_arguments& given) {
  auto& runtime = given.daemon.runtime;
  serve
    .choice("--durability", given.durability, {"sync", "async", "off"},
            "When a result counts as stored: after an fsync, after a write to "
            "the log, or at a graceful stop.")
    .flag("--slots", runtime.engine_slots, "N",
          "Scripts that run at the same time; 0 means as many as processors.")
    .flag("--max-sessions", runtime.max_sessions, "N",
          "Live sessions; 0 means as many as the kernel can map.")
    .flag("--max-in-flight", runtime.max_in_flight, "N",
          "Executions that wait or run; more are refused with OVERLOADED.")
    .at_least_one()
    .flag("--max-in-flight-bytes", runtime.max_in_flight_bytes, "N",
          "Bytes of their scripts and arguments; above them the same.")
    .at_least_one()
    .flag("--max-waiting", runtime.max_waiting_per_session, "N",
          "Requests that may wait for one busy session.")
    .at_least_one()
    .flag("--max-wait-ms", runtime.max_wait_ms, "N",
          "The longest `wait_ms` of a request.")
    .at_least_one()
    .flag("--max-source-bytes", runtime.max_source_bytes, "N",
          "The largest file that is run.")
    .at_least_one()
    .flag("--grace-ms", runtime.stop_grace_ms, "N",
          "How long a stop waits for running scripts.");
}

void add_retention_flags(command& serve, serve_arguments& given) {
  auto& keep = given.daemon.runtime.keep;
  serve
    .flag("--keep-days", keep.days, "N",
          "Removes executions that began, and batches and sessions that ended, "
          "longer ago; 0 keeps them.")
    .flag("--keep-executions", keep.executions, "N",
          "Removes the oldest finished executions beyond so many; 0 keeps "
          "them.");
}

void add_limit_maxima(command& serve, limits_maximum& limits) {
  serve
    .flag("--max-cpu-ms", limits.cpu_ms, "N",
          "The largest cpu_ms of a template.")
    .at_least_one()
    .flag("--max-wall-ms", limits.wall_ms, "N",
          "The largest wall_ms of a template.")
    .at_least_one()
    .flag("--max-mem-mb", limits.mem_mb, "N",
          "The largest mem_mb of a template.")
    .at_least_one()
    .flag("--max-events", limits.max_events, "N",
          "The largest max_events of a template.")
    .at_least_one()
    .flag("--max-output-kb", limits.max_output_kb, "N",
          "The largest max_output_kb of a template.")
    .at_least_one();
}

/// Reads permissions in octal, such as `0660`.
std::optional<mode_t> read_mode(std::string_view text) {
  constexpr mode_t most = 0777;
  mode_t mode = 0;
  const auto* const last = text.data() + text.size();
  const auto [end, error] = std::from_chars(text.data(), last, mode, 8);
  if (error != std::errc{} || end != last || mode > most)
    return std::nullopt;
  return mode;
}

/// Sets where to listen: on the service manager's socket, where it handed one
/// over, and else where the flag says. Errors: validation_error.
expected<void> choose_address(const std::string& flag,
                              gateway_options& gateway) {
  const auto handed = socket_of_service_manager();
  if (!handed)
    return handed.error();
  if (!handed.value()) {
    auto listen = http::endpoint::parse(flag);
    if (!listen)
      return fail(ec::validation_error, "--listen: " + listen.error().message);
    gateway.listen = listen.value();
    return success();
  }
  auto adopted = http::adopt_listener(*handed.value());
  if (!adopted)
    return fail(ec::validation_error,
                "from the service manager: " + adopted.error().message);
  gateway.listen = adopted.value().bound;
  gateway.listening = adopted.value();
  return success();
}

exit_code serve(serve_arguments& given, const global_options& options) {
  auto& daemon = given.daemon;
  const auto& listen = daemon.gateway.listen;
  if (auto chosen = choose_address(given.listen, daemon.gateway); !chosen)
    return print_usage_error(chosen.error().message);
  if (daemon.token_file.empty() && !listen.is_loopback())
    return print_usage_error(
      "--listen: " + listen.to_string()
      + " can be reached from other machines, which takes --token-file FILE; "
        "make one with: vm-system token create NAME --scopes "
        "read,execute,admin --file FILE");
  const auto mode = read_mode(given.socket_mode);
  if (!mode)
    return print_usage_error("--socket-mode: " + given.socket_mode
                             + " is no number from 0 to 0777 in octal");
  if (daemon.gateway.listen.is_unix() && !daemon.port_file.empty())
    return print_usage_error("--port-file: a Unix socket has no port");
  for (auto& origin : daemon.gateway.allowed_origins) {
    auto read = http::read_origin(origin);
    if (!read)
      return print_usage_error("--allow-origin: " + read.error().message);
    origin = std::move(read).value();
  }
  daemon.gateway.socket_mode = *mode;
  for (auto& name : daemon.gateway.host_names)
    std::transform(name.begin(), name.end(), name.begin(), lower_case);
  daemon.runtime.store_path = options.db;
  daemon.runtime.library_cache = options.library_cache;
  daemon.runtime.allow_exec = options.allow_exec;
  daemon.runtime.store_durability
    = value_of<durability>(given.durability).value_or(durability::sync);
  set_up_background_logging(
    options.log_level,
    value_of<log_format>(given.log_format).value_or(log_format::text));
  const auto result = run_daemon(daemon);
  if (!end_background_logging())
    std::_Exit(static_cast<int>(finish_output(result)));
  return result;
}

} // namespace

void add_serve_command(command root, const global_options& options) {
  auto given = std::make_shared<serve_arguments>();
  auto serving = root.add({"serve", "run the daemon", details,
                           "$ vm-system --db /var/lib/vm-system serve\n"
                           "listening on http://127.0.0.1:3210"});
  add_listening_flags(serving, *given);
  add_log_flags(serving, *given);
  add_bounds(serving, *given);
  add_retention_flags(serving, *given);
  add_limit_maxima(serving, given->daemon.runtime.limits);
  serving.on_run([given, &options] { return serve(*given, options); });
}

} // namespace vmsystem
