#include "vmsystem/pipeline/job_lines.hpp"

#include <boost/test/unit_test.hpp>

#include <string>
#include <vector>

using namespace vmsystem;

namespace {

/// What reading all chunks gives, a text for each job: number/index/text.
std::vector<std::string>
read_all(const std::vector<batch_input_chunk>& chunks) {
  std::vector<std::string> result;
  for (const auto& chunk : chunks) {
    job_line_reader reader{chunk};
    while (const auto line = reader.next())
      result.push_back(std::to_string(line->number) + '/'
                       + std::to_string(line->index) + '/'
                       + std::string{line->text});
  }
  return result;
}

/// Cuts `text` into pieces of so many bytes and takes after each.
std::vector<batch_input_chunk> split(const std::string& text,
                                     std::size_t piece) {
  job_line_splitter splitter;
  std::vector<batch_input_chunk> chunks;
  for (std::size_t at = 0; at < text.size(); at += piece) {
    splitter.add(std::string_view{text}.substr(at, piece));
    chunks.push_back(splitter.take());
  }
  splitter.finish();
  chunks.push_back(splitter.take());
  return chunks;
}

} // namespace

BOOST_AUTO_TEST_SUITE(job_lines)

BOOST_AUTO_TEST_CASE(pieces_of_any_size_give_the_same_lines) {
  const std::string text = "a\n\nbb\r\n \t\r\nccc\n\n\ndddd";
  const std::vector<std::string> wanted{"1/0/a", "3/1/bb\r", "5/2/ccc",
                                        "8/3/dddd"};
  for (const std::size_t piece : {1u, 2u, 3u, 7u, 100u})
    BOOST_TEST(read_all(split(text, piece)) == wanted,
               boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(an_end_without_a_line_feed_is_a_line_and_nothing_is_none) {
  BOOST_TEST(read_all(split("x", 1)).size() == 1u);
  BOOST_TEST(read_all(split("x\n", 1)).size() == 1u);
  BOOST_TEST(read_all(split("", 1)).empty());
  BOOST_TEST(read_all(split("\n\n", 1)).empty());
}

BOOST_AUTO_TEST_CASE(a_line_that_is_not_whole_waits) {
  job_line_splitter splitter;
  splitter.add("one\ntw");
  const auto first = splitter.take();
  BOOST_TEST(first.text == "one\n");
  BOOST_TEST(splitter.take().text.empty());
  splitter.add("o\n");
  const auto second = splitter.take();
  BOOST_TEST(second.text == "two\n");
  BOOST_TEST(second.first_line == 2u);
  BOOST_TEST(second.first_index == 1u);
  BOOST_TEST(splitter.jobs() == 2u);
}

BOOST_AUTO_TEST_CASE(numbers_go_on_behind_what_was_stored) {
  job_line_splitter splitter{10, 7};
  splitter.add("x\n");
  const auto chunk = splitter.take();
  BOOST_TEST(chunk.first_line == 11u);
  BOOST_TEST(chunk.first_index == 7u);
}

BOOST_AUTO_TEST_CASE(a_line_that_is_too_long_is_not_kept_and_says_so) {
  job_line_splitter splitter;
  const std::string piece(1 << 20, 'x');
  std::size_t sent = 0;
  for (int i = 0; i < 100; ++i, sent += piece.size())
    splitter.add(piece);
  splitter.add("\n{\"input\":\"1\"}\n");
  const auto chunk = splitter.take();
  BOOST_TEST(chunk.text.size() < 1000u);
  job_line_reader reader{chunk};
  const auto first = reader.next();
  BOOST_REQUIRE(first.has_value());
  const auto refused = read_job(*first, {});
  BOOST_REQUIRE(!refused);
  BOOST_TEST((refused.error().code == ec::payload_too_large));
  const auto& message = refused.error().message;
  BOOST_TEST((message.find("line 1: ") == 0
              && message.find(std::to_string(sent)) != std::string::npos),
             message);
  const auto second = reader.next();
  BOOST_REQUIRE(second.has_value());
  BOOST_TEST(read_job(*second, {}).has_value());
  BOOST_TEST(second->number == 2u);
  BOOST_TEST(second->index == 1u);
}

BOOST_AUTO_TEST_CASE(a_line_of_the_greatest_length_is_kept) {
  job_line_splitter splitter;
  splitter.add(std::string(max_job_line, 'x') + '\n');
  BOOST_TEST(splitter.take().text.size() == max_job_line + 1);
}

BOOST_AUTO_TEST_CASE(a_job_says_exactly_what_is_wrong_with_its_line) {
  struct row {
    const char* line;
    const char* wanted;
  };
  const std::vector<row> rows{
    {"{", "line 4: "},
    {"[]", "an object"},
    {"{\"input\":1}", "input"},
    {"{\"input\":\"1\",\"path\":\"a.js\"}", "either"},
    {"{\"id\":\"x\"}", "either"},
    {"{\"input\":\"1\",\"args\":[]}", "args"},
    {"{\"input\":\"1\",\"env\":7}", "env"},
    {"{\"input\":\"1\",\"limits\":{\"cpu_ms\":0}}", "limits.cpu_ms"},
    {"{\"input\":\"1\",\"limits\":{\"cpu_ms\":2001}}", "limits.cpu_ms"},
    {"{\"input\":\"1\",\"limits\":{\"speed\":1}}", "limits.speed"},
    {"{\"input\":\"\xff\"}", "line 4: "},
    {"!line of bytes: 9", "9 bytes"},
  };
  for (const auto& x : rows) {
    const auto job = read_job({4, 0, x.line}, {});
    BOOST_REQUIRE_MESSAGE(!job, x.line);
    const auto& message = job.error().message;
    BOOST_TEST((message.find("line 4: ") == 0), message);
    BOOST_TEST((message.find(x.wanted) != std::string::npos), message);
  }
}

BOOST_AUTO_TEST_CASE(a_job_tightens_the_limits_that_it_names) {
  const auto job = read_job(
    {1, 0, R"({"id":"n","path":"a.js","args":{"x":1},"limits":{"wall_ms":7}})"},
    {});
  BOOST_REQUIRE(job);
  const auto& x = job.value();
  BOOST_TEST(x.id == "n");
  BOOST_TEST(x.path == "a.js");
  BOOST_TEST(x.args.text == R"({"x":1})");
  BOOST_TEST(x.limits.wall_ms == 7u);
  BOOST_TEST(x.limits.cpu_ms == limits_config{}.cpu_ms);
}

BOOST_AUTO_TEST_SUITE_END()
