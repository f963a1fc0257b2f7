#pragma once

#include "vmsystem/engine/worktree.hpp"

#include <boost/outcome/config.hpp>
#include <boost/outcome/result.hpp>

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

namespace vmsystem::engine {

/// Why SQLite refused or failed.
struct sql_error {
  /// The name of SQLite's result code, as `SQLITE_CONSTRAINT`.
  std::string code;
  /// SQLite's own words, or ours when we refused.
  std::string message;
};

/// A `T`, or why there is none.
template <class T>
using sql_outcome = BOOST_OUTCOME_V2_NAMESPACE::basic_result<
  T, sql_error,
  BOOST_OUTCOME_V2_NAMESPACE::policy::throw_bad_result_access<sql_error, void>>;

/// Bytes of a BLOB.
struct sql_blob {
  std::string bytes;
};

/// NULL, INTEGER, REAL, TEXT (UTF-8) or BLOB.
using sql_value
  = std::variant<std::monostate, int64_t, double, std::string, sql_blob>;

/// What stands for `?` and `?1`, and for `:name`, `@name` and `$name`.
struct sql_parameters {
  std::vector<sql_value> positional;
  /// Names without their first character.
  std::vector<std::pair<std::string, sql_value>> named;
};

/// What a statement gave.
struct sql_result {
  std::vector<std::string> columns;
  std::vector<std::vector<sql_value>> rows;
  /// Rows that an INSERT, UPDATE or DELETE changed; 0 for others.
  int64_t changes = 0;
  int64_t last_insert_rowid = 0;
};

/// Most bytes of one value, of one statement's text, and of all values that one
/// statement gives.
inline constexpr std::size_t max_sql_value_bytes = 8u << 20;
inline constexpr std::size_t max_sql_text_bytes = 1u << 20;
inline constexpr std::size_t max_sql_result_bytes = 16u << 20;

/// A SQLite database for scripts: a file of a worktree, or memory. Its
/// statements reach no other file: ATTACH, extensions, virtual tables that
/// read files and pragmas that change what a connection may do are refused.
/// Used by one thread at a time.
class sql_database {
public:
  /// Whether a statement that goes on has to stop; asked every few
  /// microseconds, on the thread that runs it.
  using stop_check = std::function<bool()>;

  /// Opens a file, which is made when it is not there and may be written.
  /// @param path relative to `folder`, in normal form.
  /// Errors: SQLITE_CANTOPEN, for all that is no regular file beneath the
  /// folder; SQLITE_NOTADB, and SQLITE_BUSY while another process has it.
  [[nodiscard]] static sql_outcome<sql_database>
  open(const worktree& folder, const std::string& path, bool read_only,
       const stop_check& stop);

  /// Opens one that goes with the object.
  [[nodiscard]] static sql_outcome<sql_database> open_in_memory();

  /// Runs the one statement of `text`. Errors: SQLite's; SQLITE_INTERRUPT when
  /// it was stopped; SQLITE_MISUSE for no or several statements and parameters
  /// that the statement does not have; SQLITE_TOOBIG beyond the bounds;
  /// SQLITE_AUTH for what is forbidden.
  [[nodiscard]] sql_outcome<sql_result> run(std::string_view text,
                                            const sql_parameters& parameters,
                                            const stop_check& stop);

  /// Runs all statements of `text` and drops what they give. Errors: as `run`;
  /// those before the one that failed have happened.
  [[nodiscard]] sql_outcome<void> run_all(std::string_view text,
                                          const stop_check& stop);

  /// Whether a transaction is open.
  [[nodiscard]] bool in_transaction() const noexcept;

private:
  struct connection;
  struct connection_deleter {
    void operator()(connection* x) const noexcept;
  };

  explicit sql_database(std::unique_ptr<connection, connection_deleter> to);

  [[nodiscard]] static sql_outcome<sql_database>
  open_as(descriptor folder, const std::string& name, int flags,
          const stop_check& stop);

  std::unique_ptr<connection, connection_deleter> connection_;
};

} // namespace vmsystem::engine
