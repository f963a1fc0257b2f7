#include "vmsystem/app/completion.hpp"
#include "vmsystem/app/completion_table.hpp"

#include <algorithm>
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

std::string names_of(const std::vector<completion_word>& words) {
  std::string result;
  for (const auto& word : words)
    result += (result.empty() ? "" : " ") + word.name;
  return result;
}

std::string line(const std::string& key, const std::string& value) {
  return "    ['" + key + "']='" + value + "'\n";
}

} // namespace

std::string bash_completion(const CLI::App& root) {
  const auto table = completion_table_of(root);
  std::string commands;
  std::string flags;
  for (const auto& place : table.places) {
    commands += line(' ' + place.path, names_of(place.commands));
    flags += line(' ' + place.path, names_of(place.flags));
  }
  std::string values;
  for (const auto& [flag, its_values] : table.values)
    values += line(flag, its_values);
  const auto function = function_name(root);
  return "# Completion of " + root.get_name() + " for bash.\n" + function
         + "() {\n  local words='' global='" + names_of(table.global)
         + "'\n  local -A commands=(\n" + commands + "  )\n  local -A flags=(\n"
         + flags + "  )\n  local -A takes_value=(\n" + values + "  )"
         + std::string{body} + "complete -o default -F " + function + ' '
         + root.get_name() + '\n';
}

} // namespace vmsystem
