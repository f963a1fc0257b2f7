#include "vmsystem/app/commands.hpp"
#include "vmsystem/app/full_screen.hpp"
#include "vmsystem/app/process.hpp"
#include "vmsystem/app/text_width.hpp"
#include "vmsystem/app/top_report.hpp"

#include <chrono>
#include <memory>
#include <optional>
#include <thread>
#include <utility>

namespace vmsystem {

namespace {

using clock = std::chrono::steady_clock;
using std::chrono::milliseconds;

/// What an answer may take: longer than it does on a server that works.
constexpr milliseconds patience{3000};

/// Where slow executions are looked for: in the newest live sessions, among the
/// newest executions of each. A server has no list of all.
constexpr std::size_t sessions_to_look_at = 8;
constexpr std::size_t executions_per_session = 20;

constexpr std::string_view details
  = "Shows how a server is: executions, sessions, slots, the store, HTTP and "
    "memory, from its metrics, with what changed since the look before. `q` "
    "and Ctrl-C leave. A server that goes away is asked again until it is "
    "back; one that began anew is shown from its begin.\n\n"
    "With --once, with --output json, or without a terminal it looks twice, "
    "--interval apart, prints what it saw, and ends. It needs the scope "
    "`read`.\n\n"
    "The slowest executions are those of the newest 20 of each of the newest 8 "
    "live sessions: a server has no list of all.";

struct top_arguments {
  uint32_t interval_s = 2;
  uint32_t slowest = 5;
  bool once = false;
};

/// Asks one server again and again.
class top_source {
public:
  top_source(const server_address& server, std::size_t slowest)
    : server_{server}, slowest_{slowest} {
    server_.set_patience(patience);
  }

  /// What changed since the look before.
  answer<top_report> look() {
    const auto text = server_.get_text("/metrics");
    if (!text)
      return text.error();
    auto read = metrics_reading::parse(text.value());
    if (!read)
      return as_request_error(read.error());
    const auto now = clock::now();
    const std::chrono::duration<double> passed = now - at_;
    auto report = before_ ? report_of(*before_, read.value(), passed.count())
                          : report_of(read.value(), read.value(), 0);
    before_ = std::move(read).value();
    at_ = now;
    report.slowest = slowest_of(latest_executions(), slowest_);
    return report;
  }

private:
  /// Without those that cannot be had: the metrics say what is the matter.
  std::vector<json_value> latest_executions() {
    std::vector<json_value> result;
    if (slowest_ == 0)
      return result;
    const auto live = server_.get("/runtime/summary");
    if (!live)
      return result;
    // Sorted ids of version 7 are in the order of their times.
    auto sessions = live.value().field("active_session_ids").elements();
    if (sessions.size() > sessions_to_look_at)
      sessions.erase(sessions.begin(),
                     sessions.end()
                       - static_cast<std::ptrdiff_t>(sessions_to_look_at));
    for (const auto& session : sessions) {
      const auto page
        = server_.get("/executions?session_id=" + encoded(session.text())
                      + "&limit=" + std::to_string(executions_per_session));
      if (!page)
        break;
      for (auto& record : page.value().elements())
        result.push_back(std::move(record));
    }
    return result;
  }

  client server_;
  std::size_t slowest_;
  std::optional<metrics_reading> before_;
  clock::time_point at_;
};

exit_code print_once(top_source& source, milliseconds interval,
                     output_format format) {
  if (const auto first = source.look(); !first)
    return print_error(first.error());
  std::this_thread::sleep_for(interval);
  const auto seen = source.look();
  if (!seen)
    return print_error(seen.error());
  if (format == output_format::json) {
    print_line(report_json(seen.value()));
    return exit_code::ok;
  }
  for (const auto& line : report_lines(seen.value(), screen_size{}.width))
    print_line(line);
  return exit_code::ok;
}

/// What stands on the screen: the last report, and above it why there is no
/// newer one.
std::vector<std::string> screen_lines(const std::optional<top_report>& report,
                                      const std::string& trouble,
                                      std::size_t width) {
  std::vector<std::string> result;
  if (!trouble.empty())
    result.push_back(shortened("no answer, asking again: " + trouble, width));
  if (report)
    for (auto& line : report_lines(*report, width))
      result.push_back(std::move(line));
  return result;
}

/// Shows what is until somebody leaves.
exit_code watch(top_source& source, milliseconds interval) {
  block_stop_signals();
  const auto& stopped = watch_for_stop();
  full_screen screen;
  std::optional<top_report> report;
  std::string trouble;
  auto next = clock::now();
  while (!stopped) {
    if (clock::now() >= next) {
      auto seen = source.look();
      trouble.clear();
      if (seen)
        report = std::move(seen).value();
      else
        trouble = seen.error().code + ": " + printable(seen.error().message);
      next = clock::now() + interval;
    }
    screen.draw(screen_lines(report, trouble, screen.size().width));
    // In pieces, so that a signal is seen soon.
    constexpr milliseconds piece{250};
    const auto left
      = std::chrono::duration_cast<milliseconds>(next - clock::now());
    if (screen.wait(std::min(piece, left)) == screen_event::leave)
      break;
  }
  return exit_code::ok;
}

exit_code top(const top_arguments& given, const global_options& options) {
  constexpr uint32_t longest_s = 3600;
  if (given.interval_s > longest_s)
    return print_usage_error("--interval: at most " + std::to_string(longest_s)
                             + " seconds");
  const std::chrono::seconds interval{given.interval_s};
  top_source source{options.server, given.slowest};
  const bool once = given.once || options.format() == output_format::json
                    || !full_screen::possible();
  return once ? print_once(source, interval, options.format())
              : watch(source, interval);
}

} // namespace

void add_top_command(command root, const global_options& options) {
  auto given = std::make_shared<top_arguments>();
  root
    .add({"top", "watch how a server is", details,
          "$ vm-system top --interval 1\n"
          "$ vm-system --output json top --once | jq .executions.all_per_s"})
    .flag("--interval", given->interval_s, "N", "Seconds between two looks.")
    .at_least_one()
    .flag("--slowest", given->slowest, "N",
          "How many of the slowest executions to show; 0 asks for none.")
    .toggle("--once", given->once, "Print what is, once, and end.")
    .on_run([given, &options] { return top(*given, options); });
}

} // namespace vmsystem
