#include "vmsystem/app/repl_colour.hpp"

#include "vmsystem/app/output.hpp"

#include <algorithm>
#include <array>
#include <cstddef>

namespace vmsystem {

namespace {

constexpr std::string_view red = "\x1b[31m";
constexpr std::string_view green = "\x1b[32m";
constexpr std::string_view yellow = "\x1b[33m";
constexpr std::string_view magenta = "\x1b[35m";
constexpr std::string_view cyan = "\x1b[36m";
constexpr std::string_view bold = "\x1b[1m";
constexpr std::string_view grey = "\x1b[90m";
constexpr std::string_view plain = "\x1b[0m";

std::string in_colour(std::string_view colour, std::string_view text) {
  std::string result{colour};
  result += text;
  result += plain;
  return result;
}

bool is_digit(char c) {
  return c >= '0' && c <= '9';
}

bool is_word(char c) {
  return is_digit(c) || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z')
         || c == '_' || c == '$' || static_cast<unsigned char>(c) >= 0x80;
}

/// The end of the string that begins at `begin`; that of the text when it does
/// not end.
std::size_t string_end(std::string_view text, std::size_t begin) {
  for (auto end = begin + 1; end < text.size(); ++end) {
    if (text[end] == '\\')
      ++end;
    else if (text[end] == text[begin])
      return end + 1;
    else if (text[end] == '\n')
      break;
  }
  return text.size();
}

/// A date such as 1970-01-01T00:00:00.000Z is one word.
std::size_t word_end(std::string_view text, std::size_t begin) {
  constexpr std::size_t date_size = 24;
  const auto date = text.substr(begin, date_size);
  if (date.size() == date_size && date[10] == 'T' && date.back() == 'Z')
    return begin + date_size;
  const bool begins_word = !is_digit(text[begin]) && text[begin] != '-';
  auto end = begin + 1;
  while (end < text.size()
         && (is_word(text[end]) || text[end] == '.'
             || ((text[end] == '-' || text[end] == '+') && !begins_word
                 && text[end - 1] == 'e')))
    ++end;
  return end;
}

/// The colour of a word, or of what stands in brackets.
std::string_view colour_of(std::string_view word) {
  const auto is = [word](std::string_view other) { return word == other; };
  if (is("undefined"))
    return grey;
  if (is("null"))
    return bold;
  if (is("true") || is("false") || is("NaN") || is("Infinity"))
    return yellow;
  if (is_digit(word[0]) || (word[0] == '-' && word.size() > 1))
    return word.back() == 'Z' ? magenta : yellow;
  return {};
}

/// The colour of text that begins with a bracket, such as [Function: f].
std::string_view bracket_colour(std::string_view text) {
  constexpr std::array<std::string_view, 4> functions{"[Function",
                                                      "[AsyncFunction",
                                                      "[class ", "[Generator"};
  const auto begins = [text](std::string_view with) {
    return text.substr(0, with.size()) == with;
  };
  if (std::any_of(functions.begin(), functions.end(), begins)
      || begins("[Circular") || begins("[Getter") || begins("[Setter")
      || begins("[Object") || begins("[Array"))
    return cyan;
  return {};
}

} // namespace

std::string shown_value(std::string_view type, std::string_view preview) {
  if (type != "string")
    return std::string{preview};
  const auto has
    = [preview](char c) { return preview.find(c) != std::string_view::npos; };
  const char quote = !has('\'')  ? '\''
                     : !has('"') ? '"'
                     : !has('`') ? '`'
                                 : '\'';
  std::string escaped;
  for (const char c : preview) {
    if (c == '\\' || c == quote)
      escaped += '\\';
    escaped += c;
  }
  return quote + printable(escaped) + quote;
}

std::string coloured_value(std::string_view text) {
  std::string result;
  for (std::size_t i = 0; i < text.size();) {
    const char c = text[i];
    auto end = i + 1;
    std::string_view colour;
    if (c == '\'' || c == '"' || c == '`') {
      end = string_end(text, i);
      colour = green;
    } else if (c == '[') {
      colour = bracket_colour(text.substr(i));
      if (!colour.empty())
        end = std::min(text.find(']', i), text.size() - 1) + 1;
    } else if (text.substr(i, 7) == "Symbol(") {
      end = std::min(text.find(')', i), text.size() - 1) + 1;
      colour = green;
    } else if (is_word(c)
               || (c == '-' && end < text.size() && is_digit(text[end]))) {
      end = word_end(text, i);
      const bool is_key = end < text.size() && text[end] == ':';
      if (!is_key)
        colour = colour_of(text.substr(i, end - i));
    }
    const auto piece = text.substr(i, end - i);
    if (colour.empty())
      result += piece;
    else
      result += in_colour(colour, piece);
    i = end;
  }
  return result;
}

std::string coloured_error(std::string_view text) {
  return in_colour(red, text);
}

std::string dimmed(std::string_view text) {
  return in_colour(grey, text);
}

} // namespace vmsystem
