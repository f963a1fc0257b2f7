#pragma once

#include "vmsystem/persistence/rocksdb_database.hpp"
#include "vmsystem/tests/unit/persistence/support.hpp"

#include <rocksdb/db.h>

#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace vmsystem::test {

/// A RocksDB opened past the store, to damage one or to play another program.
class raw_database {
public:
  explicit raw_database(const std::string& path,
                        const std::vector<std::string>& names = our_names(),
                        std::shared_ptr<rocksdb::Env> env = nullptr)
    : names_{names} {
    rocksdb::Options options;
    options.create_if_missing = true;
    options.create_missing_column_families = true;
    if (env)
      options.env = env.get();
    std::vector<rocksdb::ColumnFamilyDescriptor> families;
    families.reserve(names.size());
    for (const auto& name : names)
      families.emplace_back(name, rocksdb::ColumnFamilyOptions{});
    rocksdb::DB* db = nullptr;
    std::vector<rocksdb::ColumnFamilyHandle*> handles;
    const auto status
      = rocksdb::DB::Open(options, path, families, &handles, &db);
    if (!status.ok())
      BOOST_FAIL("cannot open " + path + ": " + status.ToString());
    database_ = std::make_unique<rocksdb_database>(
      std::move(env), std::unique_ptr<rocksdb::DB>{db}, std::move(handles));
  }

  /// The column families of a store.
  static std::vector<std::string> our_names() {
    return {family_names.begin(), family_names.end()};
  }

  /// Puts a value under a key of the column family with this name.
  void put(const std::string& name, std::string_view key,
           std::string_view value) {
    const auto status
      = database_->db().Put({}, handle(name), slice(key), slice(value));
    BOOST_TEST_REQUIRE(status.ok());
  }

  /// Removes a key of the column family with this name.
  void remove(const std::string& name, std::string_view key) {
    const auto status = database_->db().Delete({}, handle(name), slice(key));
    BOOST_TEST_REQUIRE(status.ok());
  }

  /// The value of a key; empty when there is none.
  std::string get(const std::string& name, std::string_view key) {
    std::string value;
    database_->db().Get({}, handle(name), slice(key), &value);
    return value;
  }

private:
  rocksdb::ColumnFamilyHandle* handle(const std::string& name) {
    for (std::size_t i = 0; i < names_.size(); ++i)
      if (names_[i] == name)
        return database_->handles()[i];
    BOOST_FAIL("there is no column family " + name);
    return nullptr;
  }

  std::vector<std::string> names_;
  std::unique_ptr<rocksdb_database> database_;
};

} // namespace vmsystem::test
