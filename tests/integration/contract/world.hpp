#pragma once

#include "../harness/daemon.hpp"

#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace vmsystem::test {

/// The things that a case of cases.tsv names, made when it first names them:
///
///   <template>       a template; <template_name> is its name
///   <capability>     a capability of <template>
///   <startup_file>   a startup file of <template>
///   <worktree>       a folder with the files of `files()`
///   <session>        a session of <template> in <worktree>
///   <closed>         a session that is closed
///   <execution>      `1+1`, run in <session>
///   <batch>          a batch of <template> that is over: `1+1`, named `two`,
///                    and one that throws
///   <busy>           a session that runs an endless loop; <running> is its
///                    execution
///   <short>          a session that is busy for a short time
///   <crowded>        a busy session for which one request waits
///   <missing>        an id that names nothing
///   <name>           a name that nothing has
///   <x*N>            the letter x, N times
///
/// `:upper` and `:bare` behind a name change the form of an id.
class world {
public:
  explicit world(const test_daemon& server);
  ~world();
  world(const world&) = delete;
  world& operator=(const world&) = delete;

  /// `text` with all names replaced.
  [[nodiscard]] std::string expand(std::string_view text);

private:
  std::string value_of(const std::string& name);
  std::string make(const std::string& name);
  std::string make_worktree();
  std::string make_batch();
  std::string make_busy(std::string_view code);
  std::string make_crowded();
  std::string made_by_post(const std::string& target, const std::string& body);
  void run_in_background(const std::string& session, std::string_view code,
                         uint32_t wait_ms);

  const test_daemon& server_;
  http_connection control_;
  std::map<std::string, std::string> values_;
  std::unique_ptr<temp_folder> worktree_;
  /// Requests whose answers nobody reads, and sessions that must be closed.
  std::vector<http_connection> background_;
  std::vector<std::string> busy_;
};

} // namespace vmsystem::test
