#include "vmsystem/app/completion.hpp"
#include "vmsystem/app/completion_table.hpp"

#include <string_view>

namespace vmsystem {

namespace {

/// Finds the command that the words in front of the cursor are about.
constexpr std::string_view walk = R"(
  local at=' ' flag='' word
  local -a below own
  integer i
  for ((i = 2; i < CURRENT; ++i)); do
    word=${words[i]}
    if [[ -n $flag ]]; then
      flag=''
    elif [[ $word == -* ]]; then
      (( ! ${+takes_value[$word]} )) || flag=$word
    elif (( ${known[(Ie)$at$word ]} )); then
      at+="$word "
    fi
  done
  case $at in
)";

/// Completes by what that command has.
constexpr std::string_view rest = R"(  esac
  if [[ -z $flag && $PREFIX == --*=* ]]; then
    flag=${PREFIX%%=*}
    compset -P '*='
  fi
  if [[ -n $flag && -n ${takes_value[$flag]} ]]; then
    compadd -- ${=takes_value[$flag]}
  elif [[ -z $flag && $PREFIX == -* ]]; then
    _describe -t options flag own -- global
  elif [[ -z $flag ]] && (( ${#below} )); then
    _describe -t commands command below
  else
    _files
  fi
}
)";

/// `text` between single quotes.
std::string quoted(const std::string& text) {
  std::string result = "'";
  for (const char c : text) {
    if (c == '\'')
      result += "'\\''";
    else
      result += c;
  }
  return result + '\'';
}

/// Entries as `_describe` takes them, one a line.
std::string array(std::string_view name,
                  const std::vector<completion_word>& words,
                  const std::string& indent) {
  auto result = indent + std::string{name} + "=(\n";
  for (const auto& word : words)
    result += indent + "  " + quoted(word.name + ':' + word.meaning) + '\n';
  return result + indent + ")\n";
}

} // namespace

std::string zsh_completion(const CLI::App& root) {
  const auto table = completion_table_of(root);
  std::string known;
  std::string cases;
  for (const auto& place : table.places) {
    const auto path = quoted(' ' + place.path);
    known += "    " + path + '\n';
    cases += "    (" + path + ")\n" + array("below", place.commands, "      ")
             + array("own", place.flags, "      ") + "      ;;\n";
  }
  std::string values;
  for (const auto& [flag, its_values] : table.values)
    values += "    " + quoted(flag) + ' ' + quoted(its_values) + '\n';
  const auto function = '_' + root.get_name();
  // As a file of $fpath it is the function's body; others source it.
  return "#compdef " + root.get_name() + "\n# Completion of " + root.get_name()
         + " for zsh.\n\n" + function + "() {\n"
         + array("local -a global", table.global, "  ") + "  local -a known=(\n"
         + known + "  )\n  local -A takes_value=(\n" + values + "  )"
         + std::string{walk} + cases + std::string{rest}
         + "\nif [[ ${funcstack[1]} == " + function + " ]]; then\n  " + function
         + " \"$@\"\nelse\n  compdef " + function + ' ' + root.get_name()
         + "\nfi\n";
}

} // namespace vmsystem
