#pragma once

#include "vmsystem/models/failure.hpp"
#include "vmsystem/models/settings.hpp"
#include "vmsystem/models/template.hpp"

#include <string>
#include <unordered_map>
#include <unordered_set>

namespace vmsystem {

/// The templates of a runtime, in memory. Every function that changes a
/// template only makes its next bundle; `put` makes it the current one, once
/// it is stored. Pure but for ids and times.
class template_catalogue {
public:
  explicit template_catalogue(const limits_maximum& maximum);

  /// Makes `bundle` the current one of its template.
  void put(template_bundle bundle);

  /// Forgets a template.
  void forget(template_id id);

  /// The current bundle. Errors: template_not_found.
  [[nodiscard]] expected<template_bundle> find(template_id id) const;

  /// A new template with the default settings. Errors: validation_error,
  /// engine_unsupported, template_exists.
  [[nodiscard]] expected<template_bundle>
  create(const template_spec& spec) const;

  /// Errors: template_not_found, and those of `merge_settings`.
  [[nodiscard]] expected<template_bundle>
  with_settings(template_id id, std::string_view patch) const;

  /// The new capability is the last one of the bundle. Errors:
  /// template_not_found, validation_error, capability_exists,
  /// module_not_allowed.
  [[nodiscard]] expected<template_bundle>
  with_capability(const capability_spec& spec) const;

  /// Errors: template_not_found, capability_not_found.
  [[nodiscard]] expected<template_bundle>
  without_capability(template_id id, capability_id capability) const;

  /// Errors: template_not_found, validation_error, invalid_path,
  /// startup_mode_unsupported, startup_file_exists.
  /// @param added receives the new file.
  [[nodiscard]] expected<template_bundle>
  with_startup_file(const startup_file_spec& spec, startup_file& added) const;

  /// Errors: template_not_found, startup_file_not_found.
  [[nodiscard]] expected<template_bundle>
  without_startup_file(template_id id, startup_file_id file) const;

  /// Takes the name of any library: the supervisor knows which there are.
  /// Errors: template_not_found, validation_error, module_not_allowed.
  [[nodiscard]] expected<template_bundle>
  with_name(const listed_name& name) const;

  /// Errors: template_not_found, validation_error.
  [[nodiscard]] expected<template_bundle>
  without_name(const listed_name& name) const;

private:
  [[nodiscard]] expected<template_bundle> next_version(template_id id) const;

  limits_maximum maximum_;
  std::unordered_map<template_id, template_bundle> bundles_;
  std::unordered_set<std::string> names_;
};

} // namespace vmsystem
