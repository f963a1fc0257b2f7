#include "vmsystem/app/private_session.hpp"
#include "vmsystem/app/repl_target.hpp"
#include "vmsystem/models/codec.hpp"

#include <utility>

namespace vmsystem {

namespace {

/// An answer of the runtime as that of a server.
answer<json_value> as_answer(const expected<json_text>& document) {
  if (!document)
    return as_request_error(document.error());
  auto value = json_value::parse(document.value().text);
  if (!value)
    return request_error{"INTERNAL", "the document cannot be read", {}};
  return *std::move(value);
}

class target_here : public repl_target {
public:
  explicit target_here(std::unique_ptr<private_session> session)
    : session_{std::move(session)} {}

  answer<json_value> run(const std::string& code, uint32_t wait_ms) override {
    execution_request work;
    work.input = code;
    work.wait_ms = wait_ms;
    auto finished = session_->execute(std::move(work));
    if (!finished)
      return as_request_error(finished.error());
    return as_answer(std::move(finished.value().document));
  }

  answer<json_value> running() override {
    return as_answer(session_->running());
  }

  answer<json_value> events(const std::string& execution,
                            uint32_t after_seq) override {
    event_filter which;
    which.execution = execution_id::parse(execution).value_or(execution_id{});
    which.after_seq = after_seq;
    return as_answer(session_->events(which));
  }

  void cancel(const std::string& execution) override {
    // One that is over meanwhile needs no cancelling.
    if (const auto id = execution_id::parse(execution); id)
      static_cast<void>(session_->cancel(*id));
  }

  answer<json_value> limits() override {
    return as_answer(to_json(session_->limits()));
  }

private:
  std::unique_ptr<private_session> session_;
};

} // namespace

answer<std::unique_ptr<repl_target>>
open_repl_here(const private_setup& setup) {
  auto opened = private_session::open(setup);
  if (!opened)
    return as_request_error(opened.error());
  return std::unique_ptr<repl_target>{
    std::make_unique<target_here>(std::move(opened).value())};
}

} // namespace vmsystem
