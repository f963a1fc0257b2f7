#define BOOST_TEST_MODULE service
#include "http.hpp"
#include "process.hpp"
#include "vmsystem/actors/http/listener.hpp"
#include "vmsystem/tests/must.hpp"
#include "vmsystem/tests/notify_socket.hpp"

#include <boost/test/unit_test.hpp>

#include <chrono>
#include <csignal>
#include <string>
#include <vector>

#include <fcntl.h>
#include <unistd.h>

using namespace vmsystem;
using namespace vmsystem::test;

namespace {

constexpr std::chrono::seconds deadline{60};

/// What a service manager does for a service: it hears what it says, and may
/// hand over a socket.
struct manager {
  temp_folder folder;
  std::string name = folder / "notify";
  notify_socket heard{name};

  /// Starts the daemon. With a socket it is descriptor 3 there, as is said in
  /// the environment.
  child_process start(int fd, const std::vector<std::string>& flags) const {
    std::vector<std::string> arguments{program(), "--db", folder / "store",
                                       "serve"};
    if (fd >= 0)
      arguments.insert(
        arguments.begin(),
        {"/bin/bash", "-c",
         "exec 3<&\"$0\"; LISTEN_PID=$$ LISTEN_FDS=1 exec \"$@\"",
         std::to_string(fd)});
    arguments.insert(arguments.end(), flags.begin(), flags.end());
    return child_process{
      arguments, folder / "out", folder / "log", {{"NOTIFY_SOCKET", name}}};
  }
};

/// A socket as a service manager makes it.
http::listening_socket open_socket(const std::string& address) {
  const auto made = must(http::listen_on({address, 0}));
  ::fcntl(made.fd, F_SETFD, 0);
  return made;
}

} // namespace

BOOST_FIXTURE_TEST_SUITE(under_a_service_manager, manager)

BOOST_AUTO_TEST_CASE(the_daemon_says_when_it_serves_and_when_it_stops) {
  auto daemon = start(-1, {"--listen", "127.0.0.1:0"});
  const auto ready = heard.next();
  const std::string begin = "READY=1\nSTATUS=listening on http://127.0.0.1:";
  BOOST_TEST_REQUIRE(ready.rfind(begin, 0) == 0u, ready);
  const auto port = std::stoul(ready.substr(begin.size()));
  http_connection wire{static_cast<uint16_t>(port)};
  BOOST_TEST(wire.request("GET", "/api/v1/health").status == 200);
  // Reloading without a token file changes nothing.
  daemon.signal(SIGHUP);
  BOOST_TEST(wire.request("GET", "/api/v1/health").status == 200);
  daemon.signal(SIGTERM);
  BOOST_TEST(heard.next().rfind("STOPPING=1\n", 0) == 0u);
  BOOST_TEST((daemon.wait(deadline) == 0));
}

BOOST_AUTO_TEST_CASE(requests_wait_in_the_socket_that_it_is_given) {
  const auto socket = open_socket("127.0.0.1");
  http_connection early{socket.bound.port};
  early.begin("GET", "/api/v1/health");
  auto daemon = start(socket.fd, {"--listen", "127.0.0.1:1"});
  ::close(socket.fd);
  BOOST_TEST(early.receive().status == 200);
  BOOST_TEST(heard.next()
             == "READY=1\nSTATUS=listening on http://"
                  + socket.bound.to_string());
  daemon.signal(SIGTERM);
  BOOST_TEST((daemon.wait(deadline) == 0));
}

BOOST_AUTO_TEST_CASE(a_given_socket_for_others_wants_a_token_file) {
  const auto socket = open_socket("0.0.0.0");
  auto daemon = start(socket.fd, {});
  ::close(socket.fd);
  BOOST_TEST((daemon.wait(deadline) == 2));
  BOOST_TEST(bytes_of(folder / "log").find("--token-file")
             != std::string::npos);
}

BOOST_AUTO_TEST_CASE(what_is_no_listening_socket_is_refused) {
  const int file = ::open("/dev/null", O_RDONLY);
  auto daemon = start(file, {});
  ::close(file);
  BOOST_TEST((daemon.wait(deadline) == 2));
  BOOST_TEST(bytes_of(folder / "log").find("from the service manager")
             != std::string::npos);
}

BOOST_AUTO_TEST_SUITE_END()
