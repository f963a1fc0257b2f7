#include "vmsystem/app/repl_screen.hpp"

#include "vmsystem/app/execution_output.hpp"
#include "vmsystem/app/output.hpp"
#include "vmsystem/app/repl_colour.hpp"

#include <string>

namespace vmsystem {

void repl_screen::note(std::string_view text) const {
  if (look_.interactive)
    print_line(look_.coloured ? dimmed(text) : text);
}

void repl_screen::complain(std::string_view text) const {
  print_error_line(look_.coloured ? coloured_error(text) : text);
}

void repl_screen::refuse(const request_error& why) const {
  complain("vm-system: " + why.code + ": " + printable(why.message));
}

void repl_screen::show_event(const json_value& event) const {
  const auto payload = event.field("payload");
  const bool is_error = payload.field("level").text() == "error";
  if (event.field("type").text() == "system") {
    const auto message = payload.field("message").text();
    if (is_error)
      complain(message);
    else
      print_error_line(look_.coloured ? dimmed(message) : message);
  } else if (look_.coloured && is_error) {
    complain(payload.field("text").text());
  } else {
    print_console(event);
  }
}

void repl_screen::show_end(const json_value& record) const {
  if (const auto result = record.field("result"); result.present())
    show_value(result);
  else
    show_error(record);
}

void repl_screen::show_value(const json_value& result) const {
  const auto type = result.field("type").text();
  const auto preview = result.field("preview").text();
  if (!look_.interactive) {
    if (type != "undefined")
      print_line(preview);
    return;
  }
  const auto shown = shown_value(type, preview);
  print_line(look_.coloured ? coloured_value(shown) : shown);
}

void repl_screen::show_error(const json_value& record) const {
  const auto error = record.field("error");
  const auto reason = record.field("end_reason").text();
  const bool thrown = reason == "exception" || reason == "syntax_error";
  auto text
    = (thrown ? "Uncaught " : reason + ": ") + error.field("message").text();
  if (const auto stack = error.field("stack"); stack.present())
    text += '\n' + stack.text();
  complain(text);
}

} // namespace vmsystem
