#pragma once

#include "vmsystem/models/enum_names.hpp"
#include "vmsystem/models/ids.hpp"
#include "vmsystem/models/json_text.hpp"
#include "vmsystem/models/settings.hpp"
#include "vmsystem/models/time.hpp"

#include <cstdint>
#include <string>
#include <vector>

namespace vmsystem {

/// A template as it is listed: what a runtime is made of, by name.
struct template_record {
  template_id id;
  std::string name;
  /// Always `quickjs`; the alias `goja` is accepted and kept as it was given.
  std::string engine;
  bool is_active = true;
  /// Native modules, in the order in which they were added.
  std::vector<std::string> exposed_modules;
  /// Libraries, in the order in which they were added.
  std::vector<std::string> libraries;
  timestamp created_at;
  /// Increases strictly with each change, so that it names a version.
  timestamp updated_at;
};

/// What a capability grants. Stored by name: append only.
enum class capability_kind : uint8_t {
  module = 0,
  global = 1,
  fs = 2,
  net = 3,
  env = 4,
};

template <>
struct enum_names<capability_kind> {
  static constexpr std::array<std::string_view, 5> value{"module", "global",
                                                         "fs", "net", "env"};
};

/// Something of the host that a template gives to its scripts.
struct capability {
  capability_id id;
  template_id vm_id;
  capability_kind kind = capability_kind::module;
  std::string name;
  bool enabled = true;
  /// A JSON object whose meaning the kind decides.
  json_text config;
};

/// A file of the worktree that runs when a session starts.
struct startup_file {
  startup_file_id id;
  template_id vm_id;
  /// Relative to the worktree, in normal form.
  std::string path;
  /// Files run in ascending order; equal ones in the order of their ids.
  int32_t order_index = 0;
  /// Always `eval`.
  std::string mode;
};

/// All that belongs to one template; stored and served as one document.
struct template_bundle {
  template_record record;
  template_settings settings;
  std::vector<capability> capabilities;
  /// Sorted by order_index.
  std::vector<startup_file> startup_files;
};

/// What a client sends to create a template.
struct template_spec {
  std::string name;
  /// Empty means `quickjs`.
  std::string engine;
};

/// What a client sends to add a capability.
struct capability_spec {
  template_id vm_id;
  capability_kind kind = capability_kind::module;
  std::string name;
  bool enabled = true;
  json_text config{"{}"};
};

/// What a client sends to add a startup file.
struct startup_file_spec {
  template_id vm_id;
  std::string path;
  int32_t order_index = 0;
  /// Empty means `eval`.
  std::string mode;
};

/// The two lists of names of a template.
enum class name_list : uint8_t {
  modules = 0,
  libraries = 1,
};

template <>
struct enum_names<name_list> {
  static constexpr std::array<std::string_view, 2> value{"modules",
                                                         "libraries"};
};

/// A native module or a library of a template.
struct listed_name {
  template_id vm_id;
  name_list list = name_list::modules;
  std::string name;
};

template <class Inspector>
typename Inspector::result_type inspect(Inspector& f, template_record& x) {
  return f(x.id, x.name, x.engine, x.is_active, x.exposed_modules, x.libraries,
           x.created_at, x.updated_at);
}

template <class Inspector>
typename Inspector::result_type inspect(Inspector& f, capability& x) {
  return f(x.id, x.vm_id, x.kind, x.name, x.enabled, x.config);
}

template <class Inspector>
typename Inspector::result_type inspect(Inspector& f, startup_file& x) {
  return f(x.id, x.vm_id, x.path, x.order_index, x.mode);
}

template <class Inspector>
typename Inspector::result_type inspect(Inspector& f, template_bundle& x) {
  return f(x.record, x.settings, x.capabilities, x.startup_files);
}

template <class Inspector>
typename Inspector::result_type inspect(Inspector& f, template_spec& x) {
  return f(x.name, x.engine);
}

template <class Inspector>
typename Inspector::result_type inspect(Inspector& f, capability_spec& x) {
  return f(x.vm_id, x.kind, x.name, x.enabled, x.config);
}

template <class Inspector>
typename Inspector::result_type inspect(Inspector& f, startup_file_spec& x) {
  return f(x.vm_id, x.path, x.order_index, x.mode);
}

template <class Inspector>
typename Inspector::result_type inspect(Inspector& f, listed_name& x) {
  return f(x.vm_id, x.list, x.name);
}

} // namespace vmsystem
