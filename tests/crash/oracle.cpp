#include "oracle.hpp"

#include <cerrno>
#include <fstream>
#include <system_error>
#include <utility>

#include <fcntl.h>
#include <unistd.h>

namespace vmsystem::test {

std::string snippet_of(int number, int round) {
  switch ((number + round) % 4) {
    case 0:
      return "1+1";
    case 1:
      return "for (let i = 0; i < 40; i++) console.log('line', i); 'many'";
    case 2:
      return "console.error('before'); throw new Error('on purpose')";
    default:
      return "{ const end = Date.now() + 60; console.log('begun'); "
             "while (Date.now() < end); } console.log('done')";
  }
}

oracle_file::oracle_file(std::string path)
  : fd_{open(path.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600)} {
  if (fd_ < 0)
    throw std::system_error{errno, std::generic_category(), path};
}

oracle_file::~oracle_file() {
  close(fd_);
}

void oracle_file::add(const acknowledged& one) {
  const auto line = one.id + ' ' + std::to_string(one.events) + '\n';
  if (write(fd_, line.data(), line.size()) != static_cast<ssize_t>(line.size())
      || fdatasync(fd_) != 0)
    throw std::system_error{errno, std::generic_category(), "oracle"};
}

std::vector<acknowledged> oracle_file::read(const std::string& path) {
  std::vector<acknowledged> all;
  std::ifstream file{path};
  acknowledged one;
  while (file >> one.id >> one.events)
    all.push_back(one);
  return all;
}

void run_client(const test_daemon& server, const std::string& session,
                int number, const std::string& oracle,
                std::atomic<uint64_t>& count) noexcept {
  try {
    oracle_file written{oracle};
    auto client = server.connect();
    for (int round = 0;; ++round) {
      const auto record
        = run_snippet(client, session, snippet_of(number, round));
      written.add({record.field("id").text(),
                   std::stoul(record.field("metrics").field("events").raw())});
      ++count;
    }
  } catch (const std::exception&) {
    // The server was killed: what was not acknowledged does not count.
  }
}

} // namespace vmsystem::test
