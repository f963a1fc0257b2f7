#include "lines.hpp"
#include "vmsystem/models/library.hpp"

using namespace vmsystem;
using namespace vmsystem::test;

namespace {

/// A script for a library, and what it gives.
struct use {
  std::string library;
  std::string code;
  std::string gives;
};

const std::vector<use> uses{
  {"lodash",
   "_.chain([3, 1, 2]).map(x => x * 2).sortBy().join('-').value()"
   " + _.template(' <%= a %>')({ a: _.VERSION })",
   "2-4-6 4.17.21"},
  {"moment",
   "moment.utc('2024-02-28T10:00:00Z').add(2, 'days')"
   ".format('dddd YYYY-MM-DD HH:mm')",
   "Friday 2024-03-01 10:00"},
  {"axios",
   "axios.create({ baseURL: 'http://host/api', adapter: async c => ({"
   " data: [c.method, c.baseURL + c.url], status: 200, headers: {},"
   " config: c }) }).post('/items').then(r => r.data.join(' '))",
   "post http://host/api/items"},
  {"ramda",
   "R.pipe(R.filter(x => x % 2), R.map(R.multiply(3)), R.sum)"
   "(R.range(1, 6)) + ''",
   "27"},
  {"dayjs", "dayjs('2024-01-31').add(1, 'month').format('YYYY-MM-DD')",
   "2024-02-29"},
  {"zustand",
   "const seen = [];"
   "const store = zustand.createStore(set =>"
   " ({ n: 0, add: () => set(s => ({ n: s.n + 1 })) }));"
   "store.subscribe(s => seen.push(s.n));"
   "store.getState().add(); store.getState().add(); seen.join()",
   "1,2"},
};

} // namespace

BOOST_AUTO_TEST_CASE(every_library_of_the_catalogue_is_fetched_and_works) {
  const temp_folder cache;
  const auto folder = cache.path().string();
  const auto ran
    = run_program({program(), "libs", "download", "--cache-dir", folder});
  BOOST_TEST_CONTEXT(ran.out << ran.err) {
    BOOST_TEST_REQUIRE(ran.status == 0);
    BOOST_TEST(lines_of(ran.out).size() == catalogue_libraries.size());
  }
  test_daemon server{{"--library-cache", folder}};
  auto client = server.connect();
  BOOST_TEST(uses.size() == catalogue_libraries.size());
  const auto all = make_template(client);
  for (const auto& [library, code, gives] : uses)
    BOOST_TEST_CONTEXT(library) {
      const auto alone = make_template(client);
      for (const auto& id : {alone, all})
        ask(client, "POST", "/api/v1/templates/" + id + "/libraries",
            "{\"name\":\"" + library + "\"}");
      const auto id = make_session(client, alone);
      const auto record = run_snippet(client, id, code);
      BOOST_TEST(record.field("result").field("preview").text() == gives,
                 record.raw());
    }
  const auto id = make_session(client, all);
  for (const auto& [library, code, gives] : uses)
    BOOST_TEST_CONTEXT(library) {
      const auto record = run_snippet(client, id, code);
      BOOST_TEST(record.field("result").field("preview").text() == gives,
                 record.raw());
    }
}
