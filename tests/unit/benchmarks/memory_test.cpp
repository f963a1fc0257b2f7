#include "vmsystem/benchmarks/harness/memory.hpp"

#include <boost/test/unit_test.hpp>

#include <cstddef>
#include <cstdint>
#include <memory>

namespace vmsystem::bench {

namespace {

constexpr std::size_t many_kib = 64 * 1024;
/// What the process may do besides.
constexpr int64_t noise_kib = 8 * 1024;

/// Memory that is resident: every page was written, which the compiler must
/// believe to matter.
std::unique_ptr<char[]> take_memory() {
  constexpr std::size_t bytes = many_kib * 1024;
  constexpr std::size_t page = 4096;
  std::unique_ptr<char[]> memory{new char[bytes]};
  volatile char* to = memory.get();
  for (std::size_t i = 0; i < bytes; i += page)
    to[i] = 'x';
  return memory;
}

} // namespace

BOOST_AUTO_TEST_SUITE(memory_suite)

BOOST_AUTO_TEST_CASE(memory_that_stays_is_growth) {
  const auto watch = resident_watch::start();
  BOOST_REQUIRE(watch);
  const auto memory = take_memory();
  const auto seen = watch.value().look();
  BOOST_REQUIRE(seen);
  BOOST_TEST(seen.value().growth_kib > int64_t{many_kib} - noise_kib);
  BOOST_TEST(memory[0] == 'x');
}

BOOST_AUTO_TEST_CASE(memory_that_was_given_back_is_in_the_peak_alone) {
  const auto watch = resident_watch::start();
  BOOST_REQUIRE(watch);
  take_memory();
  const auto seen = watch.value().look();
  BOOST_REQUIRE(seen);
  BOOST_TEST(seen.value().growth_kib < noise_kib);
  BOOST_TEST(seen.value().peak_kib > many_kib);
}

BOOST_AUTO_TEST_CASE(an_earlier_peak_is_forgotten) {
  take_memory();
  const auto watch = resident_watch::start();
  BOOST_REQUIRE(watch);
  const auto seen = watch.value().look();
  BOOST_REQUIRE(seen);
  BOOST_TEST(seen.value().peak_kib < many_kib);
}

BOOST_AUTO_TEST_SUITE_END()

} // namespace vmsystem::bench
