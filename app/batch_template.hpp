#pragma once

#include "vmsystem/models/failure.hpp"
#include "vmsystem/models/ids.hpp"
#include "vmsystem/models/json_text.hpp"
#include "vmsystem/models/template.hpp"

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
  /// Their `vm_id` is nil.
  std::vector<capability_spec> capabilities;
};

/// The body of a request to add a capability.
[[nodiscard]] json_text body_of(const capability_spec& spec);

/// Reads `{"name"?,"limits"?,"resolver"?,"runtime"?,"startup_files"?,
/// "modules"?,"libraries"?,"capabilities"?}`.
/// @param limits a JSON object that goes over the text's limits.
/// Errors: invalid_request, validation_error.
[[nodiscard]] expected<template_plan>
read_template_plan(std::string_view text, const json_text& limits);

/// Reads the plan in a file.
/// @param path the file; empty: a template with nothing of its own.
/// @param limits as for `read_template_plan`.
/// Errors: file_not_found; those of `read_template_plan`, naming the file.
[[nodiscard]] expected<template_plan> template_plan_of(const std::string& path,
                                                       const json_text& limits);

/// Where templates are kept. What is added twice is there once.
class template_place {
public:
  virtual ~template_place() = default;

  /// The template of a name; nil when there is none.
  [[nodiscard]] virtual expected<template_id> find(const std::string& name) = 0;

  [[nodiscard]] virtual expected<template_id> create(const std::string& name)
    = 0;

  /// @param settings as in `template_plan`.
  [[nodiscard]] virtual expected<void>
  set(const template_id& id, const json_text& settings) = 0;

  [[nodiscard]] virtual expected<void> add_file(const startup_file_spec& file)
    = 0;

  [[nodiscard]] virtual expected<void> add_name(const listed_name& name) = 0;

  [[nodiscard]] virtual expected<void>
  add_capability(const capability_spec& spec) = 0;
};

/// The template of a plan, made where there is none yet. What a process that
/// died left half done is completed. Errors: those of the place.
[[nodiscard]] expected<template_id>
make_planned_template(template_place& place, const template_plan& plan);

} // namespace vmsystem
