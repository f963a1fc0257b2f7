#define BOOST_TEST_MODULE openapi
#include "json_schema.hpp"
#include "vmsystem/actors/http_gateway.hpp"
#include "vmsystem/tests/library_folder.hpp"
#include "world.hpp"

#include <boost/test/unit_test.hpp>

#include <map>
#include <set>
#include <string>
#include <vector>

using namespace vmsystem;
using namespace vmsystem::test;

namespace {

struct fixture {
  fixture() {
    libraries.put("lodash", "1.0.0", "lodash", "lodash = {}");
  }

  library_folder libraries;
  test_daemon server{{"--library-cache", libraries.path()}};
  json_value document = server.request("GET", "/api/v1/openapi.json").json();
};

/// One operation of the document.
struct operation {
  std::string verb;
  std::string path;
  json_value text;
};

std::vector<operation> operations_of(const json_value& document) {
  std::vector<operation> result;
  for (const auto& [path, item] : document.field("paths").fields())
    for (const auto& [verb, text] : item.fields())
      result.push_back({verb, path, text});
  return result;
}

std::string upper(std::string text) {
  for (auto& letter : text)
    letter = static_cast<char>(std::toupper(letter));
  return text;
}

/// Puts what there is on the server into an example, which names things by ids
/// that it made up.
std::string with_things(std::string text, world& things) {
  static const std::vector<std::pair<std::string, std::string>> made_up{
    {"0192d3a4-0000-7000-8000-000000000001", "<template>"},
    {"0192d3a4-0000-7000-8000-000000000002", "<capability>"},
    {"0192d3a4-0000-7000-8000-000000000003", "<startup_file>"},
    {"0192d3a4-0000-7000-8000-000000000004", "<session>"},
    {"0192d3a4-0000-7000-8000-000000000005", "<execution>"},
    {"0192d3a4-0000-7000-8000-000000000006", "<batch>"},
    {"/srv/worktree", "<worktree>"}};
  for (const auto& [example, name] : made_up)
    for (auto at = text.find(example); at != std::string::npos;
         at = text.find(example))
      text.replace(at, example.size(), things.expand(name));
  return text;
}

/// The request target of an operation's examples.
std::string target_of(const operation& x, world& things) {
  auto target = x.path;
  char mark = '?';
  for (const auto& parameter : x.text.field("parameters").elements()) {
    const auto example = parameter.field("example");
    const auto name = parameter.field("name").text();
    const auto place = parameter.field("in").text();
    if (place == "path") {
      const auto braced = '{' + name + '}';
      target.replace(target.find(braced), braced.size(), example.text());
    } else if (place == "query" && example.present()) {
      target.append(1, mark).append(name).append("=").append(example.text());
      mark = '&';
    }
  }
  return with_things(std::move(target), things);
}

void expect_none(const std::vector<std::string>& faults) {
  for (const auto& fault : faults)
    BOOST_ERROR(fault);
}

/// Checks parameters: those in the path are all there and no others, and each
/// example is what its schema asks for.
void check_parameters(const json_value& document, const operation& x) {
  std::set<std::string> in_path;
  for (const auto& one : x.text.field("parameters").elements()) {
    const auto schema = one.field("schema");
    expect_none(check_schema(document, schema));
    if (const auto example = one.field("example"); example.present())
      expect_none(check_value(document, schema, example));
    const auto place = one.field("in").text();
    BOOST_TEST((place == "path" || place == "query" || place == "header"));
    if (place != "path")
      continue;
    BOOST_TEST(one.field("required").raw() == "true");
    BOOST_TEST(one.field("example").present());
    in_path.insert(one.field("name").text());
  }
  std::set<std::string> in_pattern;
  for (auto at = x.path.find('{'); at != std::string::npos;
       at = x.path.find('{', at + 1))
    in_pattern.insert(x.path.substr(at + 1, x.path.find('}', at) - at - 1));
  BOOST_TEST(in_path == in_pattern, boost::test_tools::per_element());
}

void check_responses(const json_value& document, const operation& x) {
  const auto responses = x.text.field("responses").fields();
  BOOST_TEST(!responses.empty());
  for (const auto& [status, listed] : responses) {
    const auto link = listed.field("$ref");
    const auto response
      = link.present() ? resolve(document, link.text()) : listed;
    BOOST_TEST(response.field("description").present(), status);
    for (const auto& [type, content] : response.field("content").fields())
      expect_none(check_schema(document, content.field("schema")));
  }
}

} // namespace

BOOST_FIXTURE_TEST_SUITE(openapi, fixture)

BOOST_AUTO_TEST_CASE(the_document_has_every_route_and_no_other) {
  std::set<std::string> described;
  for (const auto& one : operations_of(document))
    described.insert(upper(one.verb) + ' ' + one.path + ' '
                     + one.text.field("summary").text());
  std::set<std::string> served;
  for (const auto& route : http_routes())
    served.insert(std::string{http::name_of(route.verb)} + ' '
                  + std::string{route.pattern} + ' '
                  + std::string{route.summary});
  BOOST_TEST(described == served, boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(its_structure_is_that_of_openapi) {
  BOOST_TEST(document.field("openapi").text() == "3.1.0");
  BOOST_TEST(document.field("info").field("title").present());
  BOOST_TEST(document.field("info").field("version").present());
  std::set<std::string> tags;
  for (const auto& tag : document.field("tags").elements())
    tags.insert(tag.field("name").text());
  std::set<std::string> ids;
  for (const auto& one : operations_of(document)) {
    BOOST_TEST_CONTEXT(one.verb << ' ' << one.path) {
      BOOST_TEST(ids.insert(one.text.field("operationId").text()).second);
      for (const auto& tag : one.text.field("tags").elements())
        BOOST_TEST(tags.count(tag.text()) == 1u);
      check_parameters(document, one);
      check_responses(document, one);
      const auto body = one.text.field("requestBody").field("content");
      BOOST_TEST(body.present()
                 == (one.verb == "put"
                     || (one.verb == "post"
                         && one.path.find("/cancel") == std::string::npos
                         && one.path.find("/close") == std::string::npos)));
      for (const auto& [type, content] : body.fields()) {
        const auto schema = content.field("schema");
        expect_none(check_schema(document, schema));
        if (type == "application/json")
          expect_none(check_value(document, schema, content.field("example")));
      }
    }
  }
  const auto schemas = document.field("components").field("schemas");
  for (const auto& [name, schema] : schemas.fields())
    BOOST_TEST_CONTEXT(name) {
      expect_none(check_schema(document, schema));
    }
}

BOOST_AUTO_TEST_CASE(its_examples_work_and_answers_are_what_it_says) {
  for (const auto& one : operations_of(document)) {
    world things{server};
    const auto target = target_of(one, things);
    const auto body = with_things(one.text.field("requestBody")
                                    .field("content")
                                    .field("application/json")
                                    .field("example")
                                    .raw(),
                                  things);
    const auto answer = server.request(upper(one.verb), target, body);
    BOOST_TEST_CONTEXT(one.verb << ' ' << target << ' ' << body << '\n'
                                << answer.head << answer.body) {
      BOOST_TEST(answer.status < 300);
      const auto content = one.text.field("responses")
                             .field(std::to_string(answer.status))
                             .field("content");
      const auto type = answer.header("Content-Type");
      BOOST_TEST_REQUIRE(content.field(type).present(), type);
      if (type != "application/json")
        continue;
      const auto schema = content.field(type).field("schema");
      BOOST_TEST_REQUIRE(schema.present());
      expect_none(check_value(document, schema, answer.json()));
    }
  }
}

BOOST_AUTO_TEST_CASE(errors_are_what_it_says) {
  const auto schema = resolve(document, "#/components/schemas/error");
  for (const auto& row : error_table())
    expect_none(check_value(document, schema,
                            *json_value::parse(
                              R"({"error":{"code":")" + std::string{row.name}
                              + R"(","message":"","details":{}}})")));
}

BOOST_AUTO_TEST_CASE(a_wrong_value_does_not_pass) {
  const auto schema = resolve(document, "#/components/schemas/metrics");
  const auto faults_in = [&](const char* text) {
    return check_value(document, schema, *json_value::parse(text)).size();
  };
  BOOST_TEST(faults_in(R"({"queue_ms":0,"cpu_ms":0.5,"wall_ms":1,)"
                       R"("peak_mem_kb":1,"events":1,"output_bytes":1})")
             == 0u);
  BOOST_TEST(faults_in(R"({"queue_ms":"0","cpu_ms":-1,"wall_ms":1,)"
                       R"("peak_mem_kb":1.5,"events":1,"more":1})")
             == 5u);
}

BOOST_AUTO_TEST_SUITE_END()
