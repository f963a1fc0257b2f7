#include "vmsystem/app/completion_table.hpp"

#include "vmsystem/app/help.hpp"

#include <algorithm>
#include <cctype>

namespace vmsystem {

namespace {

/// All ways to write a flag, such as `-h` and `--help`.
std::vector<std::string> names_of(const CLI::Option& flag) {
  std::vector<std::string> result;
  for (const auto& name : flag.get_snames())
    result.push_back('-' + name);
  for (const auto& name : flag.get_lnames())
    result.push_back("--" + name);
  return result;
}

/// The values of a flag that has few, which its help shows as `a|b`. Capitals
/// there stand for something else: `FILE|ID`.
std::string values_of(const CLI::Option& flag) {
  auto values = flag.get_type_name();
  const auto is_capital
    = [](char c) { return std::isupper(static_cast<unsigned char>(c)) != 0; };
  if (values.find('|') == std::string::npos
      || std::any_of(values.begin(), values.end(), is_capital))
    return {};
  std::replace(values.begin(), values.end(), '|', ' ');
  return values;
}

/// The first sentence of a text, without its full stop.
std::string first_sentence(const std::string& text) {
  auto end = text.find(". ");
  if (end == std::string::npos && !text.empty() && text.back() == '.')
    end = text.size() - 1;
  return text.substr(0, end);
}

std::vector<completion_word> flag_words_of(const CLI::App& app) {
  // Each command has a `--help` of its own, which is that of the program to
  // those who type it.
  const auto* once = app.get_parent() != nullptr ? app.get_help_ptr() : nullptr;
  std::vector<completion_word> result;
  for (const auto* flag : flags_of(app))
    if (flag != once)
      for (const auto& name : names_of(*flag))
        result.push_back({name, first_sentence(flag->get_description())});
  return result;
}

void add_values(completion_table& to, const CLI::App& app) {
  for (const auto* flag : flags_of(app))
    if (flag->get_items_expected_max() > 0)
      for (const auto& name : names_of(*flag))
        to.values.emplace(name, values_of(*flag));
}

void add_places(completion_table& to, const CLI::App& app,
                const std::string& path) {
  const auto below = commands_of(app);
  completion_place place{path, {}, {}};
  for (const auto* child : below)
    place.commands.push_back({child->get_name(), summary_of(*child)});
  if (app.get_parent() != nullptr)
    place.flags = flag_words_of(app);
  to.places.push_back(std::move(place));
  add_values(to, app);
  for (const auto* child : below)
    add_places(to, *child, path + child->get_name() + ' ');
}

} // namespace

completion_table completion_table_of(const CLI::App& root) {
  completion_table table;
  table.global = flag_words_of(root);
  add_places(table, root, {});
  return table;
}

} // namespace vmsystem
