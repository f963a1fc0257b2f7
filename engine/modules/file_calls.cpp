#include "vmsystem/engine/modules/file_calls.hpp"

#include "vmsystem/engine/engine_flags.hpp"
#include "vmsystem/engine/modules/answers.hpp"
#include "vmsystem/engine/modules/resolver.hpp"
#include "vmsystem/engine/supervision.hpp"
#include "vmsystem/engine/utf8.hpp"
#include "vmsystem/models/text.hpp"

#include <algorithm>
#include <array>
#include <cerrno>
#include <climits>
#include <cstring>
#include <limits>

#include <fcntl.h>

namespace vmsystem::engine::detail {

namespace {

constexpr std::size_t max_file_bytes = 512u << 20;
constexpr std::size_t max_entries = 1u << 20;

constexpr mode_t new_file = 0666;
constexpr mode_t new_folder = 0777;

js_value error_value(int error) {
  return make_value(js_tag::integer, static_cast<uint32_t>(-error));
}

double milliseconds(const timespec& time) {
  return static_cast<double>(time.tv_sec) * 1e3
         + static_cast<double>(time.tv_nsec) / 1e6;
}

constexpr std::string_view base64_digits
  = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

std::string to_base64(std::string_view bytes) {
  std::string text;
  for (std::size_t i = 0; i < bytes.size(); i += 3) {
    uint32_t group = 0;
    const auto count = std::min<std::size_t>(3, bytes.size() - i);
    for (std::size_t k = 0; k < 3; ++k)
      group = group << 8
              | (k < count ? static_cast<unsigned char>(bytes[i + k]) : 0u);
    for (std::size_t k = 0; k < 4; ++k)
      text += k <= count ? base64_digits[group >> (18 - 6 * k) & 63] : '=';
  }
  return text;
}

std::string from_base64(std::string_view text) {
  std::string bytes;
  uint32_t bits = 0;
  int count = 0;
  for (const char c : text) {
    if (c == '=')
      break;
    const auto digit = base64_digits.find(c == '-' ? '+' : c == '_' ? '/' : c);
    if (digit == std::string_view::npos)
      continue;
    bits = bits << 6 | static_cast<uint32_t>(digit);
    count += 6;
    if (count >= 8) {
      count -= 8;
      bytes += static_cast<char>(bits >> count & 255);
    }
  }
  return bytes;
}

int hex_digit(char c) {
  return c >= '0' && c <= '9'   ? c - '0'
         : c >= 'a' && c <= 'f' ? c - 'a' + 10
         : c >= 'A' && c <= 'F' ? c - 'A' + 10
                                : -1;
}

std::string from_hex(std::string_view text) {
  std::string bytes;
  for (std::size_t i = 0; i + 1 < text.size(); i += 2) {
    const int high = hex_digit(text[i]);
    const int low = hex_digit(text[i + 1]);
    if (high < 0 || low < 0)
      break;
    bytes += static_cast<char>(high * 16 + low);
  }
  return bytes;
}

/// Of each character the lowest eight bits.
std::string from_utf8_to_latin1(std::string_view text) {
  std::string bytes;
  uint32_t code = 0;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const auto byte = static_cast<unsigned char>(text[i]);
    code = byte < 0x80   ? byte
           : byte < 0xc0 ? code << 6 | (byte & 0x3f)
                         : byte & 0x1f;
    const bool more = i + 1 < text.size() && (text[i + 1] & '\xc0') == '\x80';
    if (!more)
      bytes += static_cast<char>(code & 255);
  }
  return bytes;
}

} // namespace

std::string encode_text(std::string_view bytes, text_encoding how) {
  std::string text;
  switch (how) {
    case text_encoding::base64:
      return to_base64(bytes);
    case text_encoding::hex:
      append_hex(text, bytes);
      return text;
    case text_encoding::latin1:
      for (const char c : bytes) {
        const auto byte = static_cast<unsigned char>(c);
        if (byte < 0x80)
          text += c;
        else
          text.append(1, static_cast<char>(0xc0 | byte >> 6))
            .append(1, static_cast<char>(0x80 | (byte & 0x3f)));
      }
      return text;
    default:
      return std::string{bytes};
  }
}

std::string decode_text(std::string_view text, text_encoding how) {
  switch (how) {
    case text_encoding::base64:
      return from_base64(text);
    case text_encoding::hex:
      return from_hex(text);
    case text_encoding::latin1:
      return from_utf8_to_latin1(text);
    default:
      return std::string{text};
  }
}

// A granted folder is opened by itself, so that no link inside of it leads to
// what is not granted.
int file_calls::locate(const worktree& files, std::string_view text, bool write,
                       place& to) const {
  if (text.empty())
    return ENOENT;
  auto path = join_path("", text);
  if (!path)
    return EACCES;
  if (path->empty())
    *path = ".";
  for (const auto& grant : settings_.files) {
    if (write && !grant.write)
      continue;
    for (const auto& granted : grant.paths) {
      const bool inside = path->size() > granted.size()
                          && path->compare(0, granted.size(), granted) == 0
                          && (*path)[granted.size()] == '/';
      if (!inside && granted != "." && granted != *path)
        continue;
      to.folder = &files;
      to.granted = granted;
      if (inside) {
        if (const auto error = files.open_folder(granted, to.own); error != 0)
          return error;
        to.folder = &to.own;
        path->erase(0, granted.size() + 1);
      }
      to.path = std::move(*path);
      return 0;
    }
  }
  return EACCES;
}

sql_outcome<sql_database>
file_calls::open_database(const worktree* files, std::string_view path,
                          bool read_only,
                          const sql_database::stop_check& stop) const {
  place at;
  auto error = ENOENT;
  if (files != nullptr && path.find('\0') == std::string_view::npos) {
    error = locate(*files, path, !read_only, at);
    if (error == EACCES && !read_only) {
      read_only = true;
      error = locate(*files, path, false, at);
    }
  }
  if (error != 0)
    return sql_error{"SQLITE_CANTOPEN", "unable to open database \""
                                          + std::string{path}
                                          + "\": " + std::strerror(error)};
  return sql_database::open(*at.folder, at.path, read_only, stop);
}

int file_calls::locate_argument(guest& owner, const worktree& files,
                                js_value argument, bool write, place& to) {
  text_.clear();
  if (!owner.append_text(argument, text_, PATH_MAX + 1))
    return ENOMEM;
  return text_.size() > PATH_MAX ? ENAMETOOLONG
                                 : locate(files, text_, write, to);
}

js_value file_calls::call(guest& owner, const worktree* files,
                          uint32_t argument_count, uint32_t arguments) {
  constexpr uint32_t most = 5;
  const auto given = take_arguments<most>(owner, argument_count, arguments);
  const auto operation = static_cast<file_operation>(payload_of(given[0]));
  const auto number = payload_of(given[2]);
  if (operation == file_operation::path_of_url)
    return path_of_url_argument(owner, given[1]);
  if (files == nullptr)
    return error_value(ENOENT);
  switch (operation) {
    case file_operation::read:
      return read(owner, *files, given[1], static_cast<text_encoding>(number));
    case file_operation::write:
      return argument_count < most ? js_undefined
                                   : write(owner, *files, arguments);
    case file_operation::status:
      return status(owner, *files, given[1], number != 0);
    case file_operation::list:
      return list(owner, *files, given[1]);
    case file_operation::rename:
      return argument_count < 3 ? js_undefined
                                : rename(owner, *files, arguments);
    default:
      break;
  }
  auto error = locate_argument(owner, *files, given[1], true, from_);
  if (error == 0)
    error = operation == file_operation::make_folder
              ? from_.folder->make_folder(from_.path, new_folder)
              : from_.folder->remove(from_.path, number != 0);
  return error_value(error);
}

js_value file_calls::path_of_url_argument(guest& owner, js_value url) {
  text_.clear();
  if (!owner.append_text(url, text_, PATH_MAX))
    return error_value(ENOMEM);
  const auto path = path_of_url(text_);
  if (!path)
    return error_value(EINVAL);
  text_ = '/' + *path;
  return owner.new_string(text_);
}

js_value file_calls::read(guest& owner, const worktree& files, js_value path,
                          text_encoding how) {
  auto error = locate_argument(owner, files, path, false, from_);
  if (error == 0)
    error = from_.folder->read_file(
      from_.path,
      std::min<std::size_t>(max_file_bytes, owner.layout.memory_limit), data_);
  if (error != 0)
    return error_value(error);
  auto value = js_exception;
  if (how == text_encoding::bytes) {
    value = new_bytes(owner, data_);
  } else {
    text_.clear();
    append_valid_utf8(text_, encode_text(data_, how),
                      std::numeric_limits<std::size_t>::max());
    value = owner.new_string(text_);
    if (is_exception(value))
      owner.call(Z_qwZ_JS_ThrowOutOfMemory, owner.layout.context);
  }
  data_ = {};
  text_ = {};
  return value;
}

bool file_calls::take_data(guest& owner, js_value data, text_encoding how) {
  data_.clear();
  if (is_string(data)) {
    text_.clear();
    if (!owner.append_text(data, text_))
      return false;
    data_ = decode_text(text_, how);
    return true;
  }
  if (!is_object(data))
    return false;
  const auto bytes = bytes_of(owner, data);
  if (!bytes)
    return false;
  data_ = *bytes;
  return true;
}

js_value file_calls::write(guest& owner, const worktree& files,
                           uint32_t arguments) {
  constexpr std::array<int, 4> all_flags{O_TRUNC, O_APPEND, O_EXCL,
                                         O_APPEND | O_EXCL};
  const auto how = payload_of(owner.read64(arguments + 32));
  if (!take_data(owner, owner.read64(arguments + 16),
                 static_cast<text_encoding>(how)))
    return js_undefined;
  const auto flags = payload_of(owner.read64(arguments + 24)) % 4;
  auto error
    = locate_argument(owner, files, owner.read64(arguments + 8), true, from_);
  if (error == 0)
    error = from_.folder->write_file(from_.path, O_CREAT | all_flags[flags],
                                     new_file, data_);
  data_ = {};
  text_ = {};
  return error_value(error);
}

js_value file_calls::status(guest& owner, const worktree& files, js_value path,
                            bool follow) {
  struct stat found {};
  auto error = locate_argument(owner, files, path, false, from_);
  if (error == 0)
    error = from_.folder->status(from_.path, follow, found);
  if (error != 0)
    return error_value(error);
  const std::array<double, 9> numbers{
    static_cast<double>(found.st_mode), static_cast<double>(found.st_size),
    static_cast<double>(found.st_ino),  static_cast<double>(found.st_nlink),
    static_cast<double>(found.st_uid),  static_cast<double>(found.st_gid),
    milliseconds(found.st_atim),        milliseconds(found.st_mtim),
    milliseconds(found.st_ctim)};
  const auto context = owner.layout.prelude_context;
  const auto result = owner.call(Z_qwZ_JS_NewArray, context);
  for (uint32_t i = 0; i < numbers.size() && is_object(result); ++i)
    owner.call(Z_qwZ_JS_DefinePropertyValueUint32, context, result, i,
               owner.call(Z_qwZ_JS_NewNumber, context, numbers[i]),
               plain_property);
  return result;
}

js_value file_calls::list(guest& owner, const worktree& files, js_value path) {
  auto error = locate_argument(owner, files, path, false, from_);
  if (error == 0)
    error = from_.folder->list(from_.path, max_entries, entries_);
  if (error != 0)
    return error_value(error);
  const auto context = owner.layout.prelude_context;
  const auto result = owner.call(Z_qwZ_JS_NewArray, context);
  for (uint32_t i = 0; i < entries_.size() && is_object(result); ++i) {
    text_.clear();
    append_valid_utf8(text_, entries_[i].name, PATH_MAX);
    const auto name = owner.new_string(text_);
    if (is_exception(name) || (i % 256 == 0 && owner.active->poll())) {
      owner.free_value(name);
      owner.free_value(result);
      return is_exception(name)
               ? owner.call(Z_qwZ_JS_ThrowOutOfMemory, owner.layout.context)
               : owner.throw_stop();
    }
    owner.call(Z_qwZ_JS_DefinePropertyValueUint32, context, result, 2 * i, name,
               plain_property);
    owner.call(Z_qwZ_JS_DefinePropertyValueUint32, context, result, 2 * i + 1,
               make_value(js_tag::integer, entries_[i].type), plain_property);
  }
  entries_ = {};
  return result;
}

js_value file_calls::rename(guest& owner, const worktree& files,
                            uint32_t arguments) {
  auto error
    = locate_argument(owner, files, owner.read64(arguments + 8), true, from_);
  if (error == 0)
    error
      = locate_argument(owner, files, owner.read64(arguments + 16), true, to_);
  if (error == 0 && from_.granted != to_.granted)
    error = EXDEV;
  if (error == 0)
    error = from_.folder->rename(from_.path, to_.path);
  return error_value(error);
}

} // namespace vmsystem::engine::detail
