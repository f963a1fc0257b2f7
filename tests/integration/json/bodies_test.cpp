#define BOOST_TEST_MODULE json_bodies
#include "daemon.hpp"

#include <boost/test/data/monomorphic.hpp>
#include <boost/test/data/test_case.hpp>
#include <boost/test/unit_test.hpp>

#include <fstream>
#include <iterator>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

using namespace vmsystem;
using namespace vmsystem::test;

namespace {

/// One line of bodies.tsv, with the escapes resolved.
struct body_case {
  std::string name;
  bool whole_body = false;
  std::string answer;
  std::string bytes;
  /// `=`, `~`, `-`, or bytes.
  std::string kept;
};

std::ostream& operator<<(std::ostream& out, const body_case& one) {
  return out << one.name;
}

char unescaped(std::string_view text, std::size_t& at) {
  switch (text[++at]) {
    case 'n':
      return '\n';
    case 'r':
      return '\r';
    case 't':
      return '\t';
    case '\\':
      return '\\';
    case 'x': {
      const std::string digits{text.substr(at + 1, 2)};
      at += 2;
      return static_cast<char>(std::stoi(digits, nullptr, 16));
    }
    default:
      throw std::runtime_error{"unknown escape in " + std::string{text}};
  }
}

std::string resolved(std::string_view text) {
  std::string result;
  for (std::size_t at = 0; at < text.size(); ++at) {
    if (text[at] == '\\') {
      result += unescaped(text, at);
    } else if (text[at] == '@') {
      const auto open = text.find('(', at);
      const auto close = text.find(')', open);
      const auto times = std::stoul(std::string{text.substr(at + 1, open)});
      const auto what = text.substr(open + 1, close - open - 1);
      for (std::size_t i = 0; i < times; ++i)
        result += what;
      at = close;
    } else {
      result += text[at];
    }
  }
  return result;
}

std::vector<std::string> columns_of(const std::string& line) {
  std::vector<std::string> columns(1);
  for (const char character : line)
    if (character == '\t')
      columns.emplace_back();
    else
      columns.back() += character;
  return columns;
}

std::vector<body_case> read_cases() {
  std::ifstream file{VMSYSTEM_JSON_BODIES};
  std::vector<body_case> cases;
  for (std::string line; std::getline(file, line);) {
    if (line.empty() || line[0] == '#')
      continue;
    const auto columns = columns_of(line);
    if (columns.size() != 5)
      throw std::runtime_error{"not five columns: " + line};
    cases.push_back({columns[0], columns[1] == "body", columns[2],
                     resolved(columns[3]), resolved(columns[4])});
  }
  return cases;
}

const std::vector<body_case>& cases() {
  static const auto all = read_cases();
  return all;
}

/// A daemon with one template, to which capabilities are added.
struct site {
  test_daemon server;
  http_connection client = server.connect();
  std::string target
    = "/api/v1/templates/" + make_template(client) + "/capabilities";
  int count = 0;
};

site& shared_site() {
  static site one;
  return one;
}

std::string body_of(const body_case& one, const std::string& name) {
  if (!one.whole_body)
    return R"({"kind":"env","name":")" + name + R"(","config":{"v":)"
           + one.bytes + "}}";
  auto body = one.bytes;
  const std::string_view mark = "{name}";
  if (const auto at = body.find(mark); at != std::string::npos)
    body.replace(at, mark.size(), name);
  return body;
}

} // namespace

BOOST_DATA_TEST_CASE(bodies_are_judged_as_the_contract_says,
                     boost::unit_test::data::make(cases()), one) {
  auto& where = shared_site();
  const auto name = "n" + std::to_string(++where.count);
  const auto answer
    = where.client.request("POST", where.target, body_of(one, name));
  const auto seen = std::to_string(answer.status)
                    + (answer.status < 400 ? "" : ' ' + answer.code());
  BOOST_TEST_CONTEXT(one.name << ": " << answer.body.substr(0, 300)) {
    BOOST_TEST(seen == one.answer);
    if (one.kept == "-" || answer.status != 201 || one.whole_body)
      return;
    const auto all = ask(where.client, "GET", where.target);
    const auto value = all.elements().back().field("config").field("v").raw();
    BOOST_TEST(all.elements().back().field("name").text() == name);
    BOOST_TEST(!value.empty());
    if (one.kept == "=")
      BOOST_TEST((value == one.bytes));
    else if (one.kept != "~")
      BOOST_TEST((value == one.kept));
  }
}

BOOST_AUTO_TEST_CASE(there_are_at_least_sixty_bodies) {
  BOOST_TEST(cases().size() >= 60);
}

BOOST_AUTO_TEST_CASE(bodies_may_come_in_chunks_and_byte_by_byte) {
  auto& where = shared_site();
  const std::string body = R"({"kind":"env","name":"in-chunks"})";
  auto client = where.server.connect();
  client.send(
    "POST " + where.target
    + " HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\n");
  for (const char byte : body)
    client.send("1\r\n" + std::string(1, byte) + "\r\n");
  client.send("0\r\n\r\n");
  BOOST_TEST(client.receive().status == 201);
}

BOOST_AUTO_TEST_CASE(a_refused_body_leaves_the_connection_usable) {
  auto& where = shared_site();
  auto client = where.server.connect();
  for (int i = 0; i < 3; ++i) {
    BOOST_TEST(client.request("POST", where.target, "{\"kind\":").status
               == 400);
    BOOST_TEST(client.request("GET", "/api/v1/health").status == 200);
  }
}
