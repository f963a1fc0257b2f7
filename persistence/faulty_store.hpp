#pragma once

#include "vmsystem/persistence/store.hpp"

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

namespace vmsystem {

/// A fault that a `faulty_store` plays.
struct store_fault {
  /// Which changes it hits: a group with such a change fails as a whole. Empty
  /// means all.
  std::function<bool(const change&)> hits;
  /// Fails the n-th, 2n-th, ... commit that it hits.
  uint32_t every = 1;
  /// How often it fails before it is spent; 0 means without end.
  uint32_t times = 0;
  /// How long each commit that it hits takes longer.
  std::chrono::milliseconds delay{0};
  /// Whether it fails; otherwise it only delays.
  bool fails = true;
  /// `ec::internal` says that the store failed, `ec::validation_error` that one
  /// of the sets is malformed.
  ec code = ec::internal;
  std::string words = "injected fault";
};

/// The rule of a fault that hits one kind of change.
[[nodiscard]] std::function<bool(const change&)> hits_kind(change_kind kind);

/// A store for tests: passes everything on to another one, and fails when it
/// is told to. Faults can be set from any thread.
class faulty_store final : public store {
public:
  explicit faulty_store(store_ptr inner);

  /// Adds a fault to those that are set; the first one that hits counts.
  void add(store_fault fault);

  /// Makes readers fail from now on with these words, also those that were
  /// made before.
  void fail_reads(std::string words);

  /// Makes `flush` fail from now on with these words.
  void fail_flush(std::string words);

  /// Takes all faults away.
  void heal();

  /// How many commits, reads and flushes failed on purpose so far.
  [[nodiscard]] uint64_t injected() const;

  expected<void> commit(const std::vector<const change_set*>& group,
                        durability how) override;
  std::unique_ptr<store_reader> read() const override;
  expected<void> flush() override;

private:
  class reader;

  /// A fault and what it did.
  struct armed_fault {
    store_fault fault;
    uint32_t seen = 0;
    uint32_t failed = 0;
  };

  /// What is shared with the readers.
  struct faults {
    mutable std::mutex guard;
    std::vector<armed_fault> commits;
    std::optional<std::string> reads;
    std::optional<std::string> flushes;
    uint64_t injected = 0;
  };

  store_ptr inner_;
  std::shared_ptr<faults> faults_;
};

} // namespace vmsystem
