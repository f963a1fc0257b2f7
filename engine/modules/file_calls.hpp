#pragma once

#include "vmsystem/engine/guest.hpp"
#include "vmsystem/engine/modules/module_settings.hpp"
#include "vmsystem/engine/sql_database.hpp"
#include "vmsystem/engine/worktree.hpp"

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace vmsystem::engine::detail {

/// What `fs.js` asks of the host; the first argument.
enum class file_operation : uint32_t {
  /// Of a path and an encoding: text, or a Uint8Array.
  read = 0,
  /// Of a path, text or bytes, 0 to 3 for the flags w, a, wx, ax, and the
  /// text's encoding; undefined when there is neither text nor bytes.
  write = 1,
  /// Of a path and whether links are followed: a list of numbers.
  status = 2,
  /// Of a path: names and types in turn.
  list = 3,
  make_folder = 4,
  /// Of a path and whether it is a folder.
  remove = 5,
  rename = 6,
  /// Of a URL: its path.
  path_of_url = 7,
};

/// How bytes become text.
enum class text_encoding : uint32_t {
  bytes = 0,
  utf8 = 1,
  latin1 = 2,
  hex = 3,
  base64 = 4,
};

/// The text of bytes; for `utf8` the bytes themselves.
[[nodiscard]] std::string encode_text(std::string_view bytes,
                                      text_encoding how);

/// The bytes of a text, up to what is no text of this kind.
[[nodiscard]] std::string decode_text(std::string_view text, text_encoding how);

/// Operations of scripts on files of their worktree, as far as the template
/// grants them. What it owns lies outside of the guest's trap frames.
class file_calls {
public:
  /// @param settings outlives this.
  explicit file_calls(const module_settings& settings) noexcept
    : settings_{settings} {}

  /// Answers a `file_operation`: a value, or minus the number of an error.
  /// Called by the guest.
  /// @param files may be null: then nothing is there.
  js_value call(guest& owner, const worktree* files, uint32_t argument_count,
                uint32_t arguments);

  /// Opens a database in a file that the template grants; to be read alone
  /// when it grants no more.
  [[nodiscard]] sql_outcome<sql_database>
  open_database(const worktree* files, std::string_view path, bool read_only,
                const sql_database::stop_check& stop) const;

  /// Closes what it has open.
  void end_run() noexcept {
    from_ = {};
    to_ = {};
  }

private:
  /// A path, and the folder that it is resolved beneath.
  struct place {
    const worktree* folder = nullptr;
    std::string path;
    std::string granted;
    worktree own;
  };

  [[nodiscard]] int locate(const worktree& files, std::string_view text,
                           bool write, place& to) const;
  [[nodiscard]] int locate_argument(guest& owner, const worktree& files,
                                    js_value argument, bool write, place& to);
  js_value read(guest& owner, const worktree& files, js_value path,
                text_encoding how);
  js_value write(guest& owner, const worktree& files, uint32_t arguments);
  js_value status(guest& owner, const worktree& files, js_value path,
                  bool follow);
  js_value list(guest& owner, const worktree& files, js_value path);
  js_value rename(guest& owner, const worktree& files, uint32_t arguments);
  js_value path_of_url_argument(guest& owner, js_value url);
  [[nodiscard]] bool take_data(guest& owner, js_value data, text_encoding how);

  const module_settings& settings_;

  // Of the call in progress.
  std::string text_;
  std::string data_;
  std::vector<worktree::entry> entries_;
  place from_;
  place to_;
};

} // namespace vmsystem::engine::detail
