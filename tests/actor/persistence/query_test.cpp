#include "vmsystem/actors/query.hpp"
#include "vmsystem/models/codec.hpp"
#include "vmsystem/persistence/faulty_store.hpp"
#include "vmsystem/tests/actor/persistence/actor_fixture.hpp"

#include <boost/test/unit_test.hpp>

#include <string>

using namespace vmsystem;
using namespace vmsystem::test;

namespace {

/// A query actor over a store with two templates, a session, an execution.
struct query_fixture : actor_fixture {
  std::shared_ptr<faulty_store> kept
    = std::make_shared<faulty_store>(memory_store());
  query_actor actor = system.spawn(query, kept);

  query_fixture() {
    must(commit(*kept, {put_template(id_of(1), bundle(1, "first")),
                        put_template(id_of(2), bundle(2, "second")),
                        put_session(id_of(3), session_status::ready, "s"),
                        end_execution(id_of(4), id_of(3), "e"),
                        append_events(id_of(4), 1, "e1,\ne2"),
                        put_batch(id_of(5), batch_status::completed, "b"),
                        append_input(id_of(5), 1, 0, "{}\n"),
                        end_job(job(batch_id{id_of(5)}, 0))}));
  }

  ~query_fixture() {
    caf::anon_send_exit(actor, caf::exit_reason::user_shutdown);
    scheduler.run();
  }

  static std::string bundle(uint8_t number, std::string name) {
    template_bundle x;
    x.record.id.raw = id_of(number);
    x.record.name = std::move(name);
    x.record.engine = "quickjs";
    x.record.created_at.us = 1;
    x.record.updated_at.us = 1;
    x.settings.vm_id = x.record.id;
    return must(to_json(x)).text;
  }

  template <class Answer, class... Parts>
  expected<Answer> get(Parts&&... parts) {
    return answer<Answer>(
      client->request(actor, caf::infinite, std::forward<Parts>(parts)...));
  }
};

} // namespace

BOOST_AUTO_TEST_SUITE(queries)

BOOST_FIXTURE_TEST_CASE(a_template_is_served_as_it_is_stored, query_fixture) {
  BOOST_TEST(must(get<json_text>(get_atom_v, template_id{id_of(1)})).text
             == bundle(1, "first"));
  const auto decoded
    = must(get<template_bundle>(bundle_atom_v, template_id{id_of(2)}));
  BOOST_TEST(decoded.record.name == "second");
}

BOOST_FIXTURE_TEST_CASE(templates_are_listed_as_records, query_fixture) {
  const auto list = must(get<json_text>(list_atom_v));
  const auto records = must(list_from_json<template_record>(list.text));
  BOOST_TEST_REQUIRE(records.size() == 2u);
  BOOST_TEST(records[0].name == "second");
  BOOST_TEST(records[1].name == "first");
}

BOOST_FIXTURE_TEST_CASE(sessions_executions_and_events_are_served,
                        query_fixture) {
  BOOST_TEST(must(get<json_text>(get_atom_v, session_id{id_of(3)})).text
             == "s");
  BOOST_TEST(must(get<document_page>(list_atom_v, session_filter{})).array.text
             == "[s]");
  BOOST_TEST(must(get<json_text>(get_atom_v, execution_id{id_of(4)})).text
             == "e");
  execution_filter filter;
  filter.session.raw = id_of(3);
  BOOST_TEST(must(get<document_page>(list_atom_v, filter)).array.text == "[e]");
  const event_filter events{{id_of(4)}, 1, 0};
  BOOST_TEST(must(get<json_text>(events_atom_v, events)).text == "[e2]");
}

BOOST_FIXTURE_TEST_CASE(what_is_not_there_is_an_error_of_its_own,
                        query_fixture) {
  BOOST_TEST((must_fail(get<json_text>(get_atom_v, template_id{id_of(9)})).code
              == ec::template_not_found));
  BOOST_TEST(
    (must_fail(get<template_bundle>(bundle_atom_v, template_id{id_of(9)})).code
     == ec::template_not_found));
  const auto why = must_fail(get<json_text>(get_atom_v, session_id{id_of(9)}));
  BOOST_TEST((why.code == ec::session_not_found));
  BOOST_TEST(why.details.text
             == R"({"session_id":")" + id_of(9).to_string() + R"("})");
  BOOST_TEST((must_fail(get<json_text>(get_atom_v, execution_id{id_of(9)})).code
              == ec::execution_not_found));
  BOOST_TEST(
    (must_fail(get<document_page>(list_atom_v, execution_filter{})).code
     == ec::session_not_found));
  BOOST_TEST((must_fail(get<json_text>(events_atom_v, event_filter{})).code
              == ec::execution_not_found));
  BOOST_TEST((must_fail(get<json_text>(get_atom_v, batch_id{id_of(9)})).code
              == ec::batch_not_found));
  BOOST_TEST((must_fail(get<batch_result_page>(results_atom_v,
                                               batch_result_filter{{id_of(9)}}))
                .code
              == ec::batch_not_found));
}

BOOST_FIXTURE_TEST_CASE(batches_their_results_and_their_input_are_served,
                        query_fixture) {
  const batch_id id{id_of(5)};
  BOOST_TEST(must(get<json_text>(get_atom_v, id)).text == "b");
  BOOST_TEST(must(get<document_page>(list_atom_v, batch_filter{})).array.text
             == "[b]");
  const auto page
    = must(get<batch_result_page>(results_atom_v, batch_result_filter{id}));
  BOOST_TEST(page.lines == must(to_json(result_of(job(id, 0)))).text + "\n");
  BOOST_TEST(page.last);
  const auto chunk = must(get<batch_input_chunk>(get_atom_v, id, uint32_t{1}));
  BOOST_TEST(chunk.text == "{}\n");
  BOOST_TEST(
    must(get<batch_input_chunk>(get_atom_v, id, uint32_t{2})).text.empty());
}

BOOST_FIXTURE_TEST_CASE(a_damaged_template_is_named, query_fixture) {
  const auto name = id_of(1).to_string();
  for (const auto* text : {"not json", "{}", "[1]", "{\"template\":", "\x01"}) {
    must(commit(*kept, {put_template(id_of(1), text)}));
    const auto listed = must_fail(get<json_text>(list_atom_v));
    BOOST_TEST((listed.code == ec::internal));
    BOOST_TEST(listed.message.find("the stored template " + name) == 0u);
    const auto decoded
      = must_fail(get<template_bundle>(bundle_atom_v, template_id{id_of(1)}));
    BOOST_TEST((decoded.code == ec::internal));
    BOOST_TEST(decoded.message == listed.message);
  }
}

BOOST_FIXTURE_TEST_CASE(a_store_that_cannot_be_read_answers_with_its_words,
                        query_fixture) {
  kept->fail_reads("the disk is gone");
  const auto why = must_fail(get<json_text>(list_atom_v));
  BOOST_TEST((why.code == ec::internal));
  BOOST_TEST(why.message == "the disk is gone");
  kept->heal();
  must(get<json_text>(list_atom_v));
}

BOOST_AUTO_TEST_SUITE_END()
