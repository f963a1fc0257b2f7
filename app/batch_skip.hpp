#pragma once

#include "vmsystem/models/failure.hpp"

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>

namespace vmsystem {

/// The next line of a batch's stored input that is not blank, without its line
/// feed; nothing behind the last one.
using stored_lines = std::function<expected<std::optional<std::string>>()>;

/// Takes from the front of a batch's input the jobs that are stored already,
/// and checks that they are the same: a batch goes on with the input that it
/// began with. A line beyond `max_job_line` is not compared.
class line_skipper {
public:
  /// @param jobs how many jobs are stored.
  line_skipper(uint32_t jobs, stored_lines stored)
    : left_{jobs}, stored_{std::move(stored)} {}

  /// Takes a piece of the input.
  /// @returns what of it lies behind the stored jobs. Errors: validation_error
  ///          when the input is another one; those of the stored lines.
  [[nodiscard]] expected<std::string> take(std::string_view piece);

  /// The input is over. Errors: as `take`; validation_error when it has fewer
  /// jobs than are stored.
  [[nodiscard]] expected<void> end();

private:
  expected<void> end_line();

  uint32_t left_;
  stored_lines stored_;
  /// The line that is not over yet; of one that is too long, its beginning.
  std::string line_;
  uint64_t line_number_ = 1;
};

} // namespace vmsystem
