#pragma once

#include <map>
#include <string>
#include <string_view>

namespace vmsystem::engine::detail {

/// The bytecode of the built-in modules, which is read in a tenth of the time
/// that compiling them takes.
///
/// The engine trusts bytecode: it has to come from a guest in which no script
/// ever ran.
class builtin_code {
public:
  /// By the module's name. The code evaluates to the CommonJS function.
  using table = std::map<std::string, std::string, std::less<>>;

  /// Whether it was published.
  [[nodiscard]] static bool there() noexcept;

  /// Makes it known to all threads, for as long as the program runs; the first
  /// table stays.
  static void publish(table code);

  /// The bytecode of a module; empty before it was published, or when there is
  /// no such module.
  [[nodiscard]] static std::string_view of(std::string_view name) noexcept;
};

} // namespace vmsystem::engine::detail
