// The input of a batch: its lines are the same in whatever pieces they come,
// and each is a job or says why not.

#include "vmsystem/pipeline/job_lines.hpp"
#include "vmsystem/tests/fuzz/require.hpp"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

using namespace vmsystem;

namespace {

/// All lines of an input that comes in pieces of so many bytes.
std::string lines_of(std::string_view bytes, std::size_t piece,
                     uint32_t& jobs) {
  job_line_splitter splitter;
  std::string result;
  uint32_t next_line = 1;
  uint32_t next_index = 0;
  const auto take = [&] {
    const auto chunk = splitter.take();
    if (chunk.text.empty())
      return;
    fuzz::require(chunk.first_line == next_line
                    && chunk.first_index == next_index,
                  "runs of lines follow each other");
    next_line = chunk.next_line();
    next_index = splitter.jobs();
    result += chunk.text;
  };
  for (; !bytes.empty(); bytes.remove_prefix(std::min(piece, bytes.size()))) {
    splitter.add(bytes.substr(0, piece));
    take();
  }
  splitter.finish();
  take();
  jobs = splitter.jobs();
  return result;
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, std::size_t size) {
  if (size == 0)
    return 0;
  const std::size_t piece = 1 + data[0] % 32;
  const std::string_view bytes{reinterpret_cast<const char*>(data) + 1,
                               size - 1};
  uint32_t jobs = 0;
  uint32_t same = 0;
  const auto lines = lines_of(bytes, piece, jobs);
  fuzz::require(lines == lines_of(bytes, size, same) && jobs == same,
                "pieces change nothing");
  job_line_reader reader{batch_input_chunk{1, 0, lines}};
  uint32_t index = 0;
  while (const auto line = reader.next()) {
    fuzz::require(line->index == index++, "jobs follow each other");
    const auto job = read_job(*line, limits_config{});
    if (job)
      fuzz::require(job.value().input.empty() != job.value().path.empty(),
                    "a job is a snippet or a file");
  }
  fuzz::require(index == jobs, "all jobs are read");
  return 0;
}
