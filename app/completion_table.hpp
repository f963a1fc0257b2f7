#pragma once

#include <CLI/CLI.hpp>

#include <map>
#include <string>
#include <vector>

namespace vmsystem {

/// A word that may be typed, and what it does in a few words.
struct completion_word {
  std::string name;
  std::string meaning;
};

/// A command, and what may stand behind it.
struct completion_place {
  /// The words up to it, with a space behind each; nothing for the program.
  std::string path;
  std::vector<completion_word> commands;
  /// Without those of the program, which may stand anywhere.
  std::vector<completion_word> flags;
};

/// All that a shell needs to know of a program, made of its command line: what
/// is added there is completed by every shell.
struct completion_table {
  /// The program first, and each command before those below it.
  std::vector<completion_place> places;
  /// The flags of the program.
  std::vector<completion_word> global;
  /// The flags that have a value, each with those that it may have, parted by
  /// spaces; nothing where they are too many to list.
  std::map<std::string, std::string> values;
};

[[nodiscard]] completion_table completion_table_of(const CLI::App& root);

} // namespace vmsystem
