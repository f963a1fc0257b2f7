#include "vmsystem/app/completion.hpp"

#include "vmsystem/app/help.hpp"

#include <algorithm>
#include <set>
#include <string_view>

namespace vmsystem {

namespace {

/// What the script does with the tables in front of it.
constexpr std::string_view body = R"(
  local current=${COMP_WORDS[COMP_CWORD]} path=' ' flag='' word i
  for ((i = 1; i < COMP_CWORD; ++i)); do
    word=${COMP_WORDS[i]}
    if [[ $word == '=' ]]; then
      continue
    elif [[ -n $flag ]]; then
      flag=''
    elif [[ $word == -* ]]; then
      [[ -z ${takes_value[$word]+x} ]] || flag=$word
    elif [[ -n ${flags[$path$word ]+x} ]]; then
      path+="$word "
    fi
  done
  [[ $current != '=' ]] || current=''
  if [[ -n $flag ]]; then
    words=${takes_value[$flag]}
  elif [[ $current == -* ]]; then
    words="${flags[$path]} $global"
  else
    words=${commands[$path]}
  fi
  mapfile -t COMPREPLY < <(compgen -W "$words" -- "$current")
}
)";

/// A name that bash calls a function.
std::string function_name(const CLI::App& root) {
  auto name = '_' + root.get_name();
  std::replace(name.begin(), name.end(), '-', '_');
  return name;
}

/// All ways to write a flag, such as `-h` and `--help`.
std::vector<std::string> names_of(const CLI::Option& flag) {
  std::vector<std::string> result;
  for (const auto& name : flag.get_snames())
    result.push_back('-' + name);
  for (const auto& name : flag.get_lnames())
    result.push_back("--" + name);
  return result;
}

/// The values of a flag that has few, which its help shows as `a|b`.
std::string values_of(const CLI::Option& flag) {
  auto values = flag.get_type_name();
  if (values.find('|') == std::string::npos)
    return {};
  std::replace(values.begin(), values.end(), '|', ' ');
  return values;
}

void append_word(std::string& to, const std::string& word) {
  if (!to.empty())
    to += ' ';
  to += word;
}

/// The lines of the three tables.
struct tables {
  std::string commands;
  std::string flags;
  std::set<std::string> takes_value;

  /// @param path the words up to the command, with a space around each.
  void add(const CLI::App& app, const std::string& path) {
    std::string below;
    for (const auto* child : commands_of(app))
      append_word(below, child->get_name());
    commands += line(path, below);
    std::string own;
    for (const auto* flag : flags_of(app))
      for (const auto& name : names_of(*flag)) {
        append_word(own, name);
        if (flag->get_items_expected_max() > 0)
          takes_value.insert(line(name, values_of(*flag)));
      }
    flags += line(path, own);
    for (const auto* child : commands_of(app))
      add(*child, path + child->get_name() + ' ');
  }

  static std::string line(const std::string& key, const std::string& value) {
    return "    ['" + key + "']='" + value + "'\n";
  }
};

} // namespace

std::string bash_completion(const CLI::App& root) {
  tables known;
  known.add(root, " ");
  std::string values;
  for (const auto& line : known.takes_value)
    values += line;
  std::string global;
  for (const auto* flag : flags_of(root))
    for (const auto& name : names_of(*flag))
      append_word(global, name);
  const auto function = function_name(root);
  return "# Completion of " + root.get_name() + " for bash.\n" + function
         + "() {\n  local words='' global='" + global
         + "'\n  local -A commands=(\n" + known.commands
         + "  )\n  local -A flags=(\n" + known.flags
         + "  )\n  local -A takes_value=(\n" + values + "  )"
         + std::string{body} + "complete -o default -F " + function + ' '
         + root.get_name() + '\n';
}

} // namespace vmsystem
