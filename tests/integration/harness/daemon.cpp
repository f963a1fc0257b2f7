#include "daemon.hpp"

#include "disk_faults.hpp"

#include <atomic>
#include <csignal>
#include <stdexcept>
#include <thread>

namespace vmsystem::test {

namespace {

using clock = std::chrono::steady_clock;

constexpr std::chrono::seconds start_deadline{60};
constexpr std::chrono::milliseconds look_again{5};

/// A disk with faults may refuse so many starts in a row.
constexpr int most_starts = 30;

} // namespace

test_daemon::test_daemon(std::vector<std::string> flags)
  : own_{std::make_unique<temp_folder>()},
    folder_{own_->path().string()},
    faulty_{faults_wanted()} {
  start(flags);
}

test_daemon::test_daemon(std::string folder, std::vector<std::string> flags)
  : folder_{std::move(folder)}, faulty_{faults_wanted()} {
  start(flags);
}

test_daemon::~test_daemon() {
  if (!faulty_)
    return;
  try {
    const auto status = stop(start_deadline);
    examine_after_faults(folder_ + "/store", status, log());
  } catch (const std::exception& e) {
    report_of_faults(std::string{"BAD: "} + e.what());
  }
}

void test_daemon::start(const std::vector<std::string>& flags) {
  int starts = 1;
  while (!launch(flags)) {
    const auto status = process_->wait(std::chrono::milliseconds{0});
    if (!faulty_ || status != 1 || starts == most_starts) {
      if (faulty_)
        report_of_faults("BAD: a server does not start:\n" + log());
      throw std::runtime_error{"the daemon did not start:\n" + log()};
    }
    report_of_faults("start " + std::to_string(starts) + " was refused");
    ++starts;
  }
}

bool test_daemon::launch(const std::vector<std::string>& flags) {
  const auto port_file = folder_ + "/port";
  std::filesystem::remove(port_file);
  std::vector<std::string> arguments{program(),          "--db",
                                     folder_ + "/store", "serve",
                                     "--listen",         "127.0.0.1:0",
                                     "--port-file",      port_file};
  arguments.insert(arguments.end(), flags.begin(), flags.end());
  process_ = std::make_unique<child_process>(
    arguments, folder_ + "/out", folder_ + "/log",
    faulty_ ? faults_in(folder_ + "/store") : variables{});
  const auto end = clock::now() + start_deadline;
  std::string text;
  while ((text = bytes_of(port_file)).empty()) {
    if (!process_->running() || clock::now() > end)
      return false;
    std::this_thread::sleep_for(look_again);
  }
  port_ = static_cast<uint16_t>(std::stoul(text));
  return true;
}

std::string test_daemon::url() const {
  return "http://127.0.0.1:" + std::to_string(port_);
}

http_answer test_daemon::request(std::string_view method,
                                 std::string_view target, std::string_view body,
                                 std::string_view headers) const {
  return connect().request(method, target, body, headers);
}

std::string test_daemon::log() const {
  return bytes_of(folder_ + "/log");
}

std::optional<int> test_daemon::stop(std::chrono::milliseconds deadline) {
  process_->signal(SIGTERM);
  return process_->wait(deadline);
}

void test_daemon::kill_hard() {
  process_->signal(SIGKILL);
  process_->wait(start_deadline);
}

finished_program cli(const test_daemon& server,
                     std::vector<std::string> arguments, variables extra) {
  arguments.insert(arguments.begin(), program());
  extra.emplace("VM_SYSTEM_SERVER_URL", server.url());
  return run_program(arguments, extra);
}

json_value ask(http_connection& server, std::string_view method,
               std::string_view target, std::string_view body) {
  const auto answer = server.request(method, target, body);
  if (answer.status < 200 || answer.status > 299)
    throw std::runtime_error{std::string{method} + ' ' + std::string{target}
                             + ": " + answer.head + answer.body};
  return answer.json();
}

std::string make_template(http_connection& server, std::string_view limits) {
  static std::atomic<uint64_t> count{0};
  const auto name = "template " + std::to_string(++count);
  const auto id = ask(server, "POST", "/api/v1/templates",
                      "{\"name\":" + json_quoted(name) + '}')
                    .field("id")
                    .text();
  if (!limits.empty())
    ask(server, "PUT", "/api/v1/templates/" + id + "/settings",
        "{\"limits\":" + std::string{limits} + '}');
  return id;
}

std::string make_session(http_connection& server, std::string_view template_id,
                         std::string_view worktree) {
  return ask(server, "POST", "/api/v1/sessions",
             "{\"template_id\":" + json_quoted(template_id)
               + ",\"workspace_id\":\"w\",\"base_commit_oid\":\"c\","
                 "\"worktree_path\":"
               + json_quoted(worktree) + '}')
    .field("id")
    .text();
}

std::string repl_body(std::string_view session, std::string_view code,
                      uint32_t wait_ms) {
  return "{\"session_id\":" + json_quoted(session) + ",\"input\":"
         + json_quoted(code) + ",\"wait_ms\":" + std::to_string(wait_ms) + '}';
}

json_value run_snippet(http_connection& server, std::string_view session,
                       std::string_view code) {
  return ask(server, "POST", "/api/v1/executions/repl",
             repl_body(session, code));
}

std::string wait_for_running(http_connection& server,
                             std::string_view session) {
  const auto target
    = "/api/v1/executions?status=running&session_id=" + std::string{session};
  const auto end = clock::now() + start_deadline;
  while (clock::now() < end) {
    const auto running = ask(server, "GET", target).elements();
    if (!running.empty())
      return running.front().field("id").text();
    std::this_thread::sleep_for(look_again);
  }
  throw std::runtime_error{"nothing runs in session " + std::string{session}};
}

json_value wait_for_batch(http_connection& server, std::string_view batch) {
  const auto target = "/api/v1/batches/" + std::string{batch};
  const auto end = clock::now() + start_deadline;
  while (clock::now() < end) {
    auto document = ask(server, "GET", target);
    if (document.field("ended_at").present())
      return document;
    std::this_thread::sleep_for(look_again);
  }
  throw std::runtime_error{"batch " + std::string{batch} + " is not over"};
}

} // namespace vmsystem::test
