#include "daemon.hpp"
#include "vmsystem/tests/eventually.hpp"
#include "vmsystem/tests/temp_folder.hpp"

#include <boost/test/unit_test.hpp>

#include <chrono>
#include <csignal>
#include <filesystem>
#include <memory>
#include <string>
#include <vector>

using namespace vmsystem;
using namespace vmsystem::test;

namespace {

/// A daemon that listens on a Unix socket in a folder.
class socket_daemon {
public:
  explicit socket_daemon(const temp_folder& folder,
                         const std::vector<std::string>& flags = {})
    : path_{folder / "socket"}, out_{folder / "out"} {
    std::filesystem::remove(out_);
    std::vector<std::string> arguments{program(), "--db",     folder / "store",
                                       "serve",   "--listen", url()};
    arguments.insert(arguments.end(), flags.begin(), flags.end());
    process_ = std::make_unique<child_process>(arguments, out_, folder / "log");
    const bool listens = eventually(
      [&] {
        return bytes_of(out_) == "listening on " + url() + "\n"
               || !process_->running();
      },
      std::chrono::seconds{60});
    BOOST_REQUIRE_MESSAGE(listens && process_->running(),
                          bytes_of(folder / "log"));
  }

  [[nodiscard]] const std::string& path() const {
    return path_;
  }

  [[nodiscard]] std::string url() const {
    return "unix:" + path_;
  }

  /// @returns its exit status.
  int end_by(int signal) {
    process_->signal(signal);
    return process_->wait(std::chrono::seconds{30}).value_or(-1);
  }

private:
  std::string path_;
  std::string out_;
  std::unique_ptr<child_process> process_;
};

std::filesystem::perms mode_of(const std::string& path) {
  return std::filesystem::symlink_status(path).permissions();
}

finished_program serve(std::vector<std::string> flags) {
  const temp_folder folder;
  flags.insert(flags.begin(), {program(), "--db", folder / "db", "serve"});
  return run_program(flags);
}

} // namespace

BOOST_AUTO_TEST_CASE(a_unix_socket_serves_requests_and_commands) {
  const temp_folder folder;
  socket_daemon server{folder};
  http_connection wire{server.path()};
  const auto session = make_session(wire, make_template(wire));
  BOOST_TEST(
    run_snippet(wire, session, "6 * 7").field("result").field("preview").text()
    == "42");
  const auto line = [&](std::vector<std::string> words) {
    words.insert(words.begin(), program());
    return run_program(words, {{"VM_SYSTEM_SERVER_URL", server.url()}});
  };
  const auto made = line({"template", "create", "--name", "by command"});
  BOOST_TEST(made.status == 0, made.err);
  const auto ran = line({"exec", "repl", session, "'by ' + 'command'"});
  BOOST_TEST(ran.status == 0, ran.err);
  BOOST_TEST(ran.out.find("by command") != std::string::npos, ran.out);
  // Jobs go up in pieces.
  write_file(folder / "jobs", "{\"input\":\"1\"}\n{\"input\":\"2\"}\n");
  const auto batch = line({"--server-url", server.url(), "batch", "run",
                           folder / "jobs", "--session", session});
  BOOST_TEST(batch.status == 0, batch.out << batch.err);
  BOOST_TEST(server.end_by(SIGTERM) == 0);
  BOOST_TEST(!std::filesystem::exists(server.path()));
  const auto gone = line({"ops", "health"});
  BOOST_TEST(gone.status == 1);
  BOOST_TEST(gone.err.find(server.url()) != std::string::npos, gone.err);
}

BOOST_AUTO_TEST_CASE(no_name_leads_to_a_unix_socket) {
  const temp_folder folder;
  const socket_daemon server{folder};
  http_connection wire{server.path()};
  for (const auto* host : {"localhost", "vm.example.org", ""}) {
    wire.send("GET /api/v1/templates HTTP/1.1\r\nHost: " + std::string{host}
              + "\r\n\r\n");
    BOOST_TEST(wire.receive().status == 200, host);
  }
  // Whoever forwards requests of browsers tells of their pages.
  wire.send("GET /api/v1/templates HTTP/1.1\r\nHost: localhost\r\n"
            "Origin: http://evil.example\r\n\r\n");
  BOOST_TEST(wire.receive().code() == "FORBIDDEN");
}

BOOST_AUTO_TEST_CASE(the_permissions_of_the_socket_are_those_given) {
  using std::filesystem::perms;
  const temp_folder folder;
  const auto owner = perms::owner_read | perms::owner_write;
  {
    const socket_daemon server{folder};
    BOOST_TEST((mode_of(server.path()) == owner));
  }
  const socket_daemon server{folder, {"--socket-mode", "0660"}};
  BOOST_TEST((mode_of(server.path())
              == (owner | perms::group_read | perms::group_write)));
}

BOOST_AUTO_TEST_CASE(a_socket_of_a_server_that_died_is_replaced) {
  const temp_folder folder;
  socket_daemon first{folder};
  const auto second = serve({"--listen", first.url()});
  BOOST_TEST(second.status == 1);
  BOOST_TEST(second.err.find("in use") != std::string::npos, second.err);
  BOOST_TEST(
    http_connection{first.path()}.request("GET", "/api/v1/health").status
    == 200);
  BOOST_TEST(first.end_by(SIGKILL) == 128 + SIGKILL);
  BOOST_TEST(std::filesystem::exists(first.path()));
  socket_daemon next{folder};
  BOOST_TEST(
    http_connection{next.path()}.request("GET", "/api/v1/health").status
    == 200);
  BOOST_TEST(next.end_by(SIGTERM) == 0);
  BOOST_TEST(!std::filesystem::exists(next.path()));
}

BOOST_AUTO_TEST_CASE(a_path_that_is_none_of_a_socket_is_refused) {
  const temp_folder folder;
  const auto file = folder / "file";
  write_file(file, "kept");
  const auto taken = serve({"--listen", "unix:" + file});
  BOOST_TEST(taken.status == 1);
  BOOST_TEST(taken.err.find("no socket") != std::string::npos, taken.err);
  BOOST_TEST(bytes_of(file) == "kept");
  const auto usage
    = [](const std::vector<std::string>& flags, const std::string& why) {
        const auto ran = serve(flags);
        BOOST_TEST(ran.status == 2, ran.err);
        BOOST_TEST(ran.err.find(why) != std::string::npos, ran.err);
      };
  usage({"--listen", "unix:/tmp/" + std::string(108, 'x')}, "at most 107");
  usage({"--listen", "unix:"}, "needs a path");
  usage({"--listen", "unix:" + file, "--port-file", folder / "port"},
        "no port");
  for (const auto* mode : {"", "rw", "0800", "1000", "-1", "0600x"})
    usage({"--listen", "unix:" + file, "--socket-mode", mode},
          "--socket-mode: ");
  const auto unknown
    = run_program({program(), "--server-url", "unix:" + std::string(108, 'x'),
                   "ops", "health"});
  BOOST_TEST(unknown.status == 1);
  BOOST_TEST(unknown.err.find("neither") != std::string::npos, unknown.err);
}
