#include "vmsystem/engine/host_function_table.hpp"

#include <algorithm>
#include <utility>

namespace vmsystem::engine {

namespace {

bool is_identifier(const std::string& name) {
  const auto is_start = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_'
           || c == '$';
  };
  const auto is_part
    = [&](char c) { return is_start(c) || (c >= '0' && c <= '9'); };
  return !name.empty() && name.size() <= max_host_name_bytes
         && is_start(name.front())
         && std::all_of(name.begin(), name.end(), is_part);
}

} // namespace

expected<void> host_function_table::check(const std::string& name,
                                          bool callable) const {
  if (!is_identifier(name))
    return fail(ec::validation_error,
                "\"" + name + "\" is no name of a host function: it must be an "
                  + "identifier of at most "
                  + std::to_string(max_host_name_bytes) + " ASCII characters");
  if (!callable)
    return fail(ec::validation_error, "host." + name + " is empty");
  if (std::any_of(entries_.begin(), entries_.end(),
                  [&](const entry& other) { return other.name == name; }))
    return fail(ec::validation_error, "host." + name + " is there already");
  if (entries_.size() >= max_host_functions)
    return fail(ec::validation_error,
                "host." + name + " is one too many: a table holds "
                  + std::to_string(max_host_functions) + " functions");
  return success();
}

expected<void> host_function_table::add(std::string name,
                                        host_function function) {
  if (auto fits = check(name, function != nullptr); !fits)
    return fits;
  entries_.push_back({std::move(name), std::move(function)});
  return success();
}

expected<void> host_function_table::add_async(std::string name,
                                              async_host_function function) {
  if (auto fits = check(name, function != nullptr); !fits)
    return fits;
  entries_.push_back({std::move(name), std::move(function)});
  return success();
}

} // namespace vmsystem::engine
