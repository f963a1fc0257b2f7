#include "vmsystem/persistence/rocksdb_failures.hpp"

#include "vmsystem/persistence/rocksdb_database.hpp"

#include <string>

namespace vmsystem {

namespace {

/// What an error of this code does not find.
std::string_view thing_of(ec code) {
  switch (code) {
    case ec::template_not_found:
      return "template";
    case ec::session_not_found:
      return "session";
    case ec::batch_not_found:
      return "batch";
    default:
      return "execution";
  }
}

} // namespace

failure damaged(family where, std::string_view key, std::string_view what) {
  return fail(ec::internal, "the store is damaged: " + describe(where, key)
                              + " " + std::string{what});
}

failure unreadable(family where, std::string_view key,
                   const rocksdb::Status& status) {
  return store_failure("cannot read " + describe(where, key), status);
}

failure unreadable(family where, const rocksdb::Status& status) {
  return store_failure(
    "cannot read " + std::string{family_names[static_cast<std::size_t>(where)]},
    status);
}

failure not_there(ec code, const raw_id& id) {
  const std::string thing{thing_of(code)};
  const auto name = id.to_string();
  failure result = fail(code, "there is no " + thing + " " + name);
  result.details.text = "{\"" + thing + "_id\":\"" + name + "\"}";
  return result;
}

expected<void> check_limit(uint32_t limit, uint32_t greatest) {
  if (limit == 0 || limit > greatest)
    return fail(ec::validation_error,
                "limit must be 1 to " + std::to_string(greatest));
  return success();
}

} // namespace vmsystem
