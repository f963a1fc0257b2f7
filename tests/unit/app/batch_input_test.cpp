#include "vmsystem/app/batch_sink.hpp"
#include "vmsystem/app/batch_skip.hpp"
#include "vmsystem/app/batch_source.hpp"
#include "vmsystem/models/batch.hpp"
#include "vmsystem/tests/temp_folder.hpp"
#include "vmsystem/tests/unit/persistence/support.hpp"

#include <boost/test/unit_test.hpp>

#include <fstream>
#include <string>
#include <vector>

#include <sys/stat.h>

using namespace vmsystem;
using namespace vmsystem::test;

namespace {

/// Lines that a batch has stored.
stored_lines lines(std::vector<std::string> all) {
  return
    [all = std::move(all),
     at = std::size_t{0}]() mutable -> expected<std::optional<std::string>> {
      if (at == all.size())
        return std::optional<std::string>{};
      return std::optional<std::string>{all[at++]};
    };
}

void write(const std::string& path, const std::string& bytes) {
  std::ofstream{path, std::ios::binary} << bytes;
}

/// All that a source gives.
std::string all_of(batch_source& source) {
  std::string result;
  for (;;) {
    auto piece = must(source.read());
    if (!piece)
      continue;
    BOOST_TEST(piece->text.size() <= max_batch_input);
    if (piece->last)
      return result;
    result += piece->text;
  }
}

} // namespace

BOOST_AUTO_TEST_SUITE(sources)

BOOST_AUTO_TEST_CASE(a_file_comes_whole_in_pieces) {
  const temp_folder folder;
  std::string bytes(3 * max_batch_input + 17, 'x');
  bytes[max_batch_input] = '\n';
  write(folder / "jobs", bytes);
  auto source = must(batch_source::open(folder / "jobs"));
  BOOST_TEST(source.size() == bytes.size());
  BOOST_TEST((all_of(source) == bytes));
}

BOOST_AUTO_TEST_CASE(what_is_no_file_is_refused_by_name) {
  const temp_folder folder;
  const auto missing = must_fail(batch_source::open(folder / "nowhere"));
  BOOST_TEST((missing.code == ec::file_not_found));
  BOOST_TEST(missing.message.find(folder / "nowhere") == 0u);
  const auto directory = must_fail(batch_source::open(folder / ""));
  BOOST_TEST((directory.code == ec::invalid_path));
}

BOOST_AUTO_TEST_CASE(a_pipe_without_writer_data_keeps_nobody_waiting) {
  const temp_folder folder;
  const auto pipe = folder / "pipe";
  BOOST_TEST_REQUIRE(::mkfifo(pipe.c_str(), 0600) == 0);
  // Open for both, so that opening does not wait for the other end.
  std::fstream writer{pipe};
  auto source = must(batch_source::open(pipe));
  BOOST_TEST(source.size() == 0u);
  BOOST_TEST(!must(source.read()).has_value());
  writer << "{}\n" << std::flush;
  auto piece = must(source.read());
  BOOST_TEST_REQUIRE(piece.has_value());
  BOOST_TEST(piece->text == "{}\n");
}

BOOST_AUTO_TEST_CASE(a_sink_empties_its_file_and_takes_lines) {
  const temp_folder folder;
  write(folder / "out", "old and longer than what comes\n");
  {
    auto sink = must(batch_sink::open(folder / "out"));
    must(sink.write("a\n"));
    must(sink.write(""));
    must(sink.write("b\n"));
  }
  std::ifstream file{folder / "out"};
  BOOST_TEST(
    (std::string{std::istreambuf_iterator<char>{file}, {}} == "a\nb\n"));
}

BOOST_AUTO_TEST_CASE(a_sink_that_cannot_be_written_says_so) {
  const temp_folder folder;
  const auto why = must_fail(batch_sink::open(folder / "no/such/folder"));
  BOOST_TEST((why.code == ec::invalid_path));
  auto full = must(batch_sink::open("/dev/full"));
  const auto refused = full.write("a\n");
  BOOST_TEST_REQUIRE(refused.has_error());
  BOOST_TEST((refused.error().code == ec::internal));
  auto nowhere = must(batch_sink::open(""));
  must(nowhere.write("a\n"));
}

BOOST_AUTO_TEST_SUITE_END()

BOOST_AUTO_TEST_SUITE(skipping)

BOOST_AUTO_TEST_CASE(stored_jobs_are_skipped_however_the_input_is_cut) {
  const std::string input = "a\n\n  \nb\r\nc\n\nd";
  for (std::size_t piece = 1; piece <= input.size(); ++piece) {
    line_skipper skipper{2, lines({"a", "b\r"})};
    std::string rest;
    for (std::size_t at = 0; at < input.size(); at += piece)
      rest += must(skipper.take(std::string_view{input}.substr(at, piece)));
    must(skipper.end());
    BOOST_TEST(rest == "c\n\nd");
  }
}

BOOST_AUTO_TEST_CASE(without_stored_jobs_nothing_is_skipped) {
  line_skipper skipper{0, lines({})};
  BOOST_TEST(must(skipper.take("\n\na\n")) == "\n\na\n");
  must(skipper.end());
}

BOOST_AUTO_TEST_CASE(a_last_stored_line_may_lack_its_line_feed) {
  line_skipper skipper{2, lines({"a", "b"})};
  BOOST_TEST(must(skipper.take("a\nb")).empty());
  must(skipper.end());
}

BOOST_AUTO_TEST_CASE(another_input_is_refused_with_the_line) {
  line_skipper skipper{3, lines({"a", "b", "c"})};
  const auto why = must_fail(skipper.take("a\n\nx\nc\n"));
  BOOST_TEST((why.code == ec::validation_error));
  BOOST_TEST(why.message == "line 3 is not the one that the batch began with");
}

BOOST_AUTO_TEST_CASE(an_input_that_is_too_short_is_refused) {
  line_skipper skipper{2, lines({"a", "b"})};
  must(skipper.take("a\n\n"));
  const auto outcome = skipper.end();
  BOOST_TEST_REQUIRE(outcome.has_error());
  BOOST_TEST((outcome.error().code == ec::validation_error));
}

BOOST_AUTO_TEST_CASE(a_line_that_is_too_long_is_skipped_without_keeping_it) {
  line_skipper skipper{1, lines({"stands for it"})};
  const std::string piece(1 << 20, 'x');
  for (std::size_t i = 0; i <= max_job_line; i += piece.size())
    BOOST_TEST(must(skipper.take(piece)).empty());
  BOOST_TEST(must(skipper.take("x\nnext\n")) == "next\n");
}

BOOST_AUTO_TEST_CASE(stored_lines_that_cannot_be_read_are_the_reason) {
  line_skipper skipper{1, []() -> expected<std::optional<std::string>> {
                         return fail(ec::internal, "the disk is gone");
                       }};
  BOOST_TEST(must_fail(skipper.take("a\n")).message == "the disk is gone");
}

BOOST_AUTO_TEST_SUITE_END()
