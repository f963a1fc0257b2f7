#pragma once

#include "vmsystem/models/enum_names.hpp"
#include "vmsystem/models/ids.hpp"
#include "vmsystem/models/json_text.hpp"
#include "vmsystem/models/time.hpp"

#include <cstdint>
#include <string>
#include <vector>

namespace vmsystem {

/// Where a session is in its life. Stored by name: append only.
enum class session_status : uint8_t {
  /// Its startup files run.
  starting = 0,
  /// It takes executions.
  ready = 1,
  /// Its heap is lost, or a startup file failed; `last_error` says why.
  crashed = 2,
  /// Somebody closed it, or the process that held it ended.
  closed = 3,
};

template <>
struct enum_names<session_status> {
  static constexpr std::array<std::string_view, 4> value{"starting", "ready",
                                                         "crashed", "closed"};
};

/// A live or past runtime.
struct session {
  session_id id;
  /// The template that it was made from; `vm_id` in the document.
  template_id vm_id;
  std::string workspace_id;
  std::string base_commit_oid;
  /// An absolute path.
  std::string worktree_path;
  session_status status = session_status::starting;
  timestamp created_at;
  /// Not set while the session is live.
  timestamp closed_at;
  /// Empty when there was none.
  std::string last_error;
  /// A JSON object, or absent.
  json_text runtime_meta;
};

/// What a client sends to create a session. All fields are required.
struct session_spec {
  template_id vm_id;
  std::string workspace_id;
  std::string base_commit_oid;
  std::string worktree_path;
};

/// The live runtimes of a process.
struct runtime_summary {
  /// Sorted.
  std::vector<session_id> active_session_ids;
};

template <class Inspector>
typename Inspector::result_type inspect(Inspector& f, session& x) {
  return f(x.id, x.vm_id, x.workspace_id, x.base_commit_oid, x.worktree_path,
           x.status, x.created_at, x.closed_at, x.last_error, x.runtime_meta);
}

template <class Inspector>
typename Inspector::result_type inspect(Inspector& f, session_spec& x) {
  return f(x.vm_id, x.workspace_id, x.base_commit_oid, x.worktree_path);
}

template <class Inspector>
typename Inspector::result_type inspect(Inspector& f, runtime_summary& x) {
  return f(x.active_session_ids);
}

} // namespace vmsystem
