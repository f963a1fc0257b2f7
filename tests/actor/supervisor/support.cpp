#include "support.hpp"

#include "vmsystem/actors/catalog.hpp"
#include "vmsystem/actors/query.hpp"
#include "vmsystem/actors/recovery.hpp"
#include "vmsystem/actors/runtime.hpp"
#include "vmsystem/models/codec.hpp"
#include "vmsystem/persistence/rocksdb_store.hpp"
#include "vmsystem/persistence/store_check.hpp"
#include "vmsystem/pipeline/loading_actor.hpp"
#include "vmsystem/pipeline/slot_actor.hpp"

#include <caf/send.hpp>

namespace vmsystem::test {

namespace {

database_ptr make_database() {
  rocksdb_config config;
  config.path = "/store";
  config.env = make_memory_env();
  auto opened = open_database(config);
  BOOST_REQUIRE_MESSAGE(opened, "the store opens");
  return std::move(opened).value();
}

} // namespace

supervisor_fixture::system_config::system_config() {
  vmsystem::add_message_types(*this);
  set("scheduler.policy", caf::atom("testing"));
}

supervisor_fixture::supervisor_fixture()
  : scheduler{static_cast<caf::scheduler::test_coordinator&>(
    system.scheduler())},
    database{make_database()},
    kept{std::make_shared<faulty_store>(
      std::make_shared<rocksdb_store>(database))} {
  // One thread delivers all messages, so there is one slot, and nothing is
  // detached.
  options.engine_slots = 1;
  stages = default_stages();
  stages.loading
    = [](caf::actor_system& sys) { return sys.spawn(loading, no_arguments{}); };
  stages.slot = [](caf::actor_system& sys, event_receiver_actor receiver) {
    return sys.spawn(slot, std::move(receiver), slot_options{});
  };
  const store_ptr store = kept;
  stages.writer = [store, stats = written](caf::actor_system& sys) {
    return sys.spawn(rocksdb_writer, store, writer_config{}, stats);
  };
}

supervisor_fixture::~supervisor_fixture() {
  if (supervisor)
    caf::anon_send_exit(supervisor, caf::exit_reason::user_shutdown);
  if (query)
    caf::anon_send_exit(query, caf::exit_reason::user_shutdown);
  supervisor = nullptr;
  query = nullptr;
  scheduler.run();
}

void supervisor_fixture::start() {
  auto recovered = recover(*kept);
  BOOST_REQUIRE(recovered);
  query = system.spawn(vmsystem::query, store_ptr{kept});
  supervisor_setup setup;
  setup.options = options;
  setup.stages = stages;
  setup.query = query;
  setup.writer = writer;
  setup.written = written;
  setup.log = log;
  setup.catalog = system.spawn(catalog, writer, options.limits,
                               std::move(recovered.value().templates));
  supervisor = system.spawn(vmsystem::supervisor, std::move(setup));
  run();
}

void supervisor_fixture::run() {
  scheduler.run();
}

void supervisor_fixture::pass(std::chrono::milliseconds time) {
  scheduler.advance_time(time);
  run();
}

template_id supervisor_fixture::make_template(const std::string& name,
                                              const std::string& settings) {
  const auto record
    = ask<template_record>(create_atom_v, template_spec{name, {}});
  BOOST_REQUIRE(record);
  const auto id = record.value().id;
  const auto changed
    = ask<template_settings>(update_atom_v, id, json_text{settings});
  BOOST_REQUIRE_MESSAGE(changed, "the settings are taken");
  return id;
}

session_spec supervisor_fixture::spec_of(template_id id) const {
  return {id, "workspace", "c0ffee", worktree.path()};
}

session_id supervisor_fixture::make_session(const std::string& settings) {
  static int count = 0;
  const auto id
    = make_template("template " + std::to_string(++count), settings);
  const auto made = ask<session>(create_atom_v, spec_of(id));
  BOOST_REQUIRE_MESSAGE(made, (made ? "" : made.error().message));
  BOOST_TEST((made.value().status == session_status::ready));
  return made.value().id;
}

execution_request supervisor_fixture::snippet(session_id id,
                                              const std::string& input,
                                              uint32_t wait_ms) {
  execution_request result;
  result.session = id;
  result.input = input;
  result.wait_ms = wait_ms;
  return result;
}

execution_request supervisor_fixture::file(session_id id,
                                           const std::string& path) {
  execution_request result;
  result.session = id;
  result.kind = execution_kind::run_file;
  result.path = path;
  return result;
}

supervisor_fixture::pending<finished_execution>
supervisor_fixture::send_snippet(session_id id, const std::string& input,
                                 uint32_t wait_ms) {
  return send<finished_execution>(supervisor, execute_atom_v,
                                  snippet(id, input, wait_ms));
}

expected<finished_execution>
supervisor_fixture::repl(session_id id, const std::string& input) {
  return ask<finished_execution>(execute_atom_v, snippet(id, input));
}

expected<execution> supervisor_fixture::stored(execution_id id) const {
  auto document = kept->read()->execution_document(id);
  if (!document)
    return document.error();
  return from_json<execution>(document.value());
}

expected<session> supervisor_fixture::stored(session_id id) const {
  auto document = kept->read()->session_document(id);
  if (!document)
    return document.error();
  return from_json<session>(document.value());
}

std::vector<event> supervisor_fixture::events(execution_id id) const {
  auto documents = kept->read()->event_documents({id, 0, 0});
  BOOST_REQUIRE(documents);
  auto result = list_from_json<event>(documents.value());
  BOOST_REQUIRE(result);
  return std::move(result).value();
}

std::vector<execution>
supervisor_fixture::stored_executions(session_id id) const {
  execution_filter filter;
  filter.session = id;
  filter.limit = 1000;
  auto page = kept->read()->execution_documents(filter);
  BOOST_REQUIRE(page);
  auto result = list_from_json<execution>(page.value().array.text);
  BOOST_REQUIRE(result);
  return std::move(result).value();
}

void supervisor_fixture::check_sound() const {
  const auto report = check_store(*database, [](const store_damage& x) {
    BOOST_ERROR(x.to_string());
  });
  BOOST_TEST(report.keys > 0u);
}

void supervisor_fixture::check_complete(execution_id id) const {
  const auto record = stored(id);
  BOOST_REQUIRE(record);
  const auto& x = record.value();
  const auto all = events(id);
  BOOST_TEST((x.status != execution_status::running));
  BOOST_TEST(x.ended_at.set());
  BOOST_TEST(all.size() == x.metrics.events);
  for (std::size_t i = 0; i < all.size(); ++i)
    BOOST_TEST(all[i].seq == i + 1);
  BOOST_REQUIRE(!all.empty());
  const bool ok = x.status == execution_status::ok;
  const auto& last = all.back();
  BOOST_TEST((last.type == (ok ? event_type::value : event_type::exception)));
  BOOST_TEST((last.payload == (ok ? x.result : x.error)));
}

} // namespace vmsystem::test
