#include "vmsystem/app/completion.hpp"
#include "vmsystem/app/completion_table.hpp"

#include <algorithm>
#include <string_view>

namespace vmsystem {

namespace {

/// Finds the command that the words in front of the cursor are about.
constexpr std::string_view walk = R"(    set -l at ' '
    set -l flag ''
    set -l below
    set -l own
    set -l line (commandline -opc)
    set -e line[1]
    for word in $line
        if test -n "$flag"
            set flag ''
        else if string match -q -- '-*' $word
            contains -- $word $takes_value
            and set flag $word
        else if contains -- "$at$word " $known
            set at "$at$word "
        end
    end
    switch $at
)";

/// Completes by what that command has.
constexpr std::string_view rest = R"(    end
    set -l current (commandline -ct)
    set -l front ''
    if test -z "$flag"; and string match -q -- '--*=*' $current
        set flag (string replace -r '=.*' '' -- $current)
        set current (string replace -r '^[^=]*=' '' -- $current)
        set front "$flag="
    end
    if test -n "$flag"
        set -l few
        if set -l index (contains -i -- $flag $takes_value)
            set few (string split -n ' ' -- $values[$index])
        end
        if set -q few[1]
            printf '%s\n' $front$few
        else
            for file in (__fish_complete_path $current)
                printf '%s\n' $front$file
            end
        end
    else if string match -q -- '-*' $current
        printf '%s\n' $own $global
    else if set -q below[1]
        printf '%s\n' $below
    else
        __fish_complete_path $current
    end
end
)";

/// `text` between single quotes.
std::string quoted(const std::string& text) {
  std::string result = "'";
  for (const char c : text) {
    if (c == '\'' || c == '\\')
      result += '\\';
    result += c;
  }
  return result + '\'';
}

/// A list of what is in single quotes already, one entry a line.
std::string list(std::string_view name, const std::vector<std::string>& entries,
                 const std::string& indent) {
  auto result = indent + "set " + std::string{name};
  for (const auto& entry : entries)
    result += " \\\n" + indent + "    " + entry;
  return result + '\n';
}

/// Each word, and behind a tabulator what it means.
std::string list(std::string_view name,
                 const std::vector<completion_word>& words,
                 const std::string& indent) {
  std::vector<std::string> entries;
  for (const auto& word : words)
    entries.push_back(quoted(word.name) + "\\t" + quoted(word.meaning));
  return list(name, entries, indent);
}

/// A name of a function that is nobody else's.
std::string function_name(const CLI::App& root) {
  auto name = "__" + root.get_name() + "_complete";
  std::replace(name.begin(), name.end(), '-', '_');
  return name;
}

} // namespace

std::string fish_completion(const CLI::App& root) {
  const auto table = completion_table_of(root);
  std::vector<std::string> known;
  std::string cases;
  for (const auto& place : table.places) {
    known.push_back(quoted(' ' + place.path));
    cases += "        case " + known.back() + '\n'
             + list("below", place.commands, "            ")
             + list("own", place.flags, "            ");
  }
  std::vector<std::string> flags;
  std::vector<std::string> values;
  for (const auto& [flag, its_values] : table.values) {
    flags.push_back(quoted(flag));
    values.push_back(quoted(its_values));
  }
  const auto function = function_name(root);
  return "# Completion of " + root.get_name() + " for fish.\n\nfunction "
         + function + '\n' + list("-l global", table.global, "    ")
         + list("-l known", known, "    ")
         + list("-l takes_value", flags, "    ")
         + list("-l values", values, "    ") + std::string{walk} + cases
         + std::string{rest} + "\ncomplete -c " + root.get_name() + " -f -a '("
         + function + ")'\n";
}

} // namespace vmsystem
