#include "vmsystem/benchmarks/workloads/user_script.hpp"

#include "vmsystem/benchmarks/harness/rig.hpp"
#include "vmsystem/benchmarks/workloads/shared.hpp"
#include "vmsystem/models/codec.hpp"

#include <fmt/format.h>

#include <array>
#include <fstream>
#include <iterator>
#include <system_error>
#include <utility>
#include <vector>

namespace vmsystem::bench {

namespace {

struct template_text {
  json_text settings;
  std::vector<startup_file_spec> startup_files;
};

expected<template_text> read_template(const std::filesystem::path& file) {
  if (file.empty())
    return template_text{};
  std::ifstream in{file, std::ios::binary};
  const std::string text{std::istreambuf_iterator<char>{in}, {}};
  if (!in)
    return fail(ec::file_not_found, file.string() + " cannot be read");
  const auto root = parse_json(text);
  if (!root)
    return root.error();
  simdjson::dom::object fields;
  if (root.value().get(fields))
    return fail(ec::invalid_request, file.string() + " holds no JSON object");
  template_text result;
  json_writer settings;
  settings.begin_object();
  for (const auto& [name, value] : fields) {
    const json_place place{{}, name};
    json_text kept;
    auto read = name == "startup_files"
                  ? read_array(value, place, result.startup_files)
                  : read_value(value, place, kept);
    if (!read)
      return read.error();
    if (kept.empty())
      continue;
    settings.key(name);
    settings.raw(kept);
  }
  settings.end_object();
  result.settings.text = settings.text();
  return result;
}

/// Where executions end up.
class end_counts {
public:
  void add(const execution& x) {
    ++counts_[static_cast<std::size_t>(x.reason)];
    ++total_;
    cpu_us_ += x.metrics.cpu_us;
    if (x.reason == end_reason::ok || !first_error_.empty())
      return;
    const auto message = stored_string(x.error.text, "message");
    first_error_ = std::string{name_of(x.reason)} + ": "
                   + (message ? message.value() : message.error().message);
  }

  /// Processor time of the script alone, in us, on average.
  [[nodiscard]] double mean_cpu_us() const {
    return total_ == 0
             ? 0
             : static_cast<double>(cpu_us_) / static_cast<double>(total_);
  }

  /// A row for each reason that occurred: its share, warm-up included.
  [[nodiscard]] figures rows(const std::string& name) const {
    figures result;
    for (std::size_t i = 0; i < counts_.size(); ++i) {
      if (counts_[i] == 0)
        continue;
      const auto reason = static_cast<end_reason>(i);
      figure x;
      x.workload = "script";
      x.name = fmt::format("{}: ended with {}", name, name_of(reason));
      x.unit = "%";
      x.direction = reason == end_reason::ok ? better::higher : better::lower;
      x.measured = sample{
        {100 * static_cast<double>(counts_[i]) / static_cast<double>(total_)}};
      result.push_back(std::move(x));
    }
    return result;
  }

  /// How many ended in which way, for people.
  [[nodiscard]] std::string summary(const std::string& name) const {
    std::string text = fmt::format("{}: {} executions", name, total_);
    for (std::size_t i = 0; i < counts_.size(); ++i)
      if (counts_[i] != 0)
        text += fmt::format(", {} {}", counts_[i],
                            name_of(static_cast<end_reason>(i)));
    return text;
  }

  /// What the first one said that did not end well; empty when all did.
  [[nodiscard]] const std::string& first_error() const {
    return first_error_;
  }

private:
  std::array<uint64_t, enum_names<end_reason>::value.size()> counts_{};
  uint64_t total_ = 0;
  uint64_t cpu_us_ = 0;
  std::string first_error_;
};

/// The script on a server of its own.
class script_bench {
public:
  script_bench(rig& server, template_id id, const user_script& what,
               const std::filesystem::path& file)
    : server_{server}, id_{id}, what_{what}, file_{file} {}

  /// Each execution in a session of its own: made, used, closed.
  expected<load_results> run_fresh(const context& run, end_counts& ends) {
    const auto spec = server_.spec_of(id_, file_.parent_path());
    return repeat(run, [&](caf::event_based_actor* self, uint32_t,
                           const request_done& done) {
      const auto failed
        = [done](const caf::error& reason) { done(to_failure(reason)); };
      const auto close = [=](session_id id) {
        self->request(server_.supervisor(), caf::infinite, close_atom_v, id)
          .then([done](const session&) { done(success()); }, failed);
      };
      const auto execute = [=, &ends](const session& x) {
        self
          ->request(server_.supervisor(), caf::infinite, execute_atom_v,
                    request_in(x.id))
          .then(
            [close, &ends, id = x.id](const finished_execution& ran) {
              ends.add(ran.record);
              close(id);
            },
            failed);
      };
      self->request(server_.supervisor(), caf::infinite, create_atom_v, spec)
        .then(execute, failed);
    });
  }

  /// Executions in sessions that live on, one at a time in each.
  expected<load_results> run_shared(const context& run, end_counts& ends) {
    const auto sessions
      = server_.make_sessions(id_, what_.in_flight, file_.parent_path());
    if (!sessions)
      return sessions.error();
    return repeat(run, [&](caf::event_based_actor* self, uint32_t lane,
                           const request_done& done) {
      self
        ->request(server_.supervisor(), caf::infinite, execute_atom_v,
                  request_in(sessions.value()[lane]))
        .then(
          [done, &ends](const finished_execution& ran) {
            ends.add(ran.record);
            done(success());
          },
          [done](const caf::error& reason) { done(to_failure(reason)); });
    });
  }

private:
  expected<load_results> repeat(const context& run, const lane_request& ask) {
    return run.repeat([&](const load_limit& limit) {
      return run_actor_load(server_.system(), what_.in_flight, limit, ask);
    });
  }

  [[nodiscard]] execution_request request_in(session_id where) const {
    execution_request request;
    request.session = where;
    request.kind = execution_kind::run_file;
    request.path = file_.filename().string();
    request.args = what_.args;
    return request;
  }

  rig& server_;
  template_id id_;
  const user_script& what_;
  std::filesystem::path file_;
};

/// The rows of one way to run the script.
expected<figures> rows_of(context& run, const std::string& name,
                          uint32_t in_flight, const load_results& results,
                          const end_counts& ends) {
  auto rate = rate_figure("script", name, results);
  const auto disk = disk_bound(run, in_flight);
  if (!disk)
    return disk.error();
  rate.bounds = {disk.value()};
  if (const auto cpu_us = ends.mean_cpu_us(); cpu_us > 0)
    rate.bounds.push_back(
      {fmt::format("the script alone on {} threads", run.engine_threads()),
       1e6 * run.engine_threads() / cpu_us});
  auto rows = cost_figures("script", name, results);
  rows.insert(rows.begin(), std::move(rate));
  for (auto& x : ends.rows(name))
    rows.push_back(std::move(x));
  return rows;
}

} // namespace

expected<script_report> run_user_script(context& run, const user_script& what) {
  std::error_code error;
  const auto file = std::filesystem::canonical(what.file, error);
  if (error)
    return fail(ec::file_not_found,
                what.file.string() + ": " + error.message());
  auto text = read_template(what.template_file);
  if (!text)
    return text.error();
  auto server = rig::start(run);
  if (!server)
    return server.error();
  const auto id = server.value()->make_template(text.value().settings);
  if (!id)
    return id.error();
  for (auto& x : text.value().startup_files)
    if (auto added = server.value()->add_startup_file(id.value(), std::move(x));
        !added)
      return added.error();

  script_bench bench{*server.value(), id.value(), what, file};
  script_report report;
  for (const auto& [name, measure] :
       {std::pair{"new session each time", &script_bench::run_fresh},
        std::pair{"sessions that live on", &script_bench::run_shared}}) {
    end_counts ends;
    const auto results = (bench.*measure)(run, ends);
    if (!results)
      return results.error();
    auto rows = rows_of(run, name, what.in_flight, results.value(), ends);
    if (!rows)
      return rows.error();
    for (auto& x : rows.value())
      report.measured.push_back(std::move(x));
    report.summary += ends.summary(name) + '\n';
    if (report.first_error.empty())
      report.first_error = ends.first_error();
  }
  return report;
}

} // namespace vmsystem::bench
