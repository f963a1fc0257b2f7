#include "vmsystem/app/output.hpp"

#include "vmsystem/app/text_width.hpp"

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <string>

namespace vmsystem {

namespace {

constexpr std::size_t longest_last_cell = 60;

void write(std::FILE* to, std::string_view text) {
  std::fwrite(text.data(), 1, text.size(), to);
}

bool holds_objects(const json_value& value) {
  if (value.is_object())
    return true;
  const auto elements = value.elements();
  return !elements.empty() && elements.front().is_object();
}

void print_fields(const json_value& object, std::size_t indent,
                  bool is_list_entry) {
  // Deeper things stay JSON: they are somebody's data, not ours to lay out.
  constexpr std::size_t deepest = 4;
  bool first = is_list_entry;
  for (const auto& [name, value] : object.fields()) {
    std::string line(indent, ' ');
    if (first)
      line.replace(indent - 2, 2, "- ");
    first = false;
    line += printable(name);
    line += ':';
    if (indent >= deepest || !holds_objects(value)) {
      print_line(line + ' ' + printable(value.text()));
      continue;
    }
    print_line(line);
    if (value.is_object())
      print_fields(value, indent + 2, false);
    for (const auto& element : value.elements())
      print_fields(element, indent + 4, true);
  }
}

std::string cell_of(const json_value& row, std::string_view path) {
  const auto dot = path.find('.');
  if (dot != std::string_view::npos)
    return cell_of(row.field(path.substr(0, dot)), path.substr(dot + 1));
  const auto value = row.field(path);
  return value.present() ? printable(value.text()) : "-";
}

} // namespace

void print_line(std::string_view line) {
  write(stdout, line);
  write(stdout, "\n");
}

void print_error_line(std::string_view line) {
  // What is on stdout so far was printed before: keep the order.
  std::fflush(stdout);
  write(stderr, line);
  write(stderr, "\n");
}

void print_object(const json_value& object) {
  print_fields(object, 0, false);
}

void print_table(const json_value& array, const std::vector<column>& columns) {
  std::vector<std::vector<std::string>> rows(1);
  for (const auto& one : columns)
    rows.front().emplace_back(one.heading);
  for (const auto& element : array.elements()) {
    auto& row = rows.emplace_back();
    for (const auto& one : columns)
      row.push_back(cell_of(element, one.field));
    row.back() = shortened(row.back(), longest_last_cell);
  }
  std::vector<std::size_t> widths(columns.size());
  for (const auto& row : rows)
    for (std::size_t i = 0; i < row.size(); ++i)
      widths[i] = std::max(widths[i], width_of(row[i]));
  for (const auto& row : rows) {
    std::string line;
    for (std::size_t i = 0; i < row.size(); ++i) {
      line += row[i];
      if (i + 1 < row.size())
        line.append(widths[i] - width_of(row[i]) + 2, ' ');
    }
    print_line(line);
  }
}

std::string printable(std::string_view text) {
  std::string result;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const auto byte = static_cast<unsigned char>(text[i]);
    // U+0080 to U+009F are controls too; in UTF-8 they begin with C2.
    const bool c1 = byte == 0xC2 && i + 1 < text.size()
                    && static_cast<unsigned char>(text[i + 1]) < 0xA0;
    if (byte == '\n') {
      result += "\\n";
    } else if (byte == '\t') {
      result += "\\t";
    } else if (byte < 0x20 || byte == 0x7F || c1) {
      char escape[8];
      const auto code = c1 ? static_cast<unsigned char>(text[++i]) : byte;
      std::snprintf(escape, sizeof(escape), "\\u%04x", code);
      result += escape;
    } else {
      result += text[i];
    }
  }
  return result;
}

exit_code print_error(std::string_view code, std::string_view message) {
  std::string line = "vm-system: ";
  line += code;
  line += ": ";
  line += printable(message);
  print_error_line(line);
  return exit_code::request_failed;
}

exit_code print_error(const request_error& error) {
  return print_error(error.code, error.message);
}

exit_code print_error(const failure& error) {
  return print_error(to_string_view(error.code), error.message);
}

exit_code print_usage_error(std::string_view message) {
  std::string line = "vm-system: ";
  line += message;
  line += "\nTry --help.\n";
  write(stderr, line);
  return exit_code::usage;
}

exit_code finish_output(exit_code so_far) {
  if (std::fflush(stdout) == 0 && std::ferror(stdout) == 0)
    return so_far;
  // A reader that went away wants to hear no more of it.
  if (errno != EPIPE)
    std::fprintf(stderr, "vm-system: cannot write to stdout: %s\n",
                 std::strerror(errno));
  return so_far == exit_code::ok ? exit_code::request_failed : so_far;
}

} // namespace vmsystem
