#include "vmsystem/engine/modules/sql_calls.hpp"

#include "vmsystem/engine/modules/answers.hpp"
#include "vmsystem/engine/supervision.hpp"
#include "vmsystem/engine/utf8.hpp"

#include <array>
#include <atomic>
#include <climits>
#include <cstdlib>
#include <utility>

namespace vmsystem::engine::detail {

namespace {

/// Whole numbers that a double holds.
constexpr int64_t max_safe_integer = (int64_t{1} << 53) - 1;

js_value number_of(guest& owner, int64_t number) {
  const auto context = owner.layout.context;
  if (number > max_safe_integer || number < -max_safe_integer)
    return owner.call(Z_qwZ_JS_NewBigInt64, context,
                      static_cast<uint64_t>(number));
  return owner.call(Z_qwZ_JS_NewNumber, context, static_cast<double>(number));
}

} // namespace

js_value sql_calls::call(guest& owner, const file_calls& grants,
                         const worktree* files, uint32_t argument_count,
                         uint32_t arguments) {
  constexpr uint32_t most = 4;
  const auto given = take_arguments<most>(owner, argument_count, arguments);
  const auto operation = static_cast<sql_operation>(payload_of(given[0]));
  if (operation == sql_operation::open)
    return open(owner, grants, files, given[1], is_true(given[2]));
  const auto at = databases_.find(payload_of(given[1]));
  if (at == databases_.end()) {
    error_ = {"CLOSED", "the database is not open"};
    return failed(owner);
  }
  switch (operation) {
    case sql_operation::run:
      return argument_count < most ? js_undefined
                                   : run(owner, at->second, arguments);
    case sql_operation::run_all:
      return run_all(owner, at->second, given[2]);
    case sql_operation::close:
      databases_.erase(at);
      return list_of(owner, js_undefined);
    default:
      return list_of(owner, make_value(js_tag::boolean,
                                       at->second.in_transaction() ? 1u : 0u));
  }
}

js_value sql_calls::open(guest& owner, const file_calls& grants,
                         const worktree* files, js_value path, bool read_only) {
  static std::atomic<uint32_t> numbers{0};
  if (databases_.size() >= max_open_databases) {
    error_ = {"SQLITE_CANTOPEN", std::to_string(max_open_databases)
                                   + " databases are open already"};
    return failed(owner);
  }
  text_.clear();
  const bool memory = !is_string(path);
  if (!memory && !owner.append_text(path, text_, PATH_MAX))
    return js_exception;
  auto opened
    = memory ? sql_database::open_in_memory()
             : grants.open_database(files, text_, read_only, stop_of(owner));
  if (!opened) {
    error_ = std::move(opened).error();
    return was_stopped(owner) ? owner.throw_stop() : failed(owner);
  }
  const auto number = ++numbers & INT_MAX;
  databases_.insert_or_assign(number, std::move(opened).value());
  return list_of(owner, make_value(js_tag::integer, number));
}

bool sql_calls::take_value(guest& owner, js_value value, sql_kind kind) {
  text_.clear();
  if (kind == sql_kind::null) {
    value_ = std::monostate{};
    return true;
  }
  if (kind == sql_kind::blob) {
    const auto bytes = bytes_of(owner, value);
    if (!bytes)
      return false;
    value_ = sql_blob{std::string{*bytes}};
    return true;
  }
  if (!owner.append_text(value, text_))
    return false;
  if (kind == sql_kind::integer)
    value_ = static_cast<int64_t>(std::strtoll(text_.c_str(), nullptr, 10));
  else if (kind == sql_kind::real)
    value_ = std::strtod(text_.c_str(), nullptr);
  else
    value_ = text_;
  return true;
}

// The list and what is in it, but for bytes, were made by our own code.
bool sql_calls::take_parameters(guest& owner, js_value list) {
  parameters_ = {};
  constexpr uint32_t most = 3 * 32766;
  for (uint32_t i = 0; i < most; i += 3) {
    const auto name = item_of(owner, list, i);
    if (!is_string(name) && tag_of(name) != js_tag::null) {
      owner.free_value(name);
      return true;
    }
    const auto kind = item_of(owner, list, i + 1);
    const auto value = item_of(owner, list, i + 2);
    name_.clear();
    const bool named = is_string(name);
    const bool taken
      = (!named || owner.append_text(name, name_))
        && take_value(owner, value, static_cast<sql_kind>(payload_of(kind)));
    owner.free_value(name);
    owner.free_value(value);
    if (!taken)
      return false;
    if (named)
      parameters_.named.emplace_back(name_, std::move(value_));
    else
      parameters_.positional.push_back(std::move(value_));
  }
  return true;
}

js_value sql_calls::run(guest& owner, sql_database& on, uint32_t arguments) {
  if (!take_parameters(owner, owner.read64(arguments + 24))) {
    error_ = {"SQLITE_MISUSE", "a parameter cannot be read"};
    return failed(owner);
  }
  text_.clear();
  if (!owner.append_text(owner.read64(arguments + 16), text_,
                         max_sql_text_bytes + 1))
    return js_exception;
  auto done = on.run(text_, parameters_, stop_of(owner));
  parameters_ = {};
  if (done) {
    result_ = std::move(done).value();
    return answer(owner);
  }
  error_ = std::move(done).error();
  return was_stopped(owner) ? owner.throw_stop() : failed(owner);
}

js_value sql_calls::run_all(guest& owner, sql_database& on, js_value text) {
  text_.clear();
  if (!owner.append_text(text, text_, max_sql_text_bytes + 1))
    return js_exception;
  auto done = on.run_all(text_, stop_of(owner));
  if (done)
    return list_of(owner, js_undefined);
  error_ = std::move(done).error();
  return was_stopped(owner) ? owner.throw_stop() : failed(owner);
}

js_value sql_calls::failed(guest& owner) {
  text_.clear();
  append_valid_utf8(text_, error_.message, SIZE_MAX);
  const auto list = list_of(owner, owner.new_string(error_.code));
  if (is_object(list))
    append(owner, list, 1, owner.new_string(text_));
  error_ = {};
  return list;
}

js_value sql_calls::answer(guest& owner) {
  const auto context = owner.layout.context;
  const auto list = list_of(owner, number_of(owner, result_.changes));
  uint32_t at = 0;
  bool fits = is_object(list);
  const auto add
    = [&](js_value value) { fits = fits && append(owner, list, ++at, value); };
  const auto add_text = [&](const std::string& text) {
    text_.clear();
    append_valid_utf8(text_, text, SIZE_MAX);
    add(owner.new_string(text_));
  };
  add(number_of(owner, result_.last_insert_rowid));
  add(
    make_value(js_tag::integer, static_cast<uint32_t>(result_.columns.size())));
  for (const auto& name : result_.columns)
    add_text(name);
  bool stopped = false;
  for (std::size_t row = 0; row < result_.rows.size() && fits && !stopped;
       ++row) {
    stopped = row % 64 == 0 && owner.active != nullptr && owner.active->poll();
    for (const auto& value : result_.rows[row]) {
      if (const auto* integer = std::get_if<int64_t>(&value)) {
        add(number_of(owner, *integer));
      } else if (const auto* real = std::get_if<double>(&value)) {
        add(owner.call(Z_qwZ_JS_NewNumber, context, *real));
      } else if (const auto* text = std::get_if<std::string>(&value)) {
        add_text(*text);
      } else if (const auto* blob = std::get_if<sql_blob>(&value)) {
        add(new_bytes(owner, blob->bytes));
      } else {
        add(make_value(js_tag::null, 0));
      }
    }
  }
  result_ = {};
  if (fits && !stopped)
    return list;
  owner.free_value(list);
  return stopped ? owner.throw_stop()
                 : owner.call(Z_qwZ_JS_ThrowOutOfMemory, context);
}

} // namespace vmsystem::engine::detail
