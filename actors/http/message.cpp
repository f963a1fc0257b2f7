#include "vmsystem/actors/http/message.hpp"

#include "vmsystem/models/ids.hpp"

#include <array>
#include <charconv>
#include <ctime>

namespace vmsystem::http {

namespace {

constexpr std::array<std::string_view, 6> method_names{"GET",    "HEAD",
                                                       "POST",   "PUT",
                                                       "DELETE", "OPTIONS"};

struct status_row {
  uint16_t status;
  std::string_view line;
};

constexpr std::array status_lines{
  status_row{200, "HTTP/1.1 200 OK\r\n"},
  status_row{201, "HTTP/1.1 201 Created\r\n"},
  status_row{202, "HTTP/1.1 202 Accepted\r\n"},
  status_row{204, "HTTP/1.1 204 No Content\r\n"},
  status_row{400, "HTTP/1.1 400 Bad Request\r\n"},
  status_row{401, "HTTP/1.1 401 Unauthorized\r\n"},
  status_row{403, "HTTP/1.1 403 Forbidden\r\n"},
  status_row{404, "HTTP/1.1 404 Not Found\r\n"},
  status_row{405, "HTTP/1.1 405 Method Not Allowed\r\n"},
  status_row{408, "HTTP/1.1 408 Request Timeout\r\n"},
  status_row{409, "HTTP/1.1 409 Conflict\r\n"},
  status_row{413, "HTTP/1.1 413 Content Too Large\r\n"},
  status_row{414, "HTTP/1.1 414 URI Too Long\r\n"},
  status_row{417, "HTTP/1.1 417 Expectation Failed\r\n"},
  status_row{422, "HTTP/1.1 422 Unprocessable Content\r\n"},
  status_row{429, "HTTP/1.1 429 Too Many Requests\r\n"},
  status_row{431, "HTTP/1.1 431 Request Header Fields Too Large\r\n"},
  status_row{500, "HTTP/1.1 500 Internal Server Error\r\n"},
  status_row{503, "HTTP/1.1 503 Service Unavailable\r\n"},
};

void append_status_line(std::string& out, uint16_t status) {
  for (const auto& row : status_lines) {
    if (row.status == status) {
      out += row.line;
      return;
    }
  }
  out += "HTTP/1.1 ";
  out += std::to_string(status);
  out += " \r\n";
}

void append_number(std::string& out, std::size_t number, int base) {
  std::array<char, 20> digits;
  const auto end
    = std::to_chars(digits.data(), digits.data() + digits.size(), number, base)
        .ptr;
  out.append(digits.data(), end);
}

/// Appends all lines of the header behind those of the body's framing.
void append_common_lines(std::string& out, const response& x,
                         const response_frame& frame) {
  if (!frame.date.empty()) {
    out += "Date: ";
    out += frame.date;
    out += "\r\n";
  }
  out += "X-Request-Id: ";
  if (frame.request_id.empty())
    raw_id::generate().append_to(out);
  else
    out += frame.request_id;
  out += "\r\n";
  out += x.headers;
  out += frame.headers;
  if (frame.close)
    out += "Connection: close\r\n";
  else if (frame.announce_keep_alive)
    out += "Connection: keep-alive\r\n";
  out += "\r\n";
}

void append_content_type(std::string& out, const response& x) {
  out += "Content-Type: ";
  out += x.content_type;
  out += "\r\n";
}

} // namespace

std::string_view name_of(method x) noexcept {
  const auto index = static_cast<std::size_t>(x);
  return index < method_names.size() ? method_names[index] : "?";
}

method method_of(std::string_view name) noexcept {
  for (std::size_t i = 0; i < method_names.size(); ++i)
    if (method_names[i] == name)
      return static_cast<method>(i);
  return method::other;
}

void append_response(std::string& out, const response& x,
                     const response_frame& frame) {
  const bool has_body = x.status != 204;
  append_status_line(out, x.status);
  if (has_body) {
    append_content_type(out, x);
    out += "Content-Length: ";
    append_number(out, x.body.size(), 10);
    out += "\r\n";
  }
  append_common_lines(out, x, frame);
  if (has_body && !frame.head_only)
    out += x.body;
}

void append_stream_head(std::string& out, const response& x,
                        const response_frame& frame, bool chunked) {
  append_status_line(out, x.status);
  append_content_type(out, x);
  if (chunked)
    out += "Transfer-Encoding: chunked\r\n";
  append_common_lines(out, x, frame);
}

void append_chunk(std::string& out, std::string_view data) {
  append_number(out, data.size(), 16);
  out += "\r\n";
  out += data;
  out += "\r\n";
}

std::string http_date() {
  const std::time_t now = std::time(nullptr);
  std::tm parts{};
  gmtime_r(&now, &parts);
  std::array<char, 40> text;
  // The names of days and months are English whatever the locale: the process
  // never leaves the "C" locale.
  const auto size = std::strftime(text.data(), text.size(),
                                  "%a, %d %b %Y %H:%M:%S GMT", &parts);
  return std::string{text.data(), size};
}

} // namespace vmsystem::http
