#include "vmsystem/app/batch_store.hpp"

#include "vmsystem/actors/ask.hpp"
#include "vmsystem/actors/runtime.hpp"
#include "vmsystem/app/system_config.hpp"
#include "vmsystem/persistence/rocksdb_store.hpp"

#include <caf/actor_system.hpp>
#include <caf/scoped_actor.hpp>

#include <chrono>
#include <filesystem>
#include <memory>
#include <system_error>
#include <utility>

namespace vmsystem {

namespace {

constexpr std::chrono::seconds patience{60};

/// Opens a store that is there. Errors: internal.
expected<std::shared_ptr<rocksdb_store>>
open_existing(const std::string& path) {
  std::error_code ignored;
  if (!std::filesystem::exists(path, ignored))
    return fail(ec::internal, "there is no store at " + path);
  rocksdb_config config;
  config.path = path;
  return rocksdb_store::open(config);
}

} // namespace

expected<std::string> stored_batch(const std::string& store,
                                   const batch_id& id) {
  auto kept = open_existing(store);
  if (!kept)
    return kept.error();
  return kept.value()->read()->batch_document(id);
}

expected<document_page> stored_batches(const std::string& store,
                                       const batch_filter& filter) {
  auto kept = open_existing(store);
  if (!kept)
    return kept.error();
  return kept.value()->read()->batch_documents(filter);
}

expected<void>
stored_results(const std::string& store, const batch_id& id,
               const std::function<expected<void>(const std::string&)>& take) {
  auto kept = open_existing(store);
  if (!kept)
    return kept.error();
  const auto view = kept.value()->read();
  batch_result_filter filter;
  filter.id = id;
  filter.past_gaps = true;
  for (;;) {
    const auto page = view->batch_results(filter);
    if (!page)
      return page.error();
    if (page.value().count == 0)
      return success();
    if (auto taken = take(page.value().lines); !taken)
      return taken;
    filter.first = page.value().next;
  }
}

expected<batch> cancel_stored(const std::string& store, const batch_id& id) {
  auto kept = open_existing(store);
  if (!kept)
    return kept.error();
  system_config config;
  caf::actor_system system{config};
  runtime_options options;
  options.stop_grace_ms = 0;
  options.resume_batches = false;
  auto started = runtime::start(system, options, std::move(kept).value());
  if (!started)
    return started.error();
  auto cancelled = [&] {
    caf::scoped_actor self{system};
    return ask<batch>(self, started.value()->supervisor(), patience,
                      cancel_atom_v, id);
  }();
  started.value()->stop();
  return cancelled;
}

} // namespace vmsystem
