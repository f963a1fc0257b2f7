#include "vmsystem/app/doctor.hpp"
#include "vmsystem/tests/temp_folder.hpp"

#include <boost/test/unit_test.hpp>

#include <algorithm>
#include <functional>
#include <string>
#include <vector>

using namespace vmsystem;
using namespace vmsystem::test;

namespace {

constexpr uint64_t gibibyte = uint64_t{1} << 30;

/// A machine on which all is well.
machine_facts good_machine() {
  machine_facts machine;
  machine.openat2 = true;
  machine.sealed_memory = true;
  machine.address_space = true;
  machine.pagemap = true;
  machine.seccomp = true;
  machine.max_map_count = 65530;
  machine.overcommit = 0;
  machine.max_files = 65536;
  machine.core_pattern = "core";
  machine.huge_pages = "always [madvise] never";
  machine.store = {"db", true, true, true, 10 * gibibyte};
  machine.libraries = {"libs", true, false, true, 10 * gibibyte};
  machine.now_s = 1800000000;
  machine.clock_synchronised = true;
  machine.thread_clock = true;
  return machine;
}

finding find(const machine_facts& machine, const std::string& name,
             const demands& wanted = {}) {
  const auto findings = examine(machine, wanted);
  const auto found
    = std::find_if(findings.begin(), findings.end(),
                   [&](const finding& one) { return one.name == name; });
  BOOST_REQUIRE(found != findings.end());
  return *found;
}

/// One thing that is not well, the finding that tells of it, and how bad it is.
struct ailment {
  std::string name;
  verdict result;
  std::function<void(machine_facts&)> cause;
};

} // namespace

BOOST_AUTO_TEST_SUITE(doctor)

BOOST_AUTO_TEST_CASE(a_good_machine_needs_no_advice) {
  for (const auto& found : examine(good_machine(), {})) {
    BOOST_TEST((found.result == verdict::ok), found.name);
    BOOST_TEST(found.advice.empty(), found.name);
    BOOST_TEST(!found.message.empty(), found.name);
  }
}

BOOST_AUTO_TEST_CASE(each_ailment_is_one_finding_with_advice) {
  using facts = machine_facts;
  const std::vector<ailment> ailments{
    {"openat2", verdict::fail, [](facts& x) { x.openat2 = false; }},
    {"memfd_create", verdict::fail, [](facts& x) { x.sealed_memory = false; }},
    {"address space", verdict::fail, [](facts& x) { x.address_space = false; }},
    {"pagemap", verdict::warn, [](facts& x) { x.pagemap = false; }},
    {"vm.max_map_count", verdict::warn,
     [](facts& x) { x.max_map_count = 4200; }},
    {"vm.max_map_count", verdict::warn,
     [](facts& x) { x.max_map_count.reset(); }},
    {"vm.overcommit_memory", verdict::warn, [](facts& x) { x.overcommit = 2; }},
    {"open files", verdict::warn, [](facts& x) { x.max_files = 1024; }},
    {"open files", verdict::fail, [](facts& x) { x.max_files = 256; }},
    {"core dumps", verdict::warn, [](facts& x) { x.max_core_bytes = 1; }},
    {"seccomp", verdict::warn, [](facts& x) { x.seccomp = false; }},
    {"huge pages", verdict::warn,
     [](facts& x) { x.huge_pages = "[always] madvise never"; }},
    {"store", verdict::fail, [](facts& x) { x.store.writable = false; }},
    {"store", verdict::warn,
     [](facts& x) { x.store.free_bytes = gibibyte / 2; }},
    {"store", verdict::fail, [](facts& x) { x.store.free_bytes = 1 << 20; }},
    {"library cache", verdict::fail,
     [](facts& x) { x.libraries.readable = false; }},
    {"clock", verdict::fail, [](facts& x) { x.now_s = 0; }},
    {"clock", verdict::fail, [](facts& x) { x.thread_clock = false; }},
    {"clock", verdict::warn, [](facts& x) { x.clock_synchronised = false; }},
  };
  for (const auto& one : ailments) {
    auto machine = good_machine();
    one.cause(machine);
    for (const auto& found : examine(machine, {}))
      BOOST_TEST_CONTEXT(one.name << ": " << found.name) {
        const bool is_it = found.name == one.name;
        BOOST_TEST((found.result == (is_it ? one.result : verdict::ok)));
        BOOST_TEST(found.advice.empty() == !is_it);
      }
  }
}

BOOST_AUTO_TEST_CASE(what_is_wanted_decides) {
  demands wanted;
  wanted.sessions = 20478;
  BOOST_TEST(
    (find(good_machine(), "vm.max_map_count", wanted).result == verdict::ok));
  wanted.sessions = 20479;
  const auto few = find(good_machine(), "vm.max_map_count", wanted);
  BOOST_TEST((few.result == verdict::fail));
  BOOST_TEST(few.advice == "sysctl -w vm.max_map_count=65533");
  auto machine = good_machine();
  machine.max_map_count = 65533;
  BOOST_TEST((find(machine, "vm.max_map_count", wanted).result == verdict::ok));
  // No setting gives one process so many.
  wanted.sessions = 30001;
  BOOST_TEST(
    find(good_machine(), "vm.max_map_count", wanted).advice.find("run several")
    != std::string::npos);
  wanted.connections = 65536;
  BOOST_TEST(
    (find(good_machine(), "open files", wanted).result == verdict::warn));
}

BOOST_AUTO_TEST_CASE(a_library_cache_that_is_not_there_is_none) {
  auto machine = good_machine();
  machine.libraries = {"libs", false, true, false, 0};
  BOOST_TEST((find(machine, "library cache").result == verdict::ok));
}

BOOST_AUTO_TEST_CASE(this_machine_is_looked_at) {
  const temp_folder folder;
  folder.put("file", "");
  auto machine = look_at_machine(folder / "a/b/db", folder / "file");
  BOOST_TEST(machine.openat2);
  BOOST_TEST(machine.sealed_memory);
  BOOST_TEST(machine.pagemap);
  BOOST_TEST(machine.thread_clock);
  BOOST_TEST((machine.max_map_count.value_or(0) > 0u));
  BOOST_TEST(machine.max_files > 0u);
  BOOST_TEST(!machine.store.exists);
  BOOST_TEST(machine.store.writable);
  BOOST_TEST(machine.store.free_bytes > 0u);
  BOOST_TEST(!machine.libraries.exists);
  machine = look_at_machine(folder / "file/db", folder.path().string());
  BOOST_TEST(!machine.store.writable);
  BOOST_TEST(machine.libraries.exists);
  BOOST_TEST(machine.libraries.readable);
}

BOOST_AUTO_TEST_SUITE_END()
