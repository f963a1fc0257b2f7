#include "vmsystem/app/batch_sink.hpp"
#include "vmsystem/app/batch_store.hpp"
#include "vmsystem/app/batch_there.hpp"
#include "vmsystem/app/commands.hpp"
#include "vmsystem/models/codec.hpp"

#include <memory>
#include <utility>

namespace vmsystem {

namespace {

constexpr std::string_view id_help = "The batch's id.";

struct batch_arguments {
  std::string id;
  std::string out = "-";
  std::string status;
  std::string cursor;
  uint32_t limit = 50;
};

request_error error_of(const failure& why) {
  return {std::string{to_string_view(why.code)}, why.message, {}};
}

/// A document of the store, as a server would have sent it.
answer<json_value> document_of(const expected<std::string>& stored) {
  if (!stored)
    return error_of(stored.error());
  auto value = json_value::parse(stored.value());
  if (!value)
    return error_of(fail(ec::internal, "the record cannot be read"));
  return *std::move(value);
}

/// Runs `action` with the id that was given, or says that it is none.
template <class Action>
exit_code with_id(const batch_arguments& given, Action action) {
  const auto id = batch_id::parse(given.id);
  if (!id)
    return print_usage_error("\"" + printable(given.id) + "\" is not an id");
  return action(*id);
}

exit_code status(const batch_arguments& given, const global_options& options) {
  return with_id(given, [&](const batch_id& id) {
    if (!options.server_given)
      return show(document_of(stored_batch(options.db, id)), options,
                  print_object);
    client server{options.server};
    return show(server.get("/batches/" + id.to_string()), options,
                print_object);
  });
}

exit_code results(const batch_arguments& given, const global_options& options) {
  return with_id(given, [&](const batch_id& id) {
    auto sink = batch_sink::open(given.out);
    if (!sink)
      return print_error(sink.error());
    const auto take
      = [&](const std::string& lines) { return sink.value().write(lines); };
    if (!options.server_given) {
      const auto fetched = stored_results(options.db, id, take);
      return fetched ? exit_code::ok : print_error(fetched.error());
    }
    client server{options.server};
    const auto fetched = fetch_results(server, id, take);
    return fetched ? exit_code::ok : print_error(fetched.error());
  });
}

exit_code cancel(const batch_arguments& given, const global_options& options) {
  return with_id(given, [&](const batch_id& id) {
    const auto print = [&](const json_value& record) {
      print_line("Batch: " + id.to_string());
      print_line("Status: " + record.field("status").text());
    };
    if (options.server_given) {
      client server{options.server};
      return show(server.post("/batches/" + id.to_string() + "/cancel", ""),
                  options, print);
    }
    const auto cancelled = cancel_stored(options.db, id);
    if (!cancelled)
      return print_error(cancelled.error());
    return show(document_of(to_json_or(cancelled.value(), "{}").text), options,
                print);
  });
}

exit_code list(const batch_arguments& given, const global_options& options) {
  const auto print = [](const json_value& batches) {
    print_table(batches, {{"ID", "id"},
                          {"STATUS", "status"},
                          {"JOBS", "jobs"},
                          {"DONE", "done"},
                          {"JOBS/S", "jobs_per_s"},
                          {"CREATED", "created_at"}});
  };
  if (options.server_given) {
    std::string path = "/batches?limit=" + std::to_string(given.limit);
    if (!given.status.empty())
      path += "&status=" + encoded(given.status);
    if (!given.cursor.empty())
      path += "&cursor=" + encoded(given.cursor);
    client server{options.server};
    return show(server.get(path), options, print);
  }
  batch_filter filter;
  filter.limit = given.limit;
  if (!given.status.empty()) {
    const auto status = value_of<batch_status>(given.status);
    if (!status)
      return print_usage_error("--status must be one of "
                               + all_names<batch_status>());
    filter.by_status = true;
    filter.status = *status;
  }
  if (!given.cursor.empty()) {
    const auto cursor = batch_id::parse(given.cursor);
    if (!cursor)
      return print_usage_error("--cursor is not an id");
    filter.cursor = *cursor;
  }
  const auto page = stored_batches(options.db, filter);
  if (!page)
    return print_error(page.error());
  return show(document_of(page.value().array.text), options, print);
}

/// Adds a command about one batch.
command add_about_one(command group, const command_text& text,
                      const std::shared_ptr<batch_arguments>& given) {
  auto added = group.add(text);
  added.argument("ID", given->id, std::string{id_help});
  return added;
}

} // namespace

void add_batch_commands(command root, const global_options& options) {
  auto group
    = root.add({"batch", "run many jobs as one thing",
                "Without --server-url these commands work on the store of "
                "--db, which no server may have open; with it, on the "
                "server's batches.",
                "$ vm-system batch run jobs.ndjson --out results.ndjson"});
  add_batch_run_command(group, options);

  const auto shown = std::make_shared<batch_arguments>();
  add_about_one(group,
                {"status", "show a batch's record", "",
                 "$ vm-system batch status ID"},
                shown)
    .on_run([shown, &options] { return status(*shown, options); });

  const auto read = std::make_shared<batch_arguments>();
  add_about_one(group,
                {"results", "print the results of a batch",
                 "A line of JSON for each job that is over, in the order of "
                 "the input.",
                 "$ vm-system batch results ID --out results.ndjson"},
                read)
    .flag("--out", read->out, "FILE", "Where they go; - is stdout.")
    .on_run([read, &options] { return results(*read, options); });

  const auto cancelled = std::make_shared<batch_arguments>();
  add_about_one(group,
                {"cancel", "stop a batch",
                 "What runs is cancelled, the rest does not run. Results that "
                 "are there stay.",
                 "$ vm-system batch cancel ID"},
                cancelled)
    .on_run([cancelled, &options] { return cancel(*cancelled, options); });

  const auto listed = std::make_shared<batch_arguments>();
  group
    .add({"list", "list batches, newest first", "",
          "$ vm-system batch list --status interrupted"})
    .flag("--status", listed->status, "STATUS",
          "Only those with this status: " + all_names<batch_status>() + '.')
    .flag("--limit", listed->limit, "N", "How many at most, 1 to 1000.")
    .flag("--cursor", listed->cursor, "ID", "Only batches older than this one.")
    .on_run([listed, &options] { return list(*listed, options); });
}

} // namespace vmsystem
