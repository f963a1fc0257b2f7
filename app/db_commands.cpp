#include "vmsystem/app/commands.hpp"
#include "vmsystem/models/json_writer.hpp"
#include "vmsystem/persistence/rocksdb_open.hpp"
#include "vmsystem/persistence/store_upkeep.hpp"

#include <memory>
#include <utility>

namespace vmsystem {

namespace {

/// What `backup` and `restore` are told.
struct backup_arguments {
  std::string folder;
  uint32_t number = 0;
};

/// Takes faults: prints each, or gathers them for a document, which says of
/// the rest how many there are.
class fault_list {
public:
  explicit fault_list(const global_options& options)
    : as_json_{options.format() == output_format::json} {
    faults_.begin_array();
  }

  void add(std::string_view key, std::string_view what, bool mended = false) {
    constexpr uint64_t most_in_document = 10000;
    if (!as_json_) {
      print_line(printable(std::string{mended ? "mended: " : ""}
                           + std::string{key} + (key.empty() ? "" : " ")
                           + std::string{what}));
    } else if (++count_ <= most_in_document) {
      faults_.begin_object();
      faults_.key("key");
      faults_.value(key);
      faults_.key("what");
      faults_.value(simdjson::validate_utf8(what) ? what : "is damaged");
      faults_.end_object();
    } else {
      ++further_;
    }
  }

  void add(const store_damage& fault, bool mended = false) {
    add(describe(fault.where, fault.key), fault.what, mended);
  }

  /// Writes the fields of a document about them.
  void write_to(json_writer& document) {
    faults_.end_array();
    document.key("faults");
    document.raw(json_text{std::string{faults_.view()}});
    document.key("further_faults");
    document.value(further_);
  }

private:
  bool as_json_;
  json_writer faults_;
  uint64_t count_ = 0;
  uint64_t further_ = 0;
};

void print_document(json_writer& document) {
  document.end_object();
  print_line(document.view());
}

void add_field(json_writer& document, std::string_view name,
               const std::string& value) {
  document.key(name);
  document.value(std::string_view{value});
}

void add_field(json_writer& document, std::string_view name, uint64_t value) {
  document.key(name);
  document.value(value);
}

failure unsound(const std::string& path, uint64_t faults) {
  return fail(ec::internal,
              "the store " + path + " has " + std::to_string(faults)
                + " faults; restore it from a backup (`vm-system db restore`) "
                  "or save what can be read (`vm-system db repair`)");
}

exit_code check(const global_options& options) {
  const auto opened = open_to_look(options.db);
  if (!opened)
    return print_error(opened.error());
  const auto& store = opened.value();
  fault_list faults{options};
  check_report report;
  if (store.database) {
    report = check_store(*store.database,
                         [&](const store_damage& fault) { faults.add(fault); });
  } else {
    report = {0, 1, false};
    faults.add("", store.damage.message);
  }
  if (options.format() == output_format::json) {
    json_writer document;
    document.begin_object();
    document.key("sound");
    document.value(report.faults == 0);
    add_field(document, "keys", report.keys);
    faults.write_to(document);
    print_document(document);
  } else if (report.faults == 0) {
    print_line("Sound: " + std::to_string(report.keys) + " keys");
  } else if (!report.readable) {
    print_line("The rest was not checked.");
  }
  if (report.faults == 0)
    return exit_code::ok;
  return print_error(unsound(options.db, report.faults));
}

exit_code stats(const global_options& options) {
  const auto opened = open_to_look(options.db);
  if (!opened)
    return print_error(opened.error());
  if (!opened.value().database)
    return print_error(opened.value().damage);
  const auto measured = measure_store(*opened.value().database);
  if (!measured)
    return print_error(measured.error());
  json_writer table;
  table.begin_array();
  for (const auto& one : measured.value()) {
    if (one.which == family::unnamed && one.keys == 0)
      continue;
    table.begin_object();
    table.key("family");
    table.value(
      std::string_view{family_names[static_cast<std::size_t>(one.which)]});
    add_field(table, "keys", one.keys);
    add_field(table, "bytes", one.bytes);
    add_field(table, "table_bytes", one.table_bytes);
    table.end_object();
  }
  table.end_array();
  if (options.format() == output_format::json)
    print_line(table.view());
  else
    print_table(json_value::parse(table.view()).value_or(json_value{}),
                {{"FAMILY", "family"},
                 {"KEYS", "keys"},
                 {"BYTES", "bytes"},
                 {"TABLE BYTES", "table_bytes"}});
  return exit_code::ok;
}

exit_code show_backup(const expected<store_backup>& made,
                      const global_options& options) {
  if (!made)
    return print_error(made.error());
  const auto& x = made.value();
  if (options.format() == output_format::json) {
    json_writer document;
    document.begin_object();
    add_field(document, "number", x.number);
    add_field(document, "files", x.files);
    add_field(document, "bytes", x.bytes);
    print_document(document);
  } else {
    print_line("Backup: " + std::to_string(x.number) + " ("
               + std::to_string(x.files) + " files, " + std::to_string(x.bytes)
               + " bytes)");
  }
  return exit_code::ok;
}

void print_repair(const repair_report& report) {
  if (report.copy.empty()) {
    print_line("Nothing to repair: " + std::to_string(report.after.keys)
               + " keys");
    return;
  }
  if (!report.damage.empty())
    print_line("Damage: " + printable(report.damage));
  for (const auto& name : report.lost_files)
    print_line("Put aside: lost/" + name);
  print_line("Mended: " + std::to_string(report.mended));
  print_line("Lost for good: " + std::to_string(report.after.faults));
  print_line("Keys: " + std::to_string(report.after.keys));
  print_line("The store as it was: " + report.copy);
}

exit_code repair(const global_options& options) {
  fault_list faults{options};
  const auto repaired
    = repair_store(options.db, [&](const store_damage& fault) {
        faults.add(fault, fault.cure != remedy::none);
      });
  if (!repaired)
    return print_error(repaired.error());
  const auto& report = repaired.value();
  if (options.format() == output_format::text) {
    print_repair(report);
    return exit_code::ok;
  }
  json_writer document;
  document.begin_object();
  add_field(document, "keys", report.after.keys);
  add_field(document, "mended", report.mended);
  add_field(document, "lost", report.after.faults);
  add_field(document, "damage",
            simdjson::validate_utf8(report.damage) ? report.damage : "");
  add_field(document, "copy", report.copy);
  document.key("lost_files");
  document.begin_array();
  for (const auto& name : report.lost_files)
    document.value(std::string_view{name});
  document.end_array();
  faults.write_to(document);
  print_document(document);
  return exit_code::ok;
}

} // namespace

void add_db_commands(command root, const global_options& options) {
  auto group = root.add(
    {"db", "look after a store that no server has open",
     "All of these work on the folder that --db names, and refuse it while a "
     "server or another command has it open.",
     "$ vm-system --db /var/lib/vm-system db check\nSound: 12345 keys"});
  group
    .add({"check", "find out whether a store is sound",
          "Reads every key, decodes every document, compares records with "
          "indexes and events, prints what is wrong, each fault in a line "
          "that begins with its key, and exits with 1 when there is one. "
          "Changes nothing.",
          "$ vm-system --db /var/lib/vm-system db check\nSound: 12345 keys"})
    .on_run([&options] { return check(options); });
  group
    .add({"stats", "count what a store holds",
          "Counts keys and bytes by reading all of them. Tables on the disk "
          "are compressed, and what is new is not in them yet.",
          "$ vm-system --db /var/lib/vm-system db stats"})
    .on_run([&options] { return stats(options); });
  auto given = std::make_shared<backup_arguments>();
  group
    .add({"backup", "add a backup to a folder",
          "The folder may hold earlier backups of the store; what they have "
          "is not copied again.",
          "$ vm-system --db /var/lib/vm-system db backup --to /backups\n"
          "Backup: 7 (12 files, 1048576 bytes)"})
    .required_flag("--to", given->folder, "DIR", "The folder of backups.")
    .on_run([given, &options] {
      return show_backup(back_up_store(options.db, given->folder), options);
    });
  group
    .add({"restore", "make a store from a backup",
          "Compares the backup's checksums first. The folder of the store "
          "must not be there, or be empty.",
          "$ vm-system --db /var/lib/vm-system db restore --from /backups\n"
          "Backup: 7 (12 files, 1048576 bytes)"})
    .required_flag("--from", given->folder, "DIR", "The folder of backups.")
    .flag("--number", given->number, "N", "Which one; 0 means the newest.")
    .on_run([given, &options] {
      return show_backup(
        restore_store(given->folder, given->number, options.db), options);
    });
  group
    .add({"repair", "save what can be read of a damaged store",
          "Copies the store to a folder beside it, finds tables and logs anew "
          "when the store cannot be opened or read, writes indexes anew, and "
          "removes what cannot be decoded or belongs to nothing. Prints all "
          "that it mended, and what is lost for good. A store without faults "
          "is left alone.",
          "$ vm-system --db /var/lib/vm-system db repair\n"
          "Nothing to repair: 12345 keys"})
    .on_run([&options] { return repair(options); });
}

} // namespace vmsystem
