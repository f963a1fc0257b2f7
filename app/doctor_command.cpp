#include "vmsystem/app/commands.hpp"
#include "vmsystem/app/doctor.hpp"
#include "vmsystem/models/json_writer.hpp"

#include <algorithm>
#include <memory>

namespace vmsystem {

namespace {

/// What the longest name of a finding takes.
constexpr std::size_t name_width = 21;

constexpr std::string_view details
  = "Checks what the daemon needs of the kernel, its limits, the disk and the "
    "clock, as it would find them with the same user, limits and flags. Each "
    "line says ok, warn (it serves, but worse or less safely than it could) or "
    "fail (it does not serve), and what to set. Fails with status 1 when "
    "something does.";

void print_finding(const finding& found) {
  std::string line{name_of(found.result)};
  line.resize(6, ' ');
  line += found.name;
  line.resize(std::max(line.size() + 1, 6 + name_width), ' ');
  line += printable(found.message);
  print_line(line);
  if (!found.advice.empty())
    print_line(std::string(6 + name_width, ' ') + "-> " + found.advice);
}

/// As much of a text as JSON can have.
std::string in_utf8(const std::string& text) {
  return simdjson::validate_utf8(text) ? text : printable(text);
}

std::string in_json(const std::vector<finding>& findings, bool well) {
  json_writer out;
  out.begin_object();
  out.key("ok");
  out.value(well);
  out.key("checks");
  out.begin_array();
  for (const auto& found : findings) {
    out.begin_object();
    out.key("name");
    out.value(found.name);
    out.key("verdict");
    out.value(name_of(found.result));
    out.key("message");
    out.value(std::string_view{in_utf8(found.message)});
    if (!found.advice.empty()) {
      out.key("advice");
      out.value(std::string_view{found.advice});
    }
    out.end_object();
  }
  out.end_array();
  out.end_object();
  return out.text();
}

exit_code run_doctor(const demands& wanted, const global_options& options) {
  const auto findings
    = examine(look_at_machine(options.db, options.library_cache), wanted);
  const bool well
    = std::none_of(findings.begin(), findings.end(), [](const finding& found) {
        return found.result == verdict::fail;
      });
  if (options.format() == output_format::json)
    print_line(in_json(findings, well));
  else
    for (const auto& found : findings)
      print_finding(found);
  return well ? exit_code::ok : exit_code::request_failed;
}

} // namespace

void add_doctor_command(command root, const global_options& options) {
  const auto wanted = std::make_shared<demands>();
  auto doctor
    = root.add({"doctor", "check whether this machine can serve", details,
                "$ vm-system --db /var/lib/vm-system/store doctor\n"
                "ok    openat2              the kernel keeps paths in "
                "worktrees\n..."});
  doctor
    .flag("--sessions", wanted->sessions, "N",
          "Live sessions that there shall be room for; 0 means as many as "
          "there is.")
    .flag("--connections", wanted->connections, "N",
          "Connections that there shall be room for.")
    .on_run([wanted, &options] { return run_doctor(*wanted, options); });
}

} // namespace vmsystem
