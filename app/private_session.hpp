#pragma once

#include "vmsystem/app/batch_template.hpp"
#include "vmsystem/models/execution.hpp"
#include "vmsystem/models/failure.hpp"
#include "vmsystem/models/json_text.hpp"
#include "vmsystem/models/query.hpp"

#include <chrono>
#include <memory>
#include <string>

namespace vmsystem {

/// What a private session is made of.
struct private_setup {
  /// An absolute folder.
  std::string worktree;
  /// Its template.
  template_plan plan;
  /// The folder with the libraries of templates.
  std::string library_cache;
  /// Whether scripts may run the programs that the template lists.
  bool allow_exec = false;
};

/// A session of a runtime of its own, in this process, that keeps everything in
/// memory. Its functions block; they may be called by several threads.
class private_session {
public:
  /// Errors: those of the catalogue and the supervisor.
  [[nodiscard]] static expected<std::unique_ptr<private_session>>
  open(const private_setup& setup);

  /// Ends the runtime.
  ~private_session();

  private_session(const private_session&) = delete;

  private_session& operator=(const private_session&) = delete;

  /// Runs something in the session, whatever session it names. Takes at most as
  /// long as the limits allow. Errors: those of the supervisor.
  [[nodiscard]] expected<finished_execution> execute(execution_request work);

  /// The events of an execution as an array. Errors: execution_not_found.
  [[nodiscard]] expected<json_text> events(const event_filter& which);

  /// The executions that run, as an array of records.
  [[nodiscard]] expected<json_text> running();

  /// Stops an execution. Errors: execution_not_found.
  [[nodiscard]] expected<void> cancel(const execution_id& which);

  /// The limits that apply.
  [[nodiscard]] const limits_config& limits() const noexcept;

private:
  struct impl;

  explicit private_session(std::unique_ptr<impl> parts);

  std::unique_ptr<impl> impl_;
};

} // namespace vmsystem
