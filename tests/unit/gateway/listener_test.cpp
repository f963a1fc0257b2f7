#include "vmsystem/actors/http/listener.hpp"
#include "vmsystem/tests/temp_folder.hpp"

#include <boost/test/unit_test.hpp>

#include <filesystem>
#include <fstream>
#include <utility>

#include <fcntl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

using namespace vmsystem;
using http::adopt_listener;
using http::endpoint;
using http::listen_on;
using test::temp_folder;

namespace {

endpoint at_path(const std::string& path) {
  endpoint result;
  result.unix_path = path;
  return result;
}

/// The permissions of a file; 0 when there is none.
mode_t mode_of(const std::string& path) {
  struct stat found {};
  return ::lstat(path.c_str(), &found) == 0 ? found.st_mode & 07777 : 0;
}

} // namespace

BOOST_AUTO_TEST_CASE(addresses_are_read_and_written) {
  for (const auto* text :
       {"127.0.0.1:3210", "0.0.0.0:0", "[::1]:3210", "[::]:65535",
        "[fe80::1:2]:80", "unix:/run/vm.sock", "unix:here.sock"}) {
    const auto where = endpoint::parse(text);
    BOOST_TEST_CONTEXT(text) {
      BOOST_REQUIRE(where.has_value());
      BOOST_TEST(where.value().to_string() == text);
    }
  }
  BOOST_TEST(endpoint::parse("localhost:1").value().address == "127.0.0.1");
  BOOST_TEST(endpoint::parse("[::1]:1").value().url() == "http://[::1]:1");
  const auto socket = endpoint::parse("unix:/a:1").value();
  BOOST_TEST(socket.unix_path == "/a:1");
  BOOST_TEST(socket.url() == "unix:/a:1");
  BOOST_TEST(socket.is_loopback());
}

BOOST_AUTO_TEST_CASE(other_texts_are_no_addresses) {
  for (const auto* text : {"",
                           ":",
                           ":3210",
                           "127.0.0.1",
                           "127.0.0.1:",
                           "127.0.0.1:65536",
                           "127.0.0.1:-1",
                           "127.0.0.1:x",
                           "127.0.0.1: 1",
                           "256.0.0.1:1",
                           "example.org:80",
                           "::1:3210",
                           "[127.0.0.1]:1",
                           "[]:1",
                           "[::1]",
                           "[::1]3210",
                           "127.0.0.1:1:2",
                           "unix:",
                           "UNIX:/run/vm.sock",
                           "unix/run/vm.sock"})
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

BOOST_AUTO_TEST_CASE(a_unix_socket_is_its_owners_and_goes_with_the_server) {
  const temp_folder folder;
  const auto path = folder / "socket";
  for (const mode_t mode : {0600u, 0660u, 0666u}) {
    // Whatever the process keeps from new files.
    const auto before = ::umask(0177);
    auto socket = listen_on(at_path(path), mode);
    ::umask(before);
    BOOST_REQUIRE(socket.has_value());
    BOOST_TEST(mode_of(path) == mode);
    BOOST_TEST(socket.value().bound.to_string() == "unix:" + path);
    ::close(socket.value().fd);
    socket.value().file.reset();
    BOOST_TEST(!std::filesystem::exists(path));
  }
  const auto socket = listen_on(at_path(path));
  BOOST_REQUIRE(socket.has_value());
  BOOST_TEST(mode_of(path) == 0600u);
  ::close(socket.value().fd);
}

BOOST_AUTO_TEST_CASE(a_unix_socket_that_is_in_use_is_refused) {
  const temp_folder folder;
  const auto path = folder / "socket";
  const auto first = listen_on(at_path(path));
  BOOST_REQUIRE(first.has_value());
  const auto second = listen_on(at_path(path));
  BOOST_REQUIRE(!second.has_value());
  BOOST_TEST(second.error().message.find("unix:" + path + ": it is in use")
               != std::string::npos,
             second.error().message);
  BOOST_TEST(std::filesystem::exists(path));
  // Now nobody listens, and the file is one that a crash would leave.
  ::close(first.value().fd);
  const auto third = listen_on(at_path(path));
  BOOST_REQUIRE(third.has_value());
  BOOST_TEST(!listen_on(at_path(path)).has_value());
  ::close(third.value().fd);
}

BOOST_AUTO_TEST_CASE(the_socket_of_a_successor_is_left_alone) {
  const temp_folder folder;
  const auto path = folder / "socket";
  auto first = listen_on(at_path(path));
  BOOST_REQUIRE(first.has_value());
  std::filesystem::rename(path, folder / "moved");
  const auto second = listen_on(at_path(path));
  BOOST_REQUIRE(second.has_value());
  first.value().file.reset();
  BOOST_TEST(std::filesystem::exists(path));
  ::close(first.value().fd);
  ::close(second.value().fd);
}

BOOST_AUTO_TEST_CASE(what_is_no_socket_is_kept) {
  const temp_folder folder;
  const auto file = folder / "file";
  std::ofstream{file} << "kept";
  std::filesystem::create_symlink(file, folder / "link");
  std::filesystem::create_directory(folder / "folder");
  for (const auto* name : {"file", "link", "folder"})
    BOOST_TEST_CONTEXT(name) {
      const auto socket = listen_on(at_path(folder / name));
      BOOST_REQUIRE(!socket.has_value());
      BOOST_TEST(socket.error().message.find("no socket") != std::string::npos,
                 socket.error().message);
    }
  BOOST_TEST(std::filesystem::file_size(file) == 4u);
  BOOST_TEST(std::filesystem::is_symlink(folder / "link"));
  BOOST_TEST(std::filesystem::is_directory(folder / "folder"));
}

BOOST_AUTO_TEST_CASE(a_path_that_no_socket_can_have_is_refused) {
  const temp_folder folder;
  const auto prefix = folder / "";
  const auto fits = prefix + std::string(107 - prefix.size(), 'x');
  const auto socket = listen_on(at_path(fits));
  BOOST_REQUIRE(socket.has_value());
  ::close(socket.value().fd);
  for (const auto& text : {"unix:" + fits + 'x', "unix:/a" + std::string(1, 0)})
    BOOST_TEST((endpoint::parse(text).error().code == ec::validation_error));
  const auto too_long = listen_on(at_path(fits + 'x'));
  BOOST_REQUIRE(!too_long.has_value());
  BOOST_TEST((too_long.error().code == ec::validation_error));
  const auto nowhere = listen_on(at_path(folder / "none/socket"));
  BOOST_REQUIRE(!nowhere.has_value());
  BOOST_TEST(nowhere.error().message.find("No such file") != std::string::npos,
             nowhere.error().message);
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
