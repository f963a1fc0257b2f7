// Jobs that try to leave something behind, and look for what others left.

#define BOOST_TEST_MODULE isolation

#include "vmsystem/actors/ask.hpp"
#include "vmsystem/actors/runtime.hpp"
#include "vmsystem/models/codec.hpp"
#include "vmsystem/persistence/rocksdb_store.hpp"
#include "vmsystem/pipeline/slot_actor.hpp"

#include <boost/test/unit_test.hpp>
#include <caf/actor_system.hpp>
#include <caf/scoped_actor.hpp>

#include <chrono>
#include <fstream>
#include <iterator>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <vector>

using namespace vmsystem;

namespace {

constexpr uint32_t jobs = ISOLATION_JOBS;
constexpr std::chrono::minutes patience{5};

struct system_config : caf::actor_system_config {
  system_config() {
    vmsystem::add_message_types(*this);
    set("scheduler.max-threads", std::size_t{2});
  }
};

template <class Answer, class Handle, class... Ts>
Answer ask(caf::scoped_actor& self, const Handle& to, Ts... xs) {
  auto result = vmsystem::ask<Answer>(self, to, patience, std::move(xs)...);
  BOOST_REQUIRE_MESSAGE(result, (result ? "" : result.error().message));
  return std::move(result).value();
}

std::string intruder() {
  std::ifstream file{VMSYSTEM_INTRUDER};
  return {std::istreambuf_iterator<char>{file}, {}};
}

std::string line_of(const std::string& source, uint32_t n) {
  json_writer line;
  line.begin_object();
  line.key("input");
  line.value(std::string_view{source});
  line.key("args");
  line.raw(json_text{"{\"n\":" + std::to_string(n) + '}'});
  line.end_object();
  return line.text() + '\n';
}

/// What jobs of a fresh batch said, and how often.
std::map<std::string, uint32_t> run_intruders(bool reuse_instances) {
  system_config config;
  caf::actor_system system{config};
  rocksdb_config where;
  where.path = "/store";
  where.env = make_memory_env();
  auto kept = rocksdb_store::open(where);
  BOOST_REQUIRE(kept);
  runtime_options options;
  options.store_durability = durability::off;
  options.engine_slots = 2;
  auto stages = default_stages();
  stages.slot
    = [=](caf::actor_system& sys, event_receiver_actor receiver) -> slot_actor {
    return spawn_slot(sys, std::move(receiver), {nullptr, reuse_instances});
  };
  auto started
    = runtime::start(system, options, std::move(kept).value(), stages);
  BOOST_REQUIRE(started);
  const auto& supervisor = started.value()->supervisor();
  caf::scoped_actor self{system};
  const auto vm = ask<template_record>(self, supervisor, create_atom_v,
                                       template_spec{"intruders", {}})
                    .id;
  batch_spec spec;
  spec.vm_id = vm;
  spec.attached = true;
  const auto id = ask<batch>(self, supervisor, create_atom_v, spec).id;
  const auto source = intruder();
  std::map<std::string, uint32_t> said;
  uint32_t sent = 0;
  bool last = false;
  while (!last) {
    if (sent < jobs) {
      std::string text;
      for (uint32_t i = 0; i < 200 && sent < jobs; ++i)
        text += line_of(source, sent++);
      ask<batch>(self, supervisor, add_atom_v, id,
                 batch_input{std::move(text), sent == jobs});
    }
    const auto page = ask<batch_results>(self, supervisor, results_atom_v, id);
    last = page.last;
    std::size_t begin = 0;
    for (uint32_t i = 0; i < page.count; ++i) {
      const auto end = page.lines.find('\n', begin);
      const auto parsed
        = parse_json(page.lines.substr(begin, end - begin)).value();
      begin = end + 1;
      std::string_view text;
      if (parsed["result"]["preview"].get(text)
          && parsed["error"]["message"].get(text))
        text = "neither a result nor an error";
      ++said[std::string{text}];
    }
  }
  BOOST_TEST(started.value()->stop());
  return said;
}

/// Every job said the same: that it found nothing, and how many globals.
void check(const std::map<std::string, uint32_t>& said) {
  uint32_t clean = 0;
  std::set<std::string> globals;
  for (const auto& [text, count] : said) {
    const auto at = text.find("clean ");
    BOOST_TEST((at != std::string::npos), text << ": " << count << " times");
    if (at == std::string::npos)
      continue;
    globals.insert(text.substr(at));
    clean += count;
  }
  BOOST_TEST(clean == jobs);
  BOOST_TEST(globals.size() == 1u);
}

} // namespace

BOOST_AUTO_TEST_CASE(no_job_finds_what_another_left_in_a_restored_instance) {
  check(run_intruders(true));
}

BOOST_AUTO_TEST_CASE(no_job_finds_what_another_left_in_a_new_mapping) {
  check(run_intruders(false));
}
