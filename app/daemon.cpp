#include "vmsystem/app/daemon.hpp"

#include "vmsystem/actors/errors.hpp"
#include "vmsystem/actors/runtime.hpp"
#include "vmsystem/app/audit_log.hpp"
#include "vmsystem/app/log.hpp"
#include "vmsystem/app/output.hpp"
#include "vmsystem/app/process.hpp"
#include "vmsystem/app/service_manager.hpp"
#include "vmsystem/app/system_config.hpp"
#include "vmsystem/app/token_file.hpp"
#include "vmsystem/app/whole_file.hpp"

#include <caf/actor_system.hpp>
#include <caf/io/middleman.hpp>
#include <caf/scoped_actor.hpp>

#include <chrono>
#include <cstdio>
#include <cstring>
#include <memory>
#include <string>
#include <utility>

namespace vmsystem {

namespace {

using std::chrono::milliseconds;

/// What the last answers may take after the runtime has stopped.
constexpr milliseconds answer_margin{500};

/// How much longer than the longest script an execution may take: its way
/// through the queue and the store.
constexpr milliseconds execution_margin{60000};

/// Writes the port whole or not at all. Errors: internal.
expected<void> write_port_file(const std::string& path, uint16_t port) {
  if (path.empty())
    return success();
  return write_whole_file(path, std::to_string(port) + '\n');
}

using tokens_ptr = std::shared_ptr<http::access_tokens>;

expected<http::access_list> read_and_log(const std::string& path) {
  auto list = read_token_file(path);
  if (list)
    log_info("tokens were read",
             {{"tokens", list.value().tokens().size()}, {"file", path}});
  return list;
}

/// @returns null when the server asks for no tokens.
expected<tokens_ptr> read_tokens(const std::string& path) {
  if (path.empty())
    return tokens_ptr{};
  auto list = read_and_log(path);
  if (!list)
    return list.error();
  return std::make_shared<http::access_tokens>(std::move(list).value());
}

/// A file that cannot be read changes nothing: nobody is locked out by a slip,
/// and nobody is let in.
void read_tokens_again(const std::string& path, http::access_tokens& tokens) {
  auto list = read_and_log(path);
  if (list)
    tokens.set(std::move(list).value());
  else
    log_error("the tokens stay as they were: " + list.error().message);
}

/// Tells the service manager, if there is one. It would wait for the word until
/// it gives up, so a failure is worth a line.
void tell_service_manager(std::string_view state) {
  if (auto told = notify_service_manager(state); !told)
    log_warning(told.error().message);
}

using audit_ptr = std::shared_ptr<audit_log>;

/// @returns null when changes are not logged.
expected<audit_ptr> open_audit_log(const std::string& path) {
  if (path.empty())
    return audit_ptr{};
  auto log = audit_log::open(path);
  if (!log)
    return log.error();
  return audit_ptr{std::move(log).value()};
}

/// Whether SIGHUP does not end the process. A service manager sends it to have
/// settings read again, also where there are none; a terminal that goes away
/// means it.
bool takes_hangups(const daemon_options& options) {
  return !options.token_file.empty() || !options.audit_file.empty()
         || has_service_manager();
}

/// @returns the number of the signal that stops the server.
int wait_for_stop(const daemon_options& options, const tokens_ptr& tokens,
                  const audit_ptr& audit) {
  if (!takes_hangups(options))
    return wait_for_stop_signal();
  return wait_for_stop_signal([&] {
    if (tokens != nullptr)
      read_tokens_again(options.token_file, *tokens);
    if (audit != nullptr)
      audit->reopen();
  });
}

/// Ends the runtime, then the gateway: clients get answers to the end.
/// @returns whether both ended in order.
bool stop(caf::actor_system& system, runtime& running,
          const gateway_actor& gateway, uint32_t grace_ms) {
  bool clean = true;
  uint32_t unanswered = 0;
  const auto gateway_grace = milliseconds{grace_ms} + answer_margin;
  caf::scoped_actor self{system};
  auto drained
    = self->request(gateway, gateway_grace + milliseconds{10000}, drain_atom_v,
                    static_cast<uint32_t>(gateway_grace.count()));
  clean = running.stop();
  drained.receive([&](uint32_t left) { unanswered = left; },
                  [&](const caf::error& error) {
                    clean = false;
                    log_error("the gateway did not stop: "
                              + to_failure(error).message);
                  });
  if (unanswered > 0)
    log_warning("requests were not answered", {{"requests", unanswered}});
  return clean;
}

exit_code serve_until_stopped(caf::actor_system& system,
                              const daemon_options& options) {
  const auto tokens = read_tokens(options.token_file);
  if (!tokens)
    return print_error(tokens.error());
  const auto audit = open_audit_log(options.audit_file);
  if (!audit)
    return print_error(audit.error());
  const log_receiver to_log = [](const log_entry& line) { log(line); };
  auto started = runtime::start(system, options.runtime, nullptr,
                                runtime_log{to_log, options.slow_ms});
  if (!started)
    return print_error(started.error());
  auto& running = *started.value();
  const auto& report = running.report();
  log_info("opened the store",
           {{"store", options.runtime.store_path},
            {"templates", report.templates},
            {"closed_sessions", report.closed_sessions},
            {"interrupted_executions", report.interrupted_executions}});

  auto settings = options.gateway;
  settings.tokens = tokens.value();
  if (audit.value() != nullptr)
    settings.audit
      = [log = audit.value()](std::string line) { log->add(std::move(line)); };
  settings.log = to_log;
  settings.execution_timeout
    = milliseconds{options.runtime.limits.wall_ms} + execution_margin;
  auto gateway = spawn_http_gateway(system, settings, running.supervisor(),
                                    running.query());
  if (!gateway)
    return print_error(gateway.error());
  auto& door = gateway.value();
  auto told = write_port_file(options.port_file, door.bound.port);
  if (told) {
    print_line("listening on " + door.bound.url());
    std::fflush(stdout);
    tell_service_manager("READY=1\nSTATUS=listening on " + door.bound.url());
    const auto signal_number
      = wait_for_stop(options, tokens.value(), audit.value());
    exit_on_stop_signal();
    tell_service_manager("STOPPING=1\nSTATUS=stopping");
    log_info(std::string{"stopping: "} + strsignal(signal_number));
  }
  const bool clean = stop(system, running, door.actor,
                          told ? options.runtime.stop_grace_ms : 0);
  if (!told)
    return print_error(told.error());
  if (!clean) {
    log_error("stopped, but not in order");
    return exit_code::request_failed;
  }
  log_info("stopped");
  return exit_code::ok;
}

} // namespace

exit_code run_daemon(const daemon_options& options) {
  block_stop_signals();
  if (takes_hangups(options))
    block_hangup_signal();
  system_config config;
  config.load<caf::io::middleman>();
  caf::actor_system system{config};
  return serve_until_stopped(system, options);
}

} // namespace vmsystem
