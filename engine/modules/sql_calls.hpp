#pragma once

#include "vmsystem/engine/guest.hpp"
#include "vmsystem/engine/modules/file_calls.hpp"
#include "vmsystem/engine/sql_database.hpp"

#include <cstdint>
#include <map>
#include <string>

namespace vmsystem::engine::detail {

/// What `database.js` asks of the host; the first argument. Answers are lists;
/// one that begins with a string is an error: its code and its message.
enum class sql_operation : uint32_t {
  /// Of a path, or undefined for memory, and whether it is only read: the
  /// database's number.
  open = 0,
  /// Of a number, a text, and parameters as a list of name, kind and value in
  /// turn: changed rows, the last row's id, the count of columns, their names,
  /// all values.
  run = 1,
  /// Of a number and a text: nothing.
  run_all = 2,
  close = 3,
  /// Of a number: whether a transaction is open.
  in_transaction = 4,
};

/// Kinds of parameters.
enum class sql_kind : uint32_t {
  null = 0,
  /// As decimal text.
  integer = 1,
  /// As text of a number.
  real = 2,
  text = 3,
  blob = 4,
};

/// Databases that one instance may have open.
inline constexpr std::size_t max_open_databases = 16;

/// The databases of one instance. What it owns lies outside of the guest's trap
/// frames, so that a trap loses nothing.
class sql_calls {
public:
  /// Answers a `sql_operation`. Called by the guest.
  /// @param grants says which files may be opened, and for what.
  /// @param files may be null: then there is memory alone.
  js_value call(guest& owner, const file_calls& grants, const worktree* files,
                uint32_t argument_count, uint32_t arguments);

  /// Closes all of them.
  void forget() noexcept {
    databases_.clear();
  }

private:
  js_value open(guest& owner, const file_calls& grants, const worktree* files,
                js_value path, bool read_only);
  js_value run(guest& owner, sql_database& on, uint32_t arguments);
  js_value run_all(guest& owner, sql_database& on, js_value text);
  [[nodiscard]] bool take_parameters(guest& owner, js_value list);
  [[nodiscard]] bool take_value(guest& owner, js_value value, sql_kind kind);
  js_value answer(guest& owner);
  js_value failed(guest& owner);

  std::map<uint32_t, sql_database> databases_;

  // Of the call in progress.
  std::string text_;
  std::string name_;
  sql_value value_;
  sql_parameters parameters_;
  sql_result result_;
  sql_error error_;
};

} // namespace vmsystem::engine::detail
