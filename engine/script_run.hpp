#pragma once

#include "vmsystem/engine/compiled_scripts.hpp"
#include "vmsystem/engine/guest.hpp"
#include "vmsystem/engine/render.hpp"
#include "vmsystem/engine/run.hpp"
#include "vmsystem/engine/supervision.hpp"

namespace vmsystem::engine::detail {

/// The way of one script through a guest: compile, run, drain the jobs, decide
/// how it ended, render what it gave, and leave the guest fit for the next.
/// The functions that touch the guest are called inside of `enter`; nothing
/// that they own is lost to a trap, since this object lies outside of it.
class script_run {
public:
  script_run(guest& owner, compiled_scripts& scripts, supervision& limits,
             const run_options& options, run_outcome& outcome) noexcept;

  /// All of it, or up to where it waits.
  void execute();

  /// Goes on with a run that waited for `promise`, which this takes over.
  void resume(js_value promise);

  /// Completes the outcome after a trap in `execute`.
  void trapped(int trap_code);

  /// The promise that the outcome waits for; owned by the caller.
  [[nodiscard]] js_value pending_promise() const noexcept {
    return pending_;
  }

private:
  enum class stage { script, rendering, cleaning };

  /// What compiling or running left behind.
  enum class ending { value, thrown, failed };

  bool define_globals();
  bool define_global(const char* name, std::string_view json);
  ending compile();
  js_value compile_as(uint32_t address, uint32_t size, uint32_t name,
                      bool module);
  js_value complete_module(js_value evaluated, js_value module);
  bool may_be_module() const;
  void keep_compiled();
  ending compile_and_run();
  void run_on();
  void run_jobs();
  void drain_jobs();
  bool run_timers();
  bool sleep();
  bool completes_with_promise();
  bool pending();
  void settle();
  void drop_timers();
  void report_rejections();
  void report_uncaught(std::string_view prefix, js_value error);

  void finish_stopped(end_reason reason);
  void finish_thrown();
  void finish_value();

  void drop_rejections();
  void drop_jobs();
  void tighten_memory();
  void leave_way_out();
  void give_room();

  void fail(end_reason reason, std::string message);

  guest& guest_;
  compiled_scripts& scripts_;
  supervision& limits_;
  const run_options& options_;
  run_outcome& outcome_;
  stage stage_ = stage::script;
  /// The completion value or the thrown one, owned.
  js_value result_ = js_undefined;
  ending ending_ = ending::failed;
  bool compiled_ = false;
  /// The script is an ES module.
  bool is_module_ = false;
  js_value pending_ = js_undefined;
  /// Whether the guest's limit is not the image's now.
  bool changed_limit_ = false;
  /// The memory limit of the image, in bytes.
  uint32_t image_limit_ = guest_.layout.memory_limit;
};

} // namespace vmsystem::engine::detail
