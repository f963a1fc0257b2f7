#pragma once

#include "vmsystem/benchmarks/harness/load.hpp"
#include "vmsystem/benchmarks/harness/scratch_folder.hpp"
#include "vmsystem/models/failure.hpp"

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <map>
#include <string>
#include <utility>

namespace vmsystem::bench {

/// How much is measured.
struct bench_options {
  /// Tiny counts, once: shows that everything works, measures nothing.
  bool quick = false;
  uint32_t repetitions = 5;
  /// Of each repetition that is bound by time.
  std::chrono::milliseconds duration{1500};
  /// Before the first repetition.
  std::chrono::milliseconds warm_up{1000};
  /// Threads of the actors' scheduler; 0 leaves them to the product.
  uint32_t threads = 0;
  /// Engine slots; 0 leaves them to the product.
  uint32_t slots = 0;
  /// Where stores are made.
  std::filesystem::path folder;
  /// A cache of libraries that has lodash; empty: a library of the like size
  /// is made instead.
  std::filesystem::path library_cache;
};

/// What the workloads of one run share.
class context {
public:
  using measurement = std::function<expected<load_result>(const load_limit&)>;

  explicit context(bench_options options) : options_{std::move(options)} {}

  [[nodiscard]] const bench_options& options() const noexcept {
    return options_;
  }

  /// `count`, or in a quick run `quick_count`.
  [[nodiscard]] uint32_t scaled(uint32_t count, uint32_t quick_count) const {
    return options_.quick ? quick_count : count;
  }

  /// Threads that evaluate scripts.
  [[nodiscard]] uint32_t engine_threads() const;

  /// Measures for a warm-up, whose result is dropped, and then once for each
  /// repetition.
  [[nodiscard]] expected<load_results> repeat(const measurement& measure) const;

  /// The same with a number of requests instead of a time.
  [[nodiscard]] expected<load_results> repeat(uint64_t requests,
                                              const measurement& measure) const;

  /// What `measure` gave when it was first asked for under this name: bounds
  /// are measured once in a run, however many figures they limit.
  [[nodiscard]] const expected<load_results>&
  once(const std::string& name,
       const std::function<expected<load_results>()>& measure);

  /// A new folder for a store.
  [[nodiscard]] expected<scratch_folder> scratch() const {
    return scratch_folder::make(options_.folder);
  }

private:
  bench_options options_;
  std::map<std::string, expected<load_results>> measured_;
};

} // namespace vmsystem::bench
