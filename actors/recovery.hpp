#pragma once

#include "vmsystem/models/batch.hpp"
#include "vmsystem/models/change.hpp"
#include "vmsystem/models/failure.hpp"
#include "vmsystem/models/template.hpp"
#include "vmsystem/persistence/store.hpp"

#include <cstdint>
#include <vector>

namespace vmsystem {

/// What a runtime needs to know of its store before it serves.
struct recovered_state {
  std::vector<template_bundle> templates;
  /// Executions that an earlier process left running.
  uint32_t interrupted_executions = 0;
  /// Sessions that an earlier process left live.
  uint32_t closed_sessions = 0;
  /// Batches that an earlier process left before they were over, oldest first:
  /// those that are `running` go on, those that are `interrupted` may be
  /// resumed.
  std::vector<batch> batches;
};

/// Brings a store in order that another process left, or lost: executions that
/// are stored as running become `error` with the end reason `interrupted` and
/// a terminal event; sessions whose heap is gone become `closed` with the
/// reason in `last_error`; batches whose input had not come in completely
/// become `interrupted`. A job that was running and whose batch may go on
/// leaves no trace, because it will run again under the same id. New ids will
/// be above all stored ones. Errors: internal, with what cannot be read.
[[nodiscard]] expected<recovered_state> recover(store& kept);

} // namespace vmsystem
