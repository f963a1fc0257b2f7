#pragma once

#include "vmsystem/models/failure.hpp"
#include "vmsystem/models/json_text.hpp"

#include <cstddef>
#include <functional>
#include <memory>
#include <string>
#include <variant>
#include <vector>

namespace vmsystem::engine {

namespace detail {
class open_reply;
} // namespace detail

/// Answers one call of an asynchronous host function. Copies answer the same
/// call. When the last copy goes without an answer, the call fails with
/// `ec::internal`.
class host_reply {
public:
  explicit host_reply(std::shared_ptr<detail::open_reply> call) noexcept;

  /// Settles the call's promise: the script goes on as soon as its instance
  /// runs. The first answer counts. From any thread, at any time: when the run
  /// was stopped or the instance is gone, nothing happens.
  /// @param answer JSON text; absent text gives `undefined`.
  void operator()(expected<json_text> answer) const;

private:
  std::shared_ptr<detail::open_reply> call_;
};

/// A host function that answers at once, on the thread that runs the script.
/// The argument is a JSON array of the call's arguments. Its processor time is
/// not the script's, its wall time is; no limit interrupts it, and one that it
/// exceeds ends the script when it returns. It may be called on several threads
/// at the same time. It must not run an instance; one on its thread refuses.
using host_function = std::function<expected<json_text>(const json_text&)>;

/// A host function that answers later. It must not block: it is called like a
/// `host_function`, and the script goes on with a promise when it returns.
using async_host_function = std::function<void(json_text, host_reply)>;

/// Most functions of one table.
inline constexpr std::size_t max_host_functions = 256;

/// Longest name of a host function, in bytes.
inline constexpr std::size_t max_host_name_bytes = 64;

/// Longest JSON text of the arguments of one call, and of one answer.
inline constexpr std::size_t max_host_text_bytes = 16u << 20;

/// Most calls of one instance that wait for an answer at the same time.
inline constexpr std::size_t max_open_host_calls = 1024;

/// What scripts can call as `host.NAME(...)`. A failure becomes a thrown
/// `Error`, or a rejected promise, with the failure's message and the name of
/// its code as `code`; so does an exception, with `ec::internal`.
///
/// Filled first and shared as `const` afterwards: images and their instances
/// keep it alive.
class host_function_table {
public:
  /// One function under its name.
  struct entry {
    std::string name;
    std::variant<host_function, async_host_function> function;
  };

  /// Adds a function that answers at once. Errors: `ec::validation_error` when
  /// the name is no ASCII identifier of at most `max_host_name_bytes`, or
  /// taken, or the function is empty, or the table is full.
  [[nodiscard]] expected<void> add(std::string name, host_function function);

  /// Adds a function that answers later. Errors: as `add`.
  [[nodiscard]] expected<void> add_async(std::string name,
                                         async_host_function function);

  /// All functions, in the order in which they were added.
  [[nodiscard]] const std::vector<entry>& entries() const noexcept {
    return entries_;
  }

private:
  expected<void> check(const std::string& name, bool callable) const;

  std::vector<entry> entries_;
};

/// A table that images and runtimes share; null means no functions.
using host_functions_ptr = std::shared_ptr<const host_function_table>;

} // namespace vmsystem::engine
