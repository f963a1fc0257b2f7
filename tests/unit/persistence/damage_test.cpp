#include "vmsystem/tests/unit/persistence/raw_database.hpp"
#include "vmsystem/tests/unit/persistence/support.hpp"

#include <boost/test/unit_test.hpp>

#include <functional>
#include <string>

using namespace vmsystem;
using namespace vmsystem::test;

namespace {

const std::string session_name = id_of(1).to_string();
const std::string execution_name = id_of(2).to_string();
const std::string batch_name = id_of(3).to_string();

std::string key(index_kind kind, raw_id first) {
  store_key result;
  return std::string{result.add(kind).add(first).view()};
}

std::string key(index_kind kind, raw_id first, raw_id second) {
  store_key result;
  return std::string{result.add(kind).add(first).add(second).view()};
}

/// A store in memory with a session and an execution, open to damage.
struct damageable {
  rocksdb_config config;

  damageable() {
    config.path = "/store";
    config.env = make_memory_env();
    must(commit(*must(rocksdb_store::open(config)),
                {put_session(id_of(1), session_status::ready, "s"),
                 begin_execution(id_of(2), id_of(1), "e"),
                 put_batch(id_of(3), batch_status::running, "b")}));
  }

  /// The failure of a read after `damage`, which must be internal.
  template <class Read>
  std::string after(const std::function<void(raw_database&)>& damage,
                    Read read) const {
    {
      raw_database raw{config.path, raw_database::our_names(), config.env};
      damage(raw);
    }
    const auto view = must(rocksdb_store::open(config))->read();
    const auto why = must_fail(read(*view));
    BOOST_TEST((why.code == ec::internal));
    return why.message;
  }
};

execution_filter all_of_session() {
  execution_filter filter;
  filter.session.raw = id_of(1);
  return filter;
}

} // namespace

BOOST_AUTO_TEST_SUITE(damage)

BOOST_FIXTURE_TEST_CASE(an_execution_that_only_an_index_knows_is_named,
                        damageable) {
  const auto lose
    = [](raw_database& raw) { raw.remove("executions", id_of(2).view()); };
  const auto words = "the store is damaged: executions/" + execution_name
                     + " is missing, though an index names it";
  BOOST_TEST(after(lose,
                   [](store_reader& view) {
                     return view.execution_documents(all_of_session());
                   })
             == words);
  BOOST_TEST(after(lose, [](store_reader& view) { return view.unfinished(); })
             == words);
}

BOOST_FIXTURE_TEST_CASE(a_session_that_only_an_index_knows_is_named,
                        damageable) {
  const auto lose
    = [](raw_database& raw) { raw.remove("sessions", id_of(1).view()); };
  const auto words = "the store is damaged: sessions/" + session_name
                     + " is missing, though an index names it";
  BOOST_TEST(
    after(lose, [](store_reader& view) { return view.session_documents({}); })
    == words);
  BOOST_TEST(after(lose, [](store_reader& view) { return view.unfinished(); })
             == words);
}

BOOST_FIXTURE_TEST_CASE(an_index_entry_of_the_wrong_size_is_named, damageable) {
  const auto execution
    = key(index_kind::execution_of_session, id_of(1), id_of(2));
  BOOST_TEST(
    after([&](raw_database& raw) { raw.put("indexes", execution, ""); },
          [](store_reader& view) {
            return view.execution_documents(all_of_session());
          })
    == "the store is damaged: indexes/e/" + session_name + "/" + execution_name
         + " has no status and kind");
  const auto session = key(index_kind::session, id_of(1));
  BOOST_TEST(
    after([&](raw_database& raw) { raw.put("indexes", session, "long"); },
          [](store_reader& view) { return view.session_documents({}); })
    == "the store is damaged: indexes/s/" + session_name + " has no status");
}

BOOST_FIXTURE_TEST_CASE(a_batch_that_only_an_index_knows_is_named, damageable) {
  const auto lose
    = [](raw_database& raw) { raw.remove("batches", id_of(3).view()); };
  const auto words = "the store is damaged: batches/" + batch_name
                     + " is missing, though an index names it";
  BOOST_TEST(
    after(lose, [](store_reader& view) { return view.batch_documents({}); })
    == words);
  BOOST_TEST(after(lose, [](store_reader& view) { return view.unfinished(); })
             == words);
}

BOOST_FIXTURE_TEST_CASE(a_batch_without_a_status_is_named, damageable) {
  const auto blur = [](raw_database& raw) {
    raw.put("indexes", key(index_kind::batch, id_of(3)), "");
  };
  const auto words
    = "the store is damaged: indexes/b/" + batch_name + " has no status";
  BOOST_TEST(
    after(blur, [](store_reader& view) { return view.batch_documents({}); })
    == words);
  BOOST_TEST(after(blur,
                   [](store_reader& view) {
                     return view.batch_results({batch_id{id_of(3)}});
                   })
             == words);
}

BOOST_FIXTURE_TEST_CASE(a_job_s_record_that_cannot_be_read_is_named,
                        damageable) {
  const auto id = job_execution_id(batch_id{id_of(3)}, 7);
  const auto spoil = [&](raw_database& raw) {
    raw.put("executions", id.view(),
            R"({"id":"x","batch_id":")" + batch_name + R"("})");
  };
  BOOST_TEST(after(spoil,
                   [](store_reader& view) {
                     return view.batch_results({batch_id{id_of(3)}});
                   })
             == "the store is damaged: executions/" + id.to_string()
                  + " cannot be read");
}

BOOST_FIXTURE_TEST_CASE(malformed_keys_do_no_harm, damageable) {
  {
    raw_database raw{config.path, raw_database::our_names(), config.env};
    raw.put("events", id_of(2).view(), "no seq");
    raw.put("templates", "short", "t");
    raw.put("executions", "", "e");
  }
  const auto view = must(rocksdb_store::open(config))->read();
  BOOST_TEST(must(view->event_documents({id_of(2)})) == "[no seq]");
  must(view->last_event_seq({id_of(2)}));
  BOOST_TEST(must(view->template_documents()).size() == 1u);
  must(view->unfinished());
}

BOOST_AUTO_TEST_SUITE_END()
