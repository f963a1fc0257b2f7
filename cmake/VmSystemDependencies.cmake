# The libraries that own code links, all from Debian 12. Every one is an
# imported target, so its headers are system headers.
#
#   CAF::core CAF::io          actors, brokers
#   simdjson::simdjson         JSON in
#   RapidJSON::RapidJSON       JSON out (header-only)
#   RocksDB::rocksdb-shared    the store
#   Boost::headers             Beast, Outcome, UUID (header-only)
#   spdlog::spdlog fmt::fmt    logs
#   CLI11::CLI11               command line (header-only)
#   httplib::httplib           HTTP client of the CLI
#   libedit::libedit           line editor of the CLI
#   zstd::libzstd_shared       compression
#   SQLite::SQLite3            databases of scripts
#   OpenSSL::Crypto            digests
#   jemalloc::jemalloc         memory of our own programs
#   Threads::Threads

find_package(Threads REQUIRED)
find_package(CAF 0.17...<0.18 REQUIRED COMPONENTS core io)
find_package(simdjson 3.0 CONFIG REQUIRED)
find_package(RapidJSON 1.1 CONFIG REQUIRED)
find_package(RocksDB 7.8 REQUIRED)
find_package(Boost 1.74 CONFIG REQUIRED COMPONENTS headers)
find_package(SQLite3 3.40 REQUIRED)
find_package(OpenSSL 3.0 REQUIRED COMPONENTS Crypto)
include(VmSystemRapidJSON)

if(VMSYSTEM_BUILD_PROGRAM)
  find_package(fmt 9.1 CONFIG REQUIRED)
  find_package(spdlog 1.10 CONFIG REQUIRED)
  find_package(CLI11 2.1 CONFIG REQUIRED)
  find_package(httplib 0.11 REQUIRED)
  find_package(libedit REQUIRED)
  find_package(zstd 1.5 CONFIG REQUIRED)
endif()

# The programs hand most of what they allocate to another thread, which frees
# it. Sanitizers bring an allocator of their own, and who embeds the library
# chooses for himself.
add_library(vmsystem_allocator INTERFACE)
if(VMSYSTEM_BUILD_PROGRAM AND NOT VMSYSTEM_SANITIZE)
  find_package(jemalloc 5.3 REQUIRED)
  target_link_libraries(vmsystem_allocator INTERFACE jemalloc::jemalloc)
endif()

if(VMSYSTEM_BUILD_TESTS)
  find_package(Boost 1.74 CONFIG REQUIRED COMPONENTS unit_test_framework)
endif()
if(VMSYSTEM_BUILD_BENCHMARKS)
  find_package(benchmark 1.7 CONFIG REQUIRED)
endif()
