#include "vmsystem/actors/http/process_metrics.hpp"
#include "vmsystem/actors/http_handlers.hpp"
#include "vmsystem/models/metrics_text.hpp"

namespace vmsystem {

void gateway_state::note_answer(http::connection& wire, uint64_t number,
                                uint16_t status) {
  if (const auto* const mark = wire.mark_of(number))
    counters_.count(mark->route, mark->verb, status,
                    event_time() - mark->since);
}

void gateway_state::on_malformed(uint16_t status) {
  counters_.count_malformed(status);
}

void gateway_state::write_metrics(metrics_text& to) const {
  counters_.write(to);
  uint64_t in_flight = 0;
  for (const auto& [id, socket] : sockets_)
    in_flight += socket->wire().in_flight();
  constexpr auto gauge = metric_type::gauge;
  to.one("vm_system_http_requests_in_flight", gauge,
         "Requests whose answer has not come to its end.", in_flight);
  to.one("vm_system_http_connections", gauge, "Open connections.",
         sockets_.size());
  to.one("vm_system_http_connections_max", gauge,
         "How many there may be before further clients wait.", max_sockets_);
  to.one("vm_system_http_buffered_bytes", gauge,
         "Bytes of bodies that are coming and of answers that are not read.",
         buffered_bytes_);
  to.one("vm_system_http_connections_shed_total", metric_type::counter,
         "Connections that were cut or refused for lack of memory.", shed_);
  to.one("vm_system_http_connections_total", metric_type::counter,
         "Connections that were accepted.", next_socket_ - 1);
  to.one("vm_system_http_mailbox_messages", gauge,
         "Messages that wait for the gateway.", self_->mailbox().size());
  to.family("vm_system_build_info", gauge, "Which program this is; always 1.");
  to.sample(1, {{"version", VMSYSTEM_VERSION}});
  http::write_process_metrics(to);
}

namespace http_handlers {

void get_metrics(gateway_state& g, const http_exchange& x) {
  g.ask(
    x.call, g.options().query_timeout, g.supervisor(),
    [&g, call = x.call](const std::string& of_runtime) {
      metrics_text own;
      g.write_metrics(own);
      const auto body = of_runtime + own.text();
      http::response answer;
      answer.body = body;
      answer.content_type = metrics_text::content_type;
      g.answer(call, answer);
    },
    metrics_atom_v);
}

} // namespace http_handlers

} // namespace vmsystem
