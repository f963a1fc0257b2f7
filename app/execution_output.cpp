#include "vmsystem/app/execution_output.hpp"

#include "vmsystem/app/output.hpp"

#include <cstdio>

namespace vmsystem {

void print_events(const json_value& events) {
  for (const auto& event : events.elements())
    print_line('[' + event.field("seq").text() + "] "
               + event.field("type").text() + ": "
               + printable(event.field("payload").raw()));
}

void print_console(const json_value& event) {
  if (event.field("type").text() != "console")
    return;
  const auto payload = event.field("payload");
  const auto level = payload.field("level").text();
  if (level == "warn" || level == "error") {
    print_error_line(payload.field("text").text());
    return;
  }
  // In the order in which they were printed, also into one file.
  std::fflush(stderr);
  print_line(payload.field("text").text());
}

exit_code exit_code_of(const json_value& execution) {
  return execution.field("status").text() == "ok" ? exit_code::ok
                                                  : exit_code::script_failed;
}

exit_code print_execution(const json_value& execution, const json_value& events,
                          const global_options& options) {
  if (options.format() == output_format::json) {
    print_line("{\"execution\":" + execution.raw()
               + ",\"events\":" + events.raw() + '}');
    return exit_code_of(execution);
  }
  print_line("Execution ID: " + execution.field("id").text());
  print_line("Status: " + execution.field("status").text());
  if (const auto result = execution.field("result"); result.present())
    print_line("Result: " + printable(result.raw()));
  if (const auto error = execution.field("error"); error.present())
    print_line("Error: " + printable(error.raw()));
  print_line("");
  print_line("Events:");
  print_events(events);
  return exit_code_of(execution);
}

} // namespace vmsystem
