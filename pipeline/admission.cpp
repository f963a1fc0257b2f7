#include "vmsystem/pipeline/admission.hpp"

#include "vmsystem/models/batch.hpp"
#include "vmsystem/models/validation.hpp"

#include <utility>

namespace vmsystem {

namespace {

expected<void> check_runtime(const execution_request& request,
                             const admission_view& view) {
  if (view.draining)
    return fail(ec::overloaded, "the server is stopping");
  if (view.in_flight >= view.max_in_flight)
    return fail(ec::overloaded,
                "the server has " + std::to_string(view.in_flight)
                  + " executions queued or running, its bound; try later");
  // What no other one keeps out is let in: it would never come in later.
  if (view.bytes_in_flight > 0
      && view.bytes_in_flight + bytes_of(request) > view.max_bytes_in_flight)
    return fail(ec::overloaded,
                "the scripts and arguments of executions queued or running "
                "have "
                  + std::to_string(view.bytes_in_flight)
                  + " bytes; with this one it would be more than "
                  + std::to_string(view.max_bytes_in_flight)
                  + ", the bound; try later");
  return success();
}

expected<void> check_session(const execution_request& request,
                             const admission_view& view) {
  const auto wanted = request.kind == execution_kind::startup
                        ? session_status::starting
                        : session_status::ready;
  if (view.status != wanted)
    return fail(ec::session_not_ready,
                "session " + request.session.to_string() + " is "
                  + std::string{name_of(view.status)} + ", not "
                  + std::string{name_of(wanted)});
  if (!view.busy)
    return success();
  if (request.wait_ms == 0)
    return fail(ec::session_busy,
                "session " + request.session.to_string()
                  + " runs another execution; send wait_ms to wait for it");
  if (view.waiting >= view.max_waiting)
    return fail(ec::too_many_requests,
                std::to_string(view.waiting) + " requests wait for session "
                  + request.session.to_string() + ", the bound; try later");
  return success();
}

/// What all records begin with.
execution begin_record(const execution_request& request,
                       const limits_config& limits) {
  execution record;
  record.session = request.session;
  record.kind = request.kind;
  if (request.kind == execution_kind::repl)
    record.input = request.input;
  record.args.text = request.args.empty() ? "{}" : request.args.text;
  record.env.text = request.env.empty() ? "{}" : request.env.text;
  record.started_at = timestamp::now();
  record.limits = limits;
  return record;
}

expected<void> take_path(const execution_request& request, execution& record) {
  auto path = normal_path(request.path);
  if (!path)
    return path.error();
  record.path = std::move(path).value();
  return success();
}

} // namespace

uint64_t bytes_of(const execution_request& request) noexcept {
  return request.input.size() + request.args.text.size()
         + request.env.text.size();
}

expected<execution> admit(const execution_request& request,
                          const admission_view& view) {
  if (auto outcome = check_runtime(request, view); !outcome)
    return outcome.error();
  if (auto outcome = check_session(request, view); !outcome)
    return outcome.error();
  if (request.wait_ms > view.max_wait_ms)
    return fail(ec::validation_error, "field \"wait_ms\" must be at most "
                                        + std::to_string(view.max_wait_ms));
  if (auto outcome = check_request(request); !outcome)
    return outcome.error();
  auto record = begin_record(request, view.limits);
  record.id = execution_id::generate();
  if (request.kind == execution_kind::repl) {
    if (request.input.empty())
      return fail(ec::validation_error,
                  "field \"input\" is required and must not be empty");
    record.args.text = "[]";
  } else if (auto outcome = take_path(request, record); !outcome) {
    return outcome.error();
  }
  return record;
}

execution admit_job(const execution_request& request,
                    const batch_place& place) {
  auto record = begin_record(request, place.limits);
  record.id = job_execution_id(place.batch, place.index);
  record.batch = place.batch;
  record.batch_index = place.index;
  record.job_id = place.job_id;
  return record;
}

expected<void> check_job(const execution_request& request, execution& record) {
  if (auto outcome = check_request(request); !outcome)
    return outcome;
  if (request.kind == execution_kind::repl)
    return success();
  return take_path(request, record);
}

} // namespace vmsystem
