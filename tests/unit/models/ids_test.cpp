#include "vmsystem/models/ids.hpp"

#include <boost/test/unit_test.hpp>

#include <algorithm>
#include <chrono>
#include <set>
#include <string>
#include <string_view>
#include <thread>
#include <unordered_set>
#include <vector>

using namespace vmsystem;
using namespace std::string_view_literals;

namespace {

constexpr auto canonical = "0190c0de-cafe-7abc-8def-0123456789ab"sv;

uint64_t now_ms() {
  using namespace std::chrono;
  return static_cast<uint64_t>(
    duration_cast<milliseconds>(system_clock::now().time_since_epoch())
      .count());
}

uint64_t ms_of(const raw_id& id) {
  uint64_t result = 0;
  for (std::size_t i = 0; i < 6; ++i)
    result = (result << 8) | id.bytes[i];
  return result;
}

raw_id id_at(uint64_t ms) {
  raw_id result;
  for (std::size_t i = 0; i < 6; ++i)
    result.bytes[i] = static_cast<uint8_t>(ms >> (40 - 8 * i));
  result.bytes[6] = 0x7f;
  std::fill(result.bytes.begin() + 7, result.bytes.end(), uint8_t{0xff});
  result.bytes[8] = 0xbf;
  return result;
}

} // namespace

BOOST_AUTO_TEST_SUITE(ids)

BOOST_AUTO_TEST_CASE(a_new_id_has_the_layout_of_version_7) {
  const auto before = now_ms();
  for (int i = 0; i < 1000; ++i) {
    const auto id = raw_id::generate();
    BOOST_TEST_REQUIRE((id.bytes[6] >> 4) == 7);
    BOOST_TEST_REQUIRE((id.bytes[8] >> 6) == 2);
    BOOST_TEST_REQUIRE(ms_of(id) >= before);
    // Another test may have pushed the ids a little ahead of the clock.
    BOOST_TEST_REQUIRE(ms_of(id) <= now_ms() + 1000);
  }
}

BOOST_AUTO_TEST_CASE(the_text_of_an_id_is_lower_case_with_hyphens) {
  const auto text = raw_id::generate().to_string();
  BOOST_TEST_REQUIRE(text.size() == 36u);
  for (std::size_t i = 0; i < text.size(); ++i) {
    const bool hyphen = i == 8 || i == 13 || i == 18 || i == 23;
    const auto wanted = hyphen ? "-"sv : "0123456789abcdef"sv;
    BOOST_TEST(wanted.find(text[i]) != std::string_view::npos);
  }
}

BOOST_AUTO_TEST_CASE(ids_compare_like_their_bytes_and_their_text) {
  auto last = raw_id::generate();
  for (int i = 0; i < 1000; ++i) {
    const auto next = raw_id::generate();
    BOOST_TEST_REQUIRE((last < next));
    BOOST_TEST_REQUIRE((last.view() < next.view()));
    BOOST_TEST_REQUIRE(last.to_string() < next.to_string());
    last = next;
  }
}

BOOST_AUTO_TEST_CASE(ids_of_several_threads_increase_and_never_share_a_stamp) {
  constexpr std::size_t each = 20000;
  std::vector<std::vector<raw_id>> made(4);
  std::vector<std::thread> threads;
  for (auto& mine : made)
    threads.emplace_back([&mine] {
      mine.reserve(each);
      for (std::size_t i = 0; i < each; ++i)
        mine.push_back(raw_id::generate());
    });
  for (auto& thread : threads)
    thread.join();
  std::set<std::string_view> stamps;
  const auto later = raw_id::generate();
  for (const auto& mine : made) {
    BOOST_TEST((std::adjacent_find(mine.begin(), mine.end(),
                                   [](const raw_id& x, const raw_id& y) {
                                     return !(x < y);
                                   })
                == mine.end()));
    BOOST_TEST((mine.back() < later));
    for (const auto& id : mine)
      stamps.insert(id.view().substr(0, 8));
  }
  BOOST_TEST(stamps.size() == made.size() * each);
}

BOOST_AUTO_TEST_CASE(ids_of_several_threads_have_different_random_bits) {
  std::vector<raw_id> made(8);
  std::vector<std::thread> threads;
  for (auto& id : made)
    threads.emplace_back([&id] { id = raw_id::generate(); });
  for (auto& thread : threads)
    thread.join();
  std::set<std::string_view> tails;
  for (const auto& id : made)
    tails.insert(id.view().substr(8));
  BOOST_TEST(tails.size() == made.size());
}

BOOST_AUTO_TEST_CASE(ids_stay_above_a_floor_in_the_future) {
  const auto floor = id_at(now_ms() + 200);
  raw_id::generate_after(floor);
  auto last = floor;
  for (int i = 0; i < 100; ++i) {
    const auto next = raw_id::generate();
    BOOST_TEST_REQUIRE((last < next));
    last = next;
  }
}

BOOST_AUTO_TEST_CASE(the_highest_of_several_floors_counts) {
  const auto base = now_ms() + 200;
  std::vector<std::thread> threads;
  for (uint64_t i = 0; i < 4; ++i)
    threads.emplace_back([base, i] {
      for (uint64_t step = 0; step < 100; ++step)
        raw_id::generate_after(id_at(base + step * 4 + i));
    });
  for (auto& thread : threads)
    thread.join();
  BOOST_TEST((id_at(base + 399) < raw_id::generate()));
}

BOOST_AUTO_TEST_CASE(a_floor_in_the_past_changes_nothing) {
  const auto before = raw_id::generate();
  raw_id::generate_after(id_at(1));
  raw_id::generate_after(raw_id{});
  BOOST_TEST((before < raw_id::generate()));
}

BOOST_AUTO_TEST_CASE(all_accepted_forms_name_the_same_id) {
  const std::string forms[] = {
    "0190c0de-cafe-7abc-8def-0123456789ab",
    "0190C0DE-CAFE-7ABC-8DEF-0123456789AB",
    "0190c0DE-caFE-7abC-8DEF-0123456789aB",
    "0190c0decafe7abc8def0123456789ab",
    "0190C0DECAFE7ABC8DEF0123456789AB",
    "{0190c0de-cafe-7abc-8def-0123456789ab}",
    "{0190C0DE-CAFE-7ABC-8DEF-0123456789AB}",
    "urn:uuid:0190c0de-cafe-7abc-8def-0123456789ab",
    "URN:UUID:0190C0DE-CAFE-7ABC-8DEF-0123456789AB",
    "Urn:Uuid:0190c0de-cafe-7abc-8def-0123456789ab",
    "urn:uuid:0190c0decafe7abc8def0123456789ab",
    "  0190c0de-cafe-7abc-8def-0123456789ab",
    "0190c0de-cafe-7abc-8def-0123456789ab \t\r\n\v\f",
    "\n{0190c0de-cafe-7abc-8def-0123456789ab}\n",
    " urn:uuid:0190c0de-cafe-7abc-8def-0123456789ab ",
  };
  for (const auto& form : forms)
    BOOST_TEST_CONTEXT(form) {
      const auto id = raw_id::parse(form);
      BOOST_TEST_REQUIRE(id.has_value());
      BOOST_TEST(id->to_string() == canonical);
    }
}

BOOST_AUTO_TEST_CASE(every_other_text_is_no_id) {
  const std::string_view texts[] = {
    "",
    "   ",
    "x",
    "0190c0de-cafe-7abc-8def-0123456789a",
    "0190c0de-cafe-7abc-8def-0123456789abc",
    "0190c0de-cafe-7abc-8def0123456789ab",
    "0190c0decafe7abc8def0123456789a",
    "0190c0decafe7abc8def0123456789abc",
    "0190c0dec-afe-7abc-8def-0123456789ab",
    "-190c0de-cafe-7abc-8def-0123456789ab",
    "0190c0de_cafe_7abc_8def_0123456789ab",
    "0190c0de-cafe-7abc-8def-0123456789ag",
    "0190c0de-cafe-7abc-8def-0123456789a\xff",
    "0190c0de-cafe-7abc-8def-0123456789a\xc3\xa4",
    "0190c0de-cafe-7abc-8def-0123456789\0b"sv,
    "\0"
    "0190c0de-cafe-7abc-8def-0123456789ab"sv,
    "0x90c0decafe7abc8def0123456789ab",
    "+190c0decafe7abc8def0123456789ab",
    "0190c0de-cafe-7abc -8def-0123456789ab",
    "0190c0de cafe 7abc 8def 0123456789ab",
    "{0190c0de-cafe-7abc-8def-0123456789ab",
    "0190c0de-cafe-7abc-8def-0123456789ab}",
    "(0190c0de-cafe-7abc-8def-0123456789ab)",
    "{0190c0decafe7abc8def0123456789ab}",
    "{{0190c0de-cafe-7abc-8def-0123456789ab}}",
    "{ 0190c0de-cafe-7abc-8def-0123456789ab }",
    "urn:uuid:",
    "urn:uuid:{0190c0de-cafe-7abc-8def-0123456789ab}",
    "{urn:uuid:0190c0de-cafe-7abc-8def-0123456789ab}",
    "urn:uuid:urn:uuid:0190c0de-cafe-7abc-8def-0123456789ab",
    "urn:uuid: 0190c0de-cafe-7abc-8def-0123456789ab",
    "uuid:0190c0de-cafe-7abc-8def-0123456789ab",
    "urn:guid:0190c0de-cafe-7abc-8def-0123456789ab",
    "\xc2\xa0"
    "0190c0de-cafe-7abc-8def-0123456789ab",
    "0190c0de-cafe-7abc-8def-0123456789ab,"
    "0190c0de-cafe-7abc-8def-0123456789ab",
  };
  for (const auto text : texts)
    BOOST_TEST_CONTEXT(text) {
      BOOST_TEST(!raw_id::parse(text).has_value());
      BOOST_TEST(!session_id::parse(text).has_value());
    }
}

BOOST_AUTO_TEST_CASE(new_ids_are_read_back_from_their_text) {
  for (int i = 0; i < 100; ++i) {
    const auto id = execution_id::generate();
    BOOST_TEST((execution_id::parse(id.to_string()) == id));
  }
}

BOOST_AUTO_TEST_CASE(the_nil_id_is_a_valid_text_that_stands_for_none) {
  const auto nil = raw_id::parse("00000000-0000-0000-0000-000000000000");
  BOOST_TEST_REQUIRE(nil.has_value());
  BOOST_TEST(nil->nil());
  BOOST_TEST((*nil == raw_id{}));
  BOOST_TEST(!raw_id::generate().nil());
  BOOST_TEST(template_id{}.nil());
}

BOOST_AUTO_TEST_CASE(text_is_appended_to_what_is_there) {
  std::string text = "id=";
  raw_id::parse(canonical)->append_to(text);
  BOOST_TEST(text == "id=" + std::string{canonical});
}

BOOST_AUTO_TEST_CASE(hashes_tell_ids_apart) {
  std::unordered_set<session_id> all;
  for (int i = 0; i < 1000; ++i)
    all.insert(session_id::generate());
  BOOST_TEST(all.size() == 1000u);
  std::set<std::size_t> hashes;
  for (const auto& id : all)
    hashes.insert(std::hash<session_id>{}(id));
  BOOST_TEST(hashes.size() > 990u);
}

BOOST_AUTO_TEST_CASE(a_foreign_id_at_the_end_of_time_is_not_followed) {
  const auto last = raw_id::parse("ffffffff-ffff-7fff-bfff-ffffffffffff");
  BOOST_TEST_REQUIRE(last.has_value());
  const auto before = raw_id::generate();
  raw_id::generate_after(*last);
  const auto after = raw_id::generate();
  BOOST_TEST((before < after));
  BOOST_TEST((after < *last));
}

BOOST_AUTO_TEST_SUITE_END()
