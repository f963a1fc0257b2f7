#pragma once

#include "vmsystem/actors/interfaces.hpp"
#include "vmsystem/models/failure.hpp"
#include "vmsystem/models/ids.hpp"
#include "vmsystem/models/json_text.hpp"

#include <caf/scoped_actor.hpp>

#include <string>
#include <string_view>
#include <vector>

namespace vmsystem {

/// A template as a file describes it.
struct template_plan {
  /// Of the template in the store: what the file says, or `batch`, and a number
  /// that its content gives, so that a second run finds it again.
  std::string name;
  /// `{"limits","resolver","runtime"}`, as for `update_atom`.
  json_text settings;
  /// Run in this order.
  std::vector<std::string> startup_files;
  std::vector<std::string> modules;
  std::vector<std::string> libraries;
};

/// Reads `{"name"?,"limits"?,"resolver"?,"runtime"?,"startup_files"?,
/// "modules"?,"libraries"?}`.
/// @param limits a JSON object that goes over the text's limits.
/// Errors: invalid_request, validation_error.
[[nodiscard]] expected<template_plan>
read_template_plan(std::string_view text, const json_text& limits);

/// The template of a plan, made where there is none yet. What a process that
/// died left half done is completed. Errors: those of the catalogue.
[[nodiscard]] expected<template_id>
make_planned_template(caf::scoped_actor& self, const supervisor_actor& to,
                      const query_actor& from, const template_plan& plan);

} // namespace vmsystem
