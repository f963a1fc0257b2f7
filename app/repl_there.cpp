#include "vmsystem/app/repl_target.hpp"
#include "vmsystem/models/json_writer.hpp"

#include <utility>

namespace vmsystem {

namespace {

class target_there : public repl_target {
public:
  target_there(const server_address& where, std::string session, std::string vm,
               bool closes)
    : runs_{where},
      asks_{where},
      session_{std::move(session)},
      vm_{std::move(vm)},
      closes_{closes} {}

  target_there(const target_there&) = delete;
  target_there& operator=(const target_there&) = delete;

  ~target_there() override {
    // A server that is gone has no session any more.
    if (closes_)
      static_cast<void>(
        asks_.post("/sessions/" + encoded(session_) + "/close", ""));
  }

  answer<json_value> run(const std::string& code, uint32_t wait_ms) override {
    json_writer body;
    body.begin_object();
    body.key("session_id");
    body.value(std::string_view{session_});
    body.key("input");
    body.value(std::string_view{code});
    if (wait_ms > 0) {
      body.key("wait_ms");
      body.value(wait_ms);
    }
    body.end_object();
    if (!body.ok())
      return request_error{"INVALID_REQUEST", "the snippet is not UTF-8", {}};
    auto execution = runs_.post("/executions/repl", body.text());
    if (!execution)
      if (const auto id = stopped_execution(execution.error()); id)
        return runs_.get("/executions/" + encoded(*id));
    return execution;
  }

  answer<json_value> running() override {
    return asks_.get("/executions?status=running&session_id="
                     + encoded(session_));
  }

  answer<json_value> events(const std::string& execution,
                            uint32_t after_seq) override {
    return asks_.get("/executions/" + encoded(execution)
                     + "/events?after_seq=" + std::to_string(after_seq));
  }

  void cancel(const std::string& execution) override {
    // One that is over meanwhile needs no cancelling.
    static_cast<void>(
      asks_.post("/executions/" + encoded(execution) + "/cancel", ""));
  }

  answer<json_value> limits() override {
    auto bundle = asks_.get("/templates/" + encoded(vm_));
    if (!bundle)
      return bundle.error();
    return bundle.value().field("settings").field("limits");
  }

private:
  /// One connection for what runs, one for all else: a client is used by one
  /// thread.
  client runs_;
  client asks_;
  std::string session_;
  std::string vm_;
  bool closes_;
};

} // namespace

answer<std::unique_ptr<repl_target>>
join_repl_there(const server_address& where, const std::string& session) {
  client server{where};
  auto found = server.get("/sessions/" + encoded(session));
  if (!found)
    return found.error();
  return std::unique_ptr<repl_target>{
    std::make_unique<target_there>(where, found.value().field("id").text(),
                                   found.value().field("vm_id").text(), false)};
}

answer<std::unique_ptr<repl_target>>
open_repl_there(const server_address& where, const std::string& vm,
                const std::string& worktree) {
  json_writer body;
  body.begin_object();
  body.key("template_id");
  body.value(std::string_view{vm});
  body.key("workspace_id");
  body.value(std::string_view{"repl"});
  body.key("base_commit_oid");
  body.value(std::string_view{"none"});
  body.key("worktree_path");
  body.value(std::string_view{worktree});
  body.end_object();
  client server{where};
  auto made = server.post("/sessions", body.text());
  if (!made)
    return made.error();
  return std::unique_ptr<repl_target>{
    std::make_unique<target_there>(where, made.value().field("id").text(),
                                   made.value().field("vm_id").text(), true)};
}

} // namespace vmsystem
