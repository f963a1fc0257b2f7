#include "vmsystem/engine/sql_database.hpp"

#include <sqlite3.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <mutex>
#include <optional>

#include <fcntl.h>

namespace vmsystem::engine {

namespace {

/// Instructions of SQLite's machine between two looks at the clock.
constexpr int steps_per_look = 2000;

/// Memory that SQLite may use in the process; a statement that runs when it is
/// exceeded stops.
constexpr int64_t max_process_bytes = 256 << 20;

/// Pages of a connection's cache, as negative KiB.
constexpr const char* set_up_text = "PRAGMA temp_store = MEMORY;"
                                    "PRAGMA mmap_size = 0;"
                                    "PRAGMA cache_size = -8192;"
                                    "PRAGMA cell_size_check = ON;"
                                    "PRAGMA trusted_schema = OFF;"
                                    "PRAGMA foreign_keys = ON;";

/// Pragmas that tell or change something about the database alone.
constexpr std::array<std::string_view, 19> allowed_pragmas{
  "application_id",    "collation_list",     "encoding",
  "foreign_key_check", "foreign_key_list",   "foreign_keys",
  "freelist_count",    "index_info",         "index_list",
  "index_xinfo",       "integrity_check",    "page_count",
  "quick_check",       "recursive_triggers", "schema_version",
  "table_info",        "table_list",         "table_xinfo",
  "user_version"};

/// Functions of SQL that are none of the database's business.
constexpr std::array<std::string_view, 6> forbidden_functions{
  "load_extension", "readfile", "writefile", "edit", "fts3_tokenizer", "fsdir"};

template <class Names>
bool has(const Names& names, const char* name) {
  return name != nullptr
         && std::find(names.begin(), names.end(), std::string_view{name})
              != names.end();
}

const char* name_of_code(int code) {
  switch (code & 0xff) {
    case SQLITE_ERROR:
      return "SQLITE_ERROR";
    case SQLITE_ABORT:
      return "SQLITE_ABORT";
    case SQLITE_AUTH:
      return "SQLITE_AUTH";
    case SQLITE_BUSY:
      return "SQLITE_BUSY";
    case SQLITE_CANTOPEN:
      return "SQLITE_CANTOPEN";
    case SQLITE_CONSTRAINT:
      return "SQLITE_CONSTRAINT";
    case SQLITE_CORRUPT:
      return "SQLITE_CORRUPT";
    case SQLITE_FULL:
      return "SQLITE_FULL";
    case SQLITE_INTERRUPT:
      return "SQLITE_INTERRUPT";
    case SQLITE_IOERR:
      return "SQLITE_IOERR";
    case SQLITE_LOCKED:
      return "SQLITE_LOCKED";
    case SQLITE_MISMATCH:
      return "SQLITE_MISMATCH";
    case SQLITE_MISUSE:
      return "SQLITE_MISUSE";
    case SQLITE_NOMEM:
      return "SQLITE_NOMEM";
    case SQLITE_NOTADB:
      return "SQLITE_NOTADB";
    case SQLITE_RANGE:
      return "SQLITE_RANGE";
    case SQLITE_READONLY:
      return "SQLITE_READONLY";
    case SQLITE_SCHEMA:
      return "SQLITE_SCHEMA";
    case SQLITE_TOOBIG:
      return "SQLITE_TOOBIG";
    default:
      return "SQLITE_INTERNAL";
  }
}

sql_error error_of(int code, std::string message) {
  return {name_of_code(code), std::move(message)};
}

sql_error too_big(const char* what, std::size_t most) {
  return error_of(SQLITE_TOOBIG, std::string{what} + " has more than "
                                   + std::to_string(most >> 20) + " MiB");
}

/// Paths stay as they are: they name a file in an open folder, through the
/// process's own descriptor of it. Resolving links would turn that into a path
/// that others can redirect. Files themselves are never opened through a link.
int full_path(sqlite3_vfs*, const char* path, int size, char* to) {
  if (std::strlen(path) >= static_cast<std::size_t>(size))
    return SQLITE_CANTOPEN;
  std::strcpy(to, path);
  return SQLITE_OK;
}

constexpr const char* file_system_name = "vm-system";

/// Registers the file system that databases of scripts are opened with.
bool register_file_system() {
  static const bool registered = [] {
    const auto* const common = sqlite3_vfs_find("unix");
    if (common == nullptr)
      return false;
    static sqlite3_vfs own = *common;
    own.zName = file_system_name;
    own.pNext = nullptr;
    own.xFullPathname = full_path;
    return sqlite3_vfs_register(&own, 0) == SQLITE_OK;
  }();
  return registered;
}

struct statement_deleter {
  void operator()(sqlite3_stmt* x) const noexcept {
    sqlite3_finalize(x);
  }
};

using statement_ptr = std::unique_ptr<sqlite3_stmt, statement_deleter>;

int bind_at(sqlite3_stmt* to, int at, const sql_value& value) {
  struct binder {
    sqlite3_stmt* to;
    int at;
    int operator()(std::monostate) const {
      return sqlite3_bind_null(to, at);
    }
    int operator()(int64_t x) const {
      return sqlite3_bind_int64(to, at, x);
    }
    int operator()(double x) const {
      return sqlite3_bind_double(to, at, x);
    }
    int operator()(const std::string& x) const {
      return sqlite3_bind_text64(to, at, x.data(), x.size(), SQLITE_STATIC,
                                 SQLITE_UTF8);
    }
    int operator()(const sql_blob& x) const {
      // A null pointer would bind NULL.
      const auto* bytes = x.bytes.empty() ? "" : x.bytes.data();
      return sqlite3_bind_blob64(to, at, bytes, x.bytes.size(), SQLITE_STATIC);
    }
  };
  return std::visit(binder{to, at}, value);
}

sql_value value_at(sqlite3_stmt* from, int column) {
  const auto bytes = [&] {
    return static_cast<std::size_t>(sqlite3_column_bytes(from, column));
  };
  switch (sqlite3_column_type(from, column)) {
    case SQLITE_INTEGER:
      return static_cast<int64_t>(sqlite3_column_int64(from, column));
    case SQLITE_FLOAT:
      return sqlite3_column_double(from, column);
    case SQLITE_TEXT: {
      const auto* text = sqlite3_column_text(from, column);
      if (text == nullptr)
        return std::string{};
      return std::string{reinterpret_cast<const char*>(text), bytes()};
    }
    case SQLITE_BLOB: {
      const auto* blob = sqlite3_column_blob(from, column);
      if (blob == nullptr)
        return sql_blob{};
      return sql_blob{std::string{static_cast<const char*>(blob), bytes()}};
    }
    default:
      return std::monostate{};
  }
}

std::size_t size_of(const sql_value& value) {
  constexpr std::size_t least = 16;
  if (const auto* text = std::get_if<std::string>(&value))
    return least + text->size();
  if (const auto* blob = std::get_if<sql_blob>(&value))
    return least + blob->bytes.size();
  return least;
}

} // namespace

struct sql_database::connection {
  sqlite3* handle = nullptr;
  /// Where the file is, for as long as SQLite may open others beside it.
  descriptor folder;
  /// Of the statement in progress; null: none.
  const stop_check* stop = nullptr;
  /// Why the statement was stopped.
  bool out_of_memory = false;

  connection() = default;

  connection(const connection&) = delete;

  connection& operator=(const connection&) = delete;

  ~connection() {
    sqlite3_close(handle);
  }

  sql_error error(int code) const {
    if (code == SQLITE_INTERRUPT && out_of_memory)
      return error_of(SQLITE_NOMEM, "the databases of this process use more "
                                    "than "
                                      + std::to_string(max_process_bytes >> 20)
                                      + " MiB");
    return error_of(code, handle != nullptr ? sqlite3_errmsg(handle)
                                            : sqlite3_errstr(code));
  }

  /// Compiles the first statement of `text` and moves `text` behind it.
  sql_outcome<statement_ptr> prepare(std::string_view& text) const {
    sqlite3_stmt* made = nullptr;
    const char* rest = nullptr;
    const auto code
      = sqlite3_prepare_v2(handle, text.data(), static_cast<int>(text.size()),
                           &made, &rest);
    if (code != SQLITE_OK)
      return error(code);
    text.remove_prefix(static_cast<std::size_t>(rest - text.data()));
    return statement_ptr{made};
  }

  int look() {
    if (sqlite3_memory_used() > max_process_bytes)
      out_of_memory = true;
    return out_of_memory || (stop != nullptr && *stop && (*stop)()) ? 1 : 0;
  }

  sql_outcome<void> bind(sqlite3_stmt* to, const sql_parameters& from) const;

  sql_outcome<void> fetch(sqlite3_stmt* from, sql_result* to);
};

namespace {

/// Says which statements may be compiled.
int authorize(void*, int action, const char* first, const char* second,
              const char*, const char*) {
  switch (action) {
    case SQLITE_ATTACH:
    case SQLITE_DETACH:
    case SQLITE_CREATE_VTABLE:
    case SQLITE_DROP_VTABLE:
      return SQLITE_DENY;
    case SQLITE_PRAGMA:
      return has(allowed_pragmas, first) ? SQLITE_OK : SQLITE_DENY;
    case SQLITE_FUNCTION:
      return has(forbidden_functions, second) ? SQLITE_DENY : SQLITE_OK;
    default:
      return SQLITE_OK;
  }
}

} // namespace

namespace {

/// Holds while a statement runs.
template <class Connection>
class stop_scope {
public:
  stop_scope(Connection& of, const sql_database::stop_check& stop) : of_{of} {
    of_.stop = &stop;
    of_.out_of_memory = false;
  }

  stop_scope(const stop_scope&) = delete;

  stop_scope& operator=(const stop_scope&) = delete;

  ~stop_scope() {
    of_.stop = nullptr;
  }

private:
  Connection& of_;
};

} // namespace

void sql_database::connection_deleter::operator()(
  connection* x) const noexcept {
  delete x;
}

sql_database::sql_database(std::unique_ptr<connection, connection_deleter> to)
  : connection_{std::move(to)} {}

sql_outcome<sql_database>
sql_database::open_as(descriptor folder, const std::string& name, int flags,
                      const stop_check& stop) {
  if (!register_file_system())
    return error_of(SQLITE_ERROR, "SQLite has no file system");
  std::unique_ptr<connection, connection_deleter> to{new connection};
  to->folder = std::move(folder);
  auto& handle = to->handle;
  auto code
    = sqlite3_open_v2(name.c_str(), &handle,
                      flags | SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_PRIVATECACHE
                        | SQLITE_OPEN_EXRESCODE,
                      file_system_name);
  if (code != SQLITE_OK)
    return error_of(code, sqlite3_errstr(code));
  sqlite3_db_config(handle, SQLITE_DBCONFIG_DEFENSIVE, 1, nullptr);
  sqlite3_db_config(handle, SQLITE_DBCONFIG_TRUSTED_SCHEMA, 0, nullptr);
  sqlite3_db_config(handle, SQLITE_DBCONFIG_ENABLE_LOAD_EXTENSION, 0, nullptr);
  sqlite3_limit(handle, SQLITE_LIMIT_ATTACHED, 0);
  sqlite3_limit(handle, SQLITE_LIMIT_LENGTH, max_sql_value_bytes);
  sqlite3_limit(handle, SQLITE_LIMIT_SQL_LENGTH, max_sql_text_bytes);
  sqlite3_limit(handle, SQLITE_LIMIT_WORKER_THREADS, 0);
  sqlite3_progress_handler(
    handle, steps_per_look,
    [](void* of) { return static_cast<connection*>(of)->look(); }, to.get());
  // Another process may hold a lock: the script's time limits the wait.
  sqlite3_busy_handler(
    handle,
    [](void* of, int) {
      constexpr int pause_ms = 5;
      if (static_cast<connection*>(of)->look() != 0)
        return 0;
      sqlite3_sleep(pause_ms);
      return 1;
    },
    to.get());
  const stop_scope scope{*to, stop};
  code = sqlite3_exec(handle, set_up_text, nullptr, nullptr, nullptr);
  if (code != SQLITE_OK)
    return to->error(code);
  sqlite3_set_authorizer(handle, authorize, nullptr);
  return sql_database{std::move(to)};
}

sql_outcome<sql_database>
sql_database::open(const worktree& folder, const std::string& path,
                   bool read_only, const stop_check& stop) {
  const auto cannot = [&](const std::string& why) {
    return error_of(SQLITE_CANTOPEN,
                    "unable to open database \"" + path + "\": " + why);
  };
  const auto slash = path.rfind('/');
  const auto parent
    = slash == std::string::npos ? std::string{"."} : path.substr(0, slash);
  const auto name = slash == std::string::npos ? path : path.substr(slash + 1);
  if (name.empty() || name == "." || name == "..")
    return cannot("it is no file");
  descriptor at;
  if (const int error = folder.open_file(parent, O_RDONLY | O_DIRECTORY, 0, at);
      error != 0)
    return cannot(std::strerror(error));
  struct stat found {};
  const int missing = folder.status(path, false, found);
  if (missing != 0 && (missing != ENOENT || read_only))
    return cannot(std::strerror(missing));
  if (missing == 0 && !S_ISREG(found.st_mode))
    return cannot("it is no regular file");
  auto full = "/proc/self/fd/" + std::to_string(at.get()) + '/' + name;
  auto opened = open_as(std::move(at), full,
                        read_only ? SQLITE_OPEN_READONLY
                                  : SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE,
                        stop);
  if (!opened && opened.error().code == name_of_code(SQLITE_CANTOPEN))
    return cannot("the file cannot be opened");
  return opened;
}

sql_outcome<sql_database> sql_database::open_in_memory() {
  return open_as(descriptor{},
                 ":memory:", SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE, {});
}

sql_outcome<void>
sql_database::connection::bind(sqlite3_stmt* to,
                               const sql_parameters& from) const {
  const auto count = sqlite3_bind_parameter_count(to);
  const auto misuse = [](std::string message) {
    return error_of(SQLITE_MISUSE, std::move(message));
  };
  if (from.positional.size() > static_cast<std::size_t>(count))
    return misuse("the statement has " + std::to_string(count)
                  + " parameters, and was given "
                  + std::to_string(from.positional.size()));
  const auto named = [&](int at) -> const sql_value* {
    const char* name = sqlite3_bind_parameter_name(to, at);
    if (name == nullptr)
      return nullptr;
    for (const auto& [key, value] : from.named)
      if (key == name + 1)
        return &value;
    return nullptr;
  };
  for (int at = 1; at <= count; ++at) {
    const auto* value = named(at);
    if (value == nullptr) {
      const auto i = static_cast<std::size_t>(at) - 1;
      if (i >= from.positional.size()) {
        const char* name = sqlite3_bind_parameter_name(to, at);
        return misuse(
          "there is no value for the parameter "
          + (name != nullptr ? std::string{name} : std::to_string(at)));
      }
      value = &from.positional[i];
    }
    if (const auto code = bind_at(to, at, *value); code != SQLITE_OK)
      return error(code);
  }
  return BOOST_OUTCOME_V2_NAMESPACE::success();
}

// Steps through a statement; null: what it gives is dropped.
sql_outcome<void> sql_database::connection::fetch(sqlite3_stmt* from,
                                                  sql_result* to) {
  const auto columns = sqlite3_column_count(from);
  if (to != nullptr)
    for (int i = 0; i < columns; ++i) {
      const char* name = sqlite3_column_name(from, i);
      to->columns.emplace_back(name != nullptr ? name : "");
    }
  std::size_t bytes = 0;
  for (;;) {
    const auto code = sqlite3_step(from);
    if (code == SQLITE_DONE)
      return BOOST_OUTCOME_V2_NAMESPACE::success();
    if (code != SQLITE_ROW)
      return error(code);
    if (to == nullptr)
      continue;
    auto& row = to->rows.emplace_back();
    for (int i = 0; i < columns; ++i) {
      row.push_back(value_at(from, i));
      bytes += size_of(row.back());
    }
    bytes += sizeof row;
    if (bytes > max_sql_result_bytes)
      return too_big("the result", max_sql_result_bytes);
  }
}

sql_outcome<sql_result> sql_database::run(std::string_view text,
                                          const sql_parameters& parameters,
                                          const stop_check& stop) {
  if (text.size() > max_sql_text_bytes)
    return too_big("the statement", max_sql_text_bytes);
  auto& to = *connection_;
  const stop_scope scope{to, stop};
  auto statement = to.prepare(text);
  if (!statement)
    return statement.error();
  if (statement.value() == nullptr)
    return error_of(SQLITE_MISUSE, "there is no statement");
  auto more = to.prepare(text);
  if (!more || more.value() != nullptr)
    return error_of(SQLITE_MISUSE, "there is more than one statement; exec "
                                   "runs several");
  auto* const prepared = statement.value().get();
  if (auto bound = to.bind(prepared, parameters); !bound)
    return bound.error();
  const auto before = sqlite3_total_changes64(to.handle);
  sql_result result;
  if (auto done = to.fetch(prepared, &result); !done)
    return done.error();
  if (sqlite3_total_changes64(to.handle) != before)
    result.changes = sqlite3_changes64(to.handle);
  result.last_insert_rowid = sqlite3_last_insert_rowid(to.handle);
  return result;
}

sql_outcome<void> sql_database::run_all(std::string_view text,
                                        const stop_check& stop) {
  if (text.size() > max_sql_text_bytes)
    return too_big("the text", max_sql_text_bytes);
  auto& to = *connection_;
  const stop_scope scope{to, stop};
  while (!text.empty()) {
    auto statement = to.prepare(text);
    if (!statement)
      return statement.error();
    if (statement.value() == nullptr)
      continue;
    if (auto done = to.fetch(statement.value().get(), nullptr); !done)
      return done.error();
  }
  return BOOST_OUTCOME_V2_NAMESPACE::success();
}

bool sql_database::in_transaction() const noexcept {
  return sqlite3_get_autocommit(connection_->handle) == 0;
}

} // namespace vmsystem::engine
