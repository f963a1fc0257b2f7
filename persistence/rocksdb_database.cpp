#include "vmsystem/persistence/rocksdb_database.hpp"

#include <utility>

namespace vmsystem {

rocksdb_database::rocksdb_database(
  std::shared_ptr<rocksdb::Env> env, std::unique_ptr<rocksdb::DB> db,
  std::vector<rocksdb::ColumnFamilyHandle*> handles) noexcept
  : env_{std::move(env)}, db_{std::move(db)}, handles_{std::move(handles)} {}

rocksdb_database::~rocksdb_database() {
  for (auto* handle : handles_)
    db_->DestroyColumnFamilyHandle(handle);
  db_->Close();
}

failure store_failure(std::string_view what, const rocksdb::Status& status) {
  std::string message{what};
  message += ": ";
  message += status.ToString();
  return fail(ec::internal, std::move(message));
}

} // namespace vmsystem
