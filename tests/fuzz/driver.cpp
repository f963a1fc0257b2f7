// Runs a fuzz target without libFuzzer: each input of a corpus, and then inputs
// that are made of them by chance. It does not see which code they reach, so it
// finds less than libFuzzer, but it needs no other compiler.
//
//   NAME_fuzz --seconds 60 [--seed 7] FOLDER_OR_FILE...
//
// An input that ends the process is left in `finding-SEED` in the folder of the
// process.

#include <algorithm>
#include <chrono>
#include <csignal>
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <memory>
#include <random>
#include <string>
#include <string_view>
#include <vector>

#include <sanitizer/common_interface_defs.h>

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, std::size_t size);

/// Has the undefined-behaviour sanitizer end the process by a signal.
extern "C" const char* __ubsan_default_options() {
  return "abort_on_error=1:print_stacktrace=1";
}

namespace {

namespace fs = std::filesystem;

/// What goes on now, for the moment at which it fails.
std::string running_input;
unsigned seed = std::random_device{}();

void keep_input() {
  const auto name = "finding-" + std::to_string(seed);
  std::ofstream{name, std::ios::binary} << running_input;
  std::fprintf(stderr, "the input is in %s\n", name.c_str());
}

void on_abort(int) {
  keep_input();
  std::_Exit(1);
}

void run(const std::string& input) {
  running_input = input;
  // A copy of exactly its size, so that reading behind it is seen.
  const auto bytes = std::make_unique<uint8_t[]>(input.size());
  std::copy(input.begin(), input.end(), bytes.get());
  LLVMFuzzerTestOneInput(bytes.get(), input.size());
}

void add_files(const fs::path& from, std::vector<std::string>& corpus) {
  if (fs::is_directory(from)) {
    for (const auto& entry : fs::directory_iterator{from})
      add_files(entry.path(), corpus);
    return;
  }
  std::ifstream stream{from, std::ios::binary};
  corpus.emplace_back(std::istreambuf_iterator<char>{stream},
                      std::istreambuf_iterator<char>{});
}

/// Changes inputs by chance.
class mutator {
public:
  explicit mutator(const std::vector<std::string>& corpus) : corpus_{corpus} {}

  std::string make() {
    std::string result = any();
    for (auto left = 1 + below(6); left > 0; --left)
      change(result);
    constexpr std::size_t longest = 64 * 1024;
    result.resize(std::min(result.size(), longest));
    return result;
  }

private:
  const std::string& any() {
    return corpus_[below(corpus_.size())];
  }

  std::size_t below(std::size_t bound) {
    return bound == 0 ? 0 : random_() % bound;
  }

  void change(std::string& x) {
    static constexpr std::string_view tokens[]
      = {"\r\n",
         "\n",
         "\0",
         "\"",
         "\\u0000",
         "\\ud800",
         "\xff",
         "-1",
         "0",
         "1e400",
         "18446744073709551615",
         "99999999999999999999",
         "null",
         "{}",
         "[]",
         ":",
         ",",
         "%00",
         "%",
         "+",
         ";q=",
         "Content-Length: ",
         "Transfer-Encoding: chunked\r\n",
         "0\r\n\r\n"};
    const auto at = below(x.size() + 1);
    const auto length = below(std::min<std::size_t>(x.size() - at, 64) + 1);
    switch (below(7)) {
      case 0:
        if (at < x.size())
          x[at] = static_cast<char>(x[at] ^ 1 << below(8));
        break;
      case 1:
        if (at < x.size())
          x[at] = static_cast<char>(random_());
        break;
      case 2:
        x.insert(at, 1, static_cast<char>(random_()));
        break;
      case 3:
        x.erase(at, length);
        break;
      case 4:
        x.insert(below(x.size() + 1), x.substr(at, length));
        break;
      case 5: {
        const auto& other = any();
        x = x.substr(0, at) + other.substr(below(other.size() + 1));
        break;
      }
      default:
        x.insert(at, tokens[below(std::size(tokens))]);
    }
  }

  const std::vector<std::string>& corpus_;
  std::mt19937_64 random_{seed};
};

} // namespace

int main(int argc, char** argv) {
  double seconds = 0;
  std::vector<std::string> corpus;
  for (int i = 1; i < argc; ++i) {
    const std::string_view argument{argv[i]};
    if (argument == "--seconds" && i + 1 < argc)
      seconds = std::atof(argv[++i]);
    else if (argument == "--seed" && i + 1 < argc)
      seed = static_cast<unsigned>(std::atol(argv[++i]));
    else
      add_files(argument, corpus);
  }
  if (corpus.empty()) {
    std::fprintf(stderr, "there is no corpus\n");
    return 2;
  }
  std::signal(SIGABRT, on_abort);
  __sanitizer_set_death_callback(keep_input);
  std::printf("seed %u, %zu inputs in the corpus\n", seed, corpus.size());
  std::fflush(stdout);
  for (const auto& input : corpus)
    run(input);
  mutator inputs{corpus};
  using clock = std::chrono::steady_clock;
  const auto end = clock::now() + std::chrono::duration<double>{seconds};
  uint64_t count = 0;
  for (; clock::now() < end; ++count)
    run(inputs.make());
  std::printf("%llu inputs made of it\n",
              static_cast<unsigned long long>(count));
  return 0;
}
