#include "vmsystem/models/codec.hpp"
#include "vmsystem/tests/unit/models/support.hpp"

#include <boost/test/unit_test.hpp>
#include <rapidjson/document.h>
#include <rapidjson/stringbuffer.h>
#include <rapidjson/writer.h>

#include <set>
#include <string>
#include <string_view>

using namespace vmsystem;
using namespace vmsystem::test;

namespace {

/// How a field may differ from what it is in the full document.
struct leeway {
  std::set<std::string> may_be_missing{};
  std::set<std::string> may_be_anything{};
  std::set<std::string> may_be_empty{};
  std::set<std::string> may_be_null{};
};

struct document_type {
  std::string_view name;
  expected<void> (*read)(std::string_view);
  /// A document with all fields.
  std::string full;
  leeway fields;
};

template <class T>
expected<void> read_as(std::string_view text) {
  auto outcome = from_json<T>(text);
  if (!outcome)
    return outcome.error();
  return success();
}

template <expected<execution_request> (*Read)(std::string_view)>
expected<void> read_with(std::string_view text) {
  auto outcome = Read(text);
  if (!outcome)
    return outcome.error();
  return success();
}

const std::string id = R"("0190c0de-cafe-7abc-8def-0123456789ab")";
const std::string time_text = R"("2024-02-29T12:34:56.789012Z")";
const std::string limits
  = R"({"cpu_ms":1,"wall_ms":2,"mem_mb":3,"max_events":4,"max_output_kb":5})";
const std::string resolver
  = R"({"roots":["."],"extensions":[],"allow_absolute_repo_imports":true})";
const std::string runtime = R"({"esm":true,"strict":true,"console":true})";
const std::string metrics
  = R"({"queue_ms":1.5,"cpu_ms":0,"wall_ms":2,"peak_mem_kb":1,"events":1,)"
    R"("output_bytes":1})";
const std::string settings_text = R"({"vm_id":)" + id + R"(,"limits":)" + limits
                                  + R"(,"resolver":)" + resolver
                                  + R"(,"runtime":)" + runtime + '}';
const std::string template_text
  = R"({"id":)" + id
    + R"(,"name":"n","engine":"e","is_active":true,"exposed_modules":["a"],)"
      R"("libraries":["b"],"created_at":)"
    + time_text + R"(,"updated_at":)" + time_text + '}';

const document_type types[] = {
  {"template", read_as<template_record>, template_text, {}},
  {"limits",
   read_as<limits_config>,
   limits,
   {{"cpu_ms", "wall_ms", "mem_mb", "max_events", "max_output_kb"}, {}, {}}},
  {"resolver",
   read_as<resolver_config>,
   resolver,
   {{"roots", "extensions", "allow_absolute_repo_imports"}, {}, {}}},
  {"runtime",
   read_as<runtime_config>,
   runtime,
   {{"esm", "strict", "console"}, {}, {}}},
  {"settings", read_as<template_settings>, settings_text, {}},
  {"capability",
   read_as<capability>,
   R"({"id":)" + id + R"(,"vm_id":)" + id
     + R"(,"kind":"fs","name":"n","enabled":true,"config":{"a":1}})",
   {}},
  {"startup file",
   read_as<startup_file>,
   R"({"id":)" + id + R"(,"vm_id":)" + id
     + R"(,"path":"p","order_index":-1,"mode":"eval"})",
   {}},
  {"bundle",
   read_as<template_bundle>,
   R"({"template":)" + template_text + R"(,"settings":)" + settings_text
     + R"(,"capabilities":[],"startup_files":[]})",
   {}},
  {"session",
   read_as<session>,
   R"({"id":)" + id + R"(,"vm_id":)" + id
     + R"(,"workspace_id":"w","base_commit_oid":"c","worktree_path":"/w",)"
       R"("status":"closed","created_at":)"
     + time_text + R"(,"closed_at":)" + time_text
     + R"(,"last_error":"e","runtime_meta":{"a":1}})",
   {{"closed_at", "last_error", "runtime_meta"},
    {"runtime_meta"},
    {"workspace_id", "base_commit_oid", "worktree_path", "last_error"}}},
  {"metrics", read_as<execution_metrics>, metrics, {}},
  {"execution",
   read_as<execution>,
   R"({"id":)" + id + R"(,"session_id":)" + id
     + R"(,"kind":"repl","input":"i","path":"p","args":[],"env":{},)"
       R"("status":"ok","started_at":)"
     + time_text + R"(,"ended_at":)" + time_text
     + R"(,"end_reason":"ok","result":{"a":1},"error":{"b":1},"metrics":)"
     + metrics + R"(,"limits":)" + limits + '}',
   {{"input", "path", "ended_at", "end_reason", "result", "error"},
    {"args", "env", "result", "error"},
    {"input", "path"},
    {"args", "env"}}},
  {"event",
   read_as<event>,
   R"({"execution_id":)" + id + R"(,"seq":1,"ts":)" + time_text
     + R"(,"type":"console","payload":{"a":1}})",
   {{}, {"payload"}, {}}},
  {"value",
   read_as<value_payload>,
   R"({"type":"number","preview":"1","json":1})",
   {{"json"}, {"json"}, {"preview"}}},
  {"exception",
   read_as<exception_payload>,
   R"({"message":"m","stack":"s"})",
   {{"stack"}, {}, {"message", "stack"}}},
  {"template body",
   read_as<template_spec>,
   R"({"name":"n","engine":"e"})",
   {{"engine"}, {}, {"engine"}}},
  {"capability body",
   read_as<capability_spec>,
   R"({"kind":"fs","name":"n","enabled":false,"config":{"a":1}})",
   {{"enabled", "config"}, {}, {}}},
  {"startup file body",
   read_as<startup_file_spec>,
   R"({"path":"p","order_index":7,"mode":"eval"})",
   {{"order_index", "mode"}, {}, {"mode"}}},
  {"name body", read_as<listed_name>, R"({"name":"n"})", {}},
  {"session body",
   read_as<session_spec>,
   R"({"template_id":)" + id
     + R"(,"workspace_id":"w","base_commit_oid":"c","worktree_path":"/w"})",
   {}},
  {"snippet body",
   read_with<read_repl_request>,
   R"({"session_id":)" + id + R"(,"input":"i","wait_ms":1})",
   {{"wait_ms"}, {}, {}}},
  {"run-file body",
   read_with<read_run_file_request>,
   R"({"session_id":)" + id
     + R"(,"path":"p","args":{"a":1},"env":{"b":"c"},"wait_ms":1})",
   {{"args", "env", "wait_ms"}, {}, {}}},
};

rapidjson::Document parsed(const std::string& text) {
  rapidjson::Document result;
  result.Parse(text.data(), text.size());
  BOOST_TEST_REQUIRE(!result.HasParseError());
  return result;
}

std::string text_of(const rapidjson::Document& document) {
  rapidjson::StringBuffer buffer;
  rapidjson::Writer<rapidjson::StringBuffer> writer{buffer};
  document.Accept(writer);
  return {buffer.GetString(), buffer.GetSize()};
}

/// Calls `check` with each document type and each of its fields.
template <class Check>
void for_each_field(Check check) {
  for (const auto& type : types) {
    const auto full = parsed(type.full);
    for (const auto& member : full.GetObject()) {
      const std::string name = member.name.GetString();
      BOOST_TEST_CONTEXT(type.name << ", field " << name) {
        check(type, name);
      }
    }
  }
}

/// The full document with another value of one field.
std::string with_field(const document_type& type, const std::string& name,
                       const std::string& value) {
  auto document = parsed(type.full);
  auto& allocator = document.GetAllocator();
  rapidjson::Document other{&allocator};
  other.Parse(value.data(), value.size());
  document[name.c_str()] = static_cast<rapidjson::Value&>(other);
  return text_of(document);
}

} // namespace

BOOST_AUTO_TEST_SUITE(codec)

BOOST_AUTO_TEST_CASE(full_documents_are_read) {
  for (const auto& type : types)
    BOOST_TEST_CONTEXT(type.name) {
      BOOST_TEST(message_of(type.read(type.full)) == "");
    }
}

BOOST_AUTO_TEST_CASE(a_field_that_must_be_there_is_missed_by_its_name) {
  for_each_field([](const document_type& type, const std::string& name) {
    auto document = parsed(type.full);
    document.RemoveMember(name.c_str());
    const auto outcome = type.read(text_of(document));
    if (type.fields.may_be_missing.count(name) != 0) {
      BOOST_TEST(code_of(outcome) == "ok");
    } else {
      BOOST_TEST(code_of(outcome) == "VALIDATION_ERROR");
      BOOST_TEST(message_of(outcome)
                 == "field \"" + name + "\" is required and must not be empty");
    }
  });
}

BOOST_AUTO_TEST_CASE(null_stands_for_a_missing_field) {
  for_each_field([](const document_type& type, const std::string& name) {
    const auto outcome = type.read(with_field(type, name, "null"));
    const bool allowed = type.fields.may_be_missing.count(name) != 0
                         || type.fields.may_be_null.count(name) != 0;
    BOOST_TEST((code_of(outcome) == "ok") == allowed);
    if (!allowed)
      BOOST_TEST(contains(message_of(outcome), "field \"" + name + '"'));
  });
}

BOOST_AUTO_TEST_CASE(a_field_of_another_type_is_refused_by_its_name) {
  for_each_field([](const document_type& type, const std::string& name) {
    if (type.fields.may_be_anything.count(name) != 0)
      return;
    const auto outcome = type.read(with_field(type, name, "[[1]]"));
    BOOST_TEST(code_of(outcome) == "INVALID_REQUEST");
    BOOST_TEST(contains(message_of(outcome), "field \"" + name));
  });
}

BOOST_AUTO_TEST_CASE(texts_are_empty_only_where_they_may_be) {
  for_each_field([](const document_type& type, const std::string& name) {
    const auto full = parsed(type.full);
    if (!full[name.c_str()].IsString())
      return;
    const auto outcome = type.read(with_field(type, name, R"("")"));
    const bool allowed = type.fields.may_be_empty.count(name) != 0;
    BOOST_TEST(code_of(outcome) == (allowed ? "ok" : "VALIDATION_ERROR"));
  });
}

BOOST_AUTO_TEST_CASE(unknown_fields_are_refused_by_their_name) {
  for (const auto& type : types)
    BOOST_TEST_CONTEXT(type.name) {
      auto text = type.full;
      text.insert(1, R"("surplus":null,)");
      const auto outcome = type.read(text);
      BOOST_TEST(code_of(outcome) == "INVALID_REQUEST");
      BOOST_TEST(message_of(outcome) == "unknown field \"surplus\"");
    }
}

BOOST_AUTO_TEST_CASE(what_is_no_object_is_refused) {
  for (const auto& type : types)
    for (const std::string_view text :
         {"null", "[]", "1", "\"{}\"", "", "{}{}", "{\"a\":}"})
      BOOST_TEST_CONTEXT(type.name << ", text " << text) {
        BOOST_TEST(code_of(type.read(text)) == "INVALID_REQUEST");
      }
}

BOOST_AUTO_TEST_CASE(no_prefix_of_a_document_is_a_document) {
  for (const auto& type : types)
    for (std::size_t size = 0; size < type.full.size(); ++size)
      BOOST_TEST_REQUIRE(code_of(type.read(type.full.substr(0, size)))
                         == "INVALID_REQUEST");
}

BOOST_AUTO_TEST_CASE(messages_name_the_whole_path_of_a_field) {
  const auto message
    = [](std::string text, std::string_view from, std::string_view to) {
        text.replace(text.find(from), from.size(), to);
        return message_of(from_json<template_bundle>(text));
      };
  const std::string bundle
    = R"({"template":)" + template_text + R"(,"settings":)" + settings_text
      + R"(,"capabilities":[{"id":)" + id + R"(,"vm_id":)" + id
      + R"(,"kind":"fs","name":"n","enabled":true,"config":{}}],)"
        R"("startup_files":[]})";
  BOOST_TEST(message(bundle, R"("cpu_ms":1)", R"("cpu_ms":"1")")
             == R"(field "settings.limits.cpu_ms" must be an integer)");
  BOOST_TEST(message(bundle, R"("cpu_ms":1)", R"("cpu":1)")
             == R"(unknown field "settings.limits.cpu")");
  BOOST_TEST(message(bundle, R"("engine":"e",)", "")
             == R"(field "template.engine" is required and must not be empty)");
  BOOST_TEST(message(bundle, R"("kind":"fs")", R"("kind":"gpu")")
             == R"(field "capabilities.kind" must be one of module, global, )"
                "fs, net, env");
  BOOST_TEST(message(bundle, R"("config":{})", R"("config":[])")
             == R"(field "capabilities.config" must be an object)");
  BOOST_TEST(message(bundle, R"([{"id")", R"([7,{"id")")
             == R"(field "capabilities" must be an object)");
}

BOOST_AUTO_TEST_CASE(milliseconds_are_kept_to_the_microsecond) {
  for (const uint64_t us :
       {uint64_t{0}, uint64_t{1}, uint64_t{999}, uint64_t{1001},
        uint64_t{1234567}, uint64_t{4503599627370495}}) {
    const auto text
      = must(to_json(execution_metrics{us, us, us, 0, 0, 0})).text;
    const auto read = must(from_json<execution_metrics>(text));
    BOOST_TEST(read.queue_us == us);
    BOOST_TEST(read.cpu_us == us);
    BOOST_TEST(read.wall_us == us);
  }
  for (const std::string_view bad : {"-1", "-0.001", "1e16", "\"1\"", "true"}) {
    const auto text = R"({"queue_ms":)" + std::string{bad}
                      + metrics.substr(metrics.find(','));
    BOOST_TEST(message_of(from_json<execution_metrics>(text))
               == R"(field "queue_ms" must be a number of milliseconds)");
  }
}

BOOST_AUTO_TEST_SUITE_END()
