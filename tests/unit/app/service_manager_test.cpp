#define BOOST_TEST_MODULE app_service
#include "vmsystem/app/service_manager.hpp"
#include "vmsystem/tests/must.hpp"
#include "vmsystem/tests/notify_socket.hpp"
#include "vmsystem/tests/temp_folder.hpp"

#include <boost/test/unit_test.hpp>

#include <cstdlib>
#include <string>

using namespace vmsystem;
using namespace vmsystem::test;

namespace {

/// The variables of a service manager, which are gone at the end of a test.
struct manager_variables {
  manager_variables() {
    clear();
  }

  ~manager_variables() {
    clear();
  }

  static void set(const char* name, const std::string& value) {
    ::setenv(name, value.c_str(), 1);
  }

  static void set_sockets(const std::string& count) {
    set("LISTEN_PID", std::to_string(::getpid()));
    set("LISTEN_FDS", count);
  }

  static void clear() {
    for (const auto* name : {"NOTIFY_SOCKET", "LISTEN_PID", "LISTEN_FDS"})
      ::unsetenv(name);
  }
};

} // namespace

BOOST_FIXTURE_TEST_SUITE(service_managers, manager_variables)

BOOST_AUTO_TEST_CASE(without_one_nothing_is_told_and_nothing_taken) {
  BOOST_TEST(!has_service_manager());
  must(notify_service_manager("READY=1"));
  BOOST_TEST(!must(socket_of_service_manager()).has_value());
}

BOOST_AUTO_TEST_CASE(it_hears_what_it_is_told) {
  const temp_folder folder;
  for (const auto& name :
       {folder / "notify", "@vm-system-test-" + std::to_string(::getpid())}) {
    const notify_socket heard{name};
    set("NOTIFY_SOCKET", name);
    BOOST_TEST(has_service_manager());
    must(notify_service_manager("READY=1\nSTATUS=x"));
    BOOST_TEST(heard.next() == "READY=1\nSTATUS=x");
    must(notify_service_manager("STOPPING=1"));
    BOOST_TEST(heard.next() == "STOPPING=1");
  }
}

BOOST_AUTO_TEST_CASE(a_socket_that_cannot_be_reached_is_an_error) {
  const temp_folder folder;
  for (const auto& name :
       {folder / "none", std::string{"relative"}, std::string{"vsock:2:3"},
        '/' + std::string(200, 'x'), '@' + std::string(107, 'x')}) {
    set("NOTIFY_SOCKET", name);
    const auto told = notify_service_manager("READY=1");
    BOOST_REQUIRE(told.has_error());
    BOOST_TEST((told.error().code == ec::internal));
  }
}

BOOST_AUTO_TEST_CASE(its_one_socket_is_taken) {
  set_sockets("1");
  BOOST_TEST(must(socket_of_service_manager()).value_or(0) == 3);
  set_sockets("0");
  BOOST_TEST(!must(socket_of_service_manager()).has_value());
}

BOOST_AUTO_TEST_CASE(the_sockets_of_another_process_are_not_taken) {
  set_sockets("1");
  for (const auto& pid : {std::to_string(::getppid()), std::string{},
                          std::to_string(::getpid()) + "x"}) {
    set("LISTEN_PID", pid);
    BOOST_TEST(!must(socket_of_service_manager()).has_value());
  }
}

BOOST_AUTO_TEST_CASE(several_sockets_are_refused) {
  for (const auto* count : {"2", "-1", "", "one", "1 "}) {
    set_sockets(count);
    BOOST_TEST(
      (must_fail(socket_of_service_manager()).code == ec::validation_error));
  }
}

BOOST_AUTO_TEST_SUITE_END()
