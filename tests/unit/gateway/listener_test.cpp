#include "vmsystem/actors/http/listener.hpp"

#include <boost/test/unit_test.hpp>

#include <fcntl.h>
#include <sys/socket.h>
#include <unistd.h>

using namespace vmsystem;
using http::adopt_listener;
using http::endpoint;
using http::listen_on;

BOOST_AUTO_TEST_CASE(addresses_are_read_and_written) {
  for (const auto* text : {"127.0.0.1:3210", "0.0.0.0:0", "[::1]:3210",
                           "[::]:65535", "[fe80::1:2]:80"}) {
    const auto where = endpoint::parse(text);
    BOOST_TEST_CONTEXT(text) {
      BOOST_REQUIRE(where.has_value());
      BOOST_TEST(where.value().to_string() == text);
    }
  }
  BOOST_TEST(endpoint::parse("localhost:1").value().address == "127.0.0.1");
}

BOOST_AUTO_TEST_CASE(other_texts_are_no_addresses) {
  for (const auto* text :
       {"", ":", ":3210", "127.0.0.1", "127.0.0.1:", "127.0.0.1:65536",
        "127.0.0.1:-1", "127.0.0.1:x", "127.0.0.1: 1", "256.0.0.1:1",
        "example.org:80", "::1:3210", "[127.0.0.1]:1", "[]:1", "[::1]",
        "[::1]3210", "127.0.0.1:1:2"})
    BOOST_TEST_CONTEXT(text) {
      const auto where = endpoint::parse(text);
      BOOST_REQUIRE(!where.has_value());
      BOOST_TEST((where.error().code == ec::validation_error));
    }
}

BOOST_AUTO_TEST_CASE(port_0_takes_a_free_port) {
  const auto socket = listen_on({"127.0.0.1", 0});
  BOOST_REQUIRE(socket.has_value());
  BOOST_TEST(socket.value().bound.port != 0);
  ::close(socket.value().fd);
}

BOOST_AUTO_TEST_CASE(a_port_in_use_is_refused_with_the_way_out) {
  const auto first = listen_on({"127.0.0.1", 0});
  BOOST_REQUIRE(first.has_value());
  const auto second = listen_on(first.value().bound);
  BOOST_REQUIRE(!second.has_value());
  const auto& message = second.error().message;
  BOOST_TEST(message.find(first.value().bound.to_string()) == 0u);
  BOOST_TEST(message.find("port 0") != std::string::npos);
  ::close(first.value().fd);
  const auto third = listen_on(first.value().bound);
  BOOST_REQUIRE(third.has_value());
  ::close(third.value().fd);
}

BOOST_AUTO_TEST_CASE(an_address_of_another_machine_is_refused) {
  const auto socket = listen_on({"192.0.2.1", 0});
  BOOST_REQUIRE(!socket.has_value());
  BOOST_TEST((socket.error().code == ec::validation_error));
}

BOOST_AUTO_TEST_CASE(a_socket_that_listens_is_taken_over) {
  for (const auto* address : {"127.0.0.1", "::1"}) {
    const int family = address[0] == ':' ? AF_INET6 : AF_INET;
    const int probe = ::socket(family, SOCK_STREAM, 0);
    if (probe < 0)
      continue; // A machine without IPv6.
    ::close(probe);
    const auto made = listen_on({address, 0});
    BOOST_REQUIRE(made.has_value());
    const int fd = made.value().fd;
    ::fcntl(fd, F_SETFL, 0);
    ::fcntl(fd, F_SETFD, 0);
    const auto adopted = adopt_listener(fd);
    BOOST_REQUIRE(adopted.has_value());
    BOOST_TEST(adopted.value().fd == fd);
    BOOST_TEST(adopted.value().bound.to_string()
               == made.value().bound.to_string());
    BOOST_TEST((::fcntl(fd, F_GETFL) & O_NONBLOCK) != 0);
    BOOST_TEST((::fcntl(fd, F_GETFD) & FD_CLOEXEC) != 0);
    ::close(fd);
  }
}

BOOST_AUTO_TEST_CASE(other_descriptors_are_not_taken_over) {
  const int silent = ::socket(AF_INET, SOCK_STREAM, 0);
  const int datagrams = ::socket(AF_INET, SOCK_DGRAM, 0);
  const int local = ::socket(AF_UNIX, SOCK_STREAM, 0);
  const int file = ::open("/dev/null", O_RDONLY);
  for (const int fd : {silent, datagrams, local, file, -1}) {
    const auto adopted = adopt_listener(fd);
    BOOST_REQUIRE(!adopted.has_value());
    BOOST_TEST((adopted.error().code == ec::validation_error));
    if (fd >= 0)
      BOOST_TEST(::close(fd) == 0);
  }
}
