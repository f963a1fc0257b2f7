#include "vmsystem/actors/http/reader.hpp"

#include "vmsystem/actors/http/grammar.hpp"

#include <boost/beast/http/basic_parser.hpp>

#include <algorithm>
#include <charconv>

namespace vmsystem::http {

namespace {

namespace beast = boost::beast;

/// Bytes of a request line beside its target.
constexpr std::size_t request_line_slack = 64;

/// Empty lines that may stand before a request.
constexpr uint32_t max_empty_lines = 4;

/// A body above this gives its memory back when it was answered.
constexpr std::size_t kept_body_bytes = 64 * 1024;

std::string_view view(beast::string_view text) noexcept {
  return {text.data(), text.size()};
}

/// Beast's grammar of the request line and the fields. Bodies are framed by
/// `request_reader`, which is stricter and needs no copy.
class header_parser final : public beast::http::basic_parser<true> {
public:
  header_parser() {
    skip(true);
    header_limit(UINT32_MAX);
  }

  std::string_view method_name;
  std::string_view target;
  int version = 11;
  std::string_view host;
  std::string_view content_length;
  std::string_view transfer_encoding;
  std::string_view expect;
  std::string_view request_id;
  std::string_view content_type;
  std::string_view last_event_id;
  std::string_view origin;
  std::string_view authorization;
  std::string accept;
  std::string prefer;
  std::string idempotency_key;
  uint32_t hosts = 0;
  uint32_t content_lengths = 0;
  uint32_t transfer_encodings = 0;

private:
  using error_code = beast::error_code;
  using length = boost::optional<std::uint64_t>;

  void on_request_impl(beast::http::verb, beast::string_view method,
                       beast::string_view target_text, int number,
                       error_code&) override {
    method_name = view(method);
    target = view(target_text);
    version = number;
  }
  void on_field_impl(beast::http::field name, beast::string_view name_text,
                     beast::string_view value, error_code&) override {
    switch (name) {
      case beast::http::field::host:
        host = view(value);
        ++hosts;
        break;
      case beast::http::field::content_length:
        content_length = view(value);
        ++content_lengths;
        break;
      case beast::http::field::transfer_encoding:
        transfer_encoding = view(value);
        ++transfer_encodings;
        break;
      case beast::http::field::expect:
        expect = view(value);
        break;
      case beast::http::field::accept:
        join(accept, view(value));
        break;
      case beast::http::field::prefer:
        join(prefer, view(value));
        break;
      case beast::http::field::content_type:
        content_type = view(value);
        break;
      case beast::http::field::origin:
        origin = view(value);
        break;
      case beast::http::field::authorization:
        authorization = view(value);
        break;
      case beast::http::field::unknown:
        on_other_field(view(name_text), view(value));
        break;
      default:
        break;
    }
  }
  void on_other_field(std::string_view name, std::string_view value) {
    if (equals_any_case(name, "x-request-id"))
      request_id = value;
    else if (equals_any_case(name, "idempotency-key"))
      join(idempotency_key, value);
    else if (equals_any_case(name, "last-event-id"))
      last_event_id = value;
  }
  /// Adds a field's value to those of the same name.
  static void join(std::string& to, std::string_view value) {
    if (!to.empty())
      to += ", ";
    to += value;
  }
  void on_response_impl(int, beast::string_view, int, error_code&) override {}
  void on_header_impl(error_code&) override {}
  void on_body_init_impl(const length&, error_code&) override {}
  std::size_t on_body_impl(beast::string_view body, error_code&) override {
    return body.size();
  }
  void on_chunk_header_impl(std::uint64_t, beast::string_view,
                            error_code&) override {}
  std::size_t on_chunk_body_impl(std::uint64_t, beast::string_view body,
                                 error_code&) override {
    return body.size();
  }
  void on_finish_impl(error_code&) override {}
};

} // namespace

request request_reader::current() const noexcept {
  request result;
  result.verb = verb_;
  result.target = target_;
  result.http11 = http11_;
  result.keep_alive = keep_alive_;
  result.host = host_;
  result.origin = origin_;
  result.authorization = authorization_;
  result.request_id = request_id_;
  result.accept = accept_;
  result.content_type = content_type_;
  result.prefer = prefer_;
  result.idempotency_key = idempotency_key_;
  result.last_event_id = last_event_id_;
  result.body = body_;
  result.in_pieces = in_pieces_;
  return result;
}

void request_reader::next() {
  part_ = part::header;
  line_begin_ = 0;
  searched_ = 0;
  header_begin_ = 0;
  fields_begin_ = 0;
  lines_ = 0;
  empty_lines_ = 0;
  wants_continue_ = false;
  in_pieces_ = false;
  body_ = {};
  pieces_.clear();
  if (pieces_.capacity() > kept_body_bytes)
    pieces_.shrink_to_fit();
}

request_reader::outcome request_reader::fail_with(uint16_t status, ec code,
                                                  std::string message) {
  error_.status = status;
  error_.reason = fail(code, std::move(message));
  return outcome::failed;
}

request_reader::outcome request_reader::read(std::string_view& input) {
  if (part_ == part::header) {
    const auto header = read_header(input);
    if (header != outcome::complete)
      return header;
    part_ = part::body;
    if (chunked_ || left_in_body_ > 0)
      return outcome::header;
  }
  if (in_pieces_)
    return read_piece(input);
  return chunked_ ? read_chunked_body(input) : read_sized_body(input);
}

request_reader::outcome request_reader::take_whole() {
  if (left_in_body_ > limits_->max_body_bytes)
    return body_too_large();
  if (chunked_)
    chunks_.reset(limits_->max_body_bytes);
  return outcome::need_more;
}

void request_reader::take_pieces() noexcept {
  in_pieces_ = true;
  chunks_.reset(UINT64_MAX);
}

request_reader::outcome request_reader::body_too_large() {
  return fail_with(413, ec::payload_too_large,
                   "the body is larger than "
                     + std::to_string(limits_->max_body_bytes) + " bytes");
}

// Lines are checked as they arrive, so that no malformed one has to wait for
// the end of a header that never comes.
request_reader::outcome request_reader::read_header(std::string_view& input) {
  for (;;) {
    const auto rest = input.substr(line_begin_);
    const auto end = rest.find('\n', searched_);
    const bool found = end != std::string_view::npos;
    const auto line = rest.substr(0, found ? end + 1 : rest.size());
    if (const auto checked = check_line(line); checked == outcome::failed)
      return checked;
    if (!found) {
      searched_ = rest.size();
      return outcome::need_more;
    }
    line_begin_ += line.size();
    searched_ = 0;
    const bool is_empty = line.size() == 2;
    if (is_empty && lines_ == 0) {
      header_begin_ = line_begin_;
      if (++empty_lines_ > max_empty_lines)
        return fail_with(400, ec::invalid_request,
                         "empty lines stand where a request begins");
      continue;
    }
    if (is_empty) {
      const auto header
        = input.substr(header_begin_, line_begin_ - header_begin_);
      input.remove_prefix(line_begin_);
      return parse_header(header);
    }
    if (++lines_ == 1)
      fields_begin_ = line_begin_;
  }
}

request_reader::outcome request_reader::check_line(std::string_view line) {
  const bool whole = !line.empty() && line.back() == '\n';
  const bool first = lines_ == 0;
  if (first) {
    if (line.size() > limits_->max_target_bytes + request_line_slack)
      return fail_with(414, ec::uri_too_long,
                       "the request target is longer than "
                         + std::to_string(limits_->max_target_bytes)
                         + " bytes");
  } else {
    if (line_begin_ - fields_begin_ + line.size() > limits_->max_header_bytes)
      return fail_with(431, ec::headers_too_large,
                       "the headers have more than "
                         + std::to_string(limits_->max_header_bytes)
                         + " bytes");
    if (line.size() > 2 && lines_ > limits_->max_fields)
      return fail_with(431, ec::headers_too_large,
                       "there are more than "
                         + std::to_string(limits_->max_fields)
                         + " header fields");
  }
  const auto cr = line.find('\r', searched_ == 0 ? 0 : searched_ - 1);
  const bool at_end
    = cr != std::string_view::npos && cr + (whole ? 2 : 1) == line.size();
  if (cr == std::string_view::npos ? whole : !at_end)
    return fail_with(400, ec::invalid_request,
                     "a line of the header does not end with CR LF");
  if (!whole || line.size() == 2)
    return outcome::need_more;
  if (first) {
    const auto version = line.substr(line.size() < 11 ? 0 : line.size() - 11);
    if (version != " HTTP/1.1\r\n" && version != " HTTP/1.0\r\n")
      return fail_with(400, ec::invalid_request,
                       "the request line does not end with HTTP/1.1 or 1.0");
    return outcome::need_more;
  }
  if (!is_field_line(line.substr(0, cr)))
    return fail_with(400, ec::invalid_request,
                     "a line of the header is not `name: value`");
  return outcome::need_more;
}

request_reader::outcome request_reader::parse_header(std::string_view header) {
  header_parser parser;
  beast::error_code error;
  parser.put(boost::asio::const_buffer{header.data(), header.size()}, error);
  const auto refuse = [this](std::string message) {
    return fail_with(400, ec::invalid_request, std::move(message));
  };
  if (parser.target.size() > limits_->max_target_bytes)
    return fail_with(414, ec::uri_too_long,
                     "the request target is longer than "
                       + std::to_string(limits_->max_target_bytes) + " bytes");
  if (parser.content_lengths > 0 && parser.transfer_encodings > 0)
    return refuse("Content-Length and Transfer-Encoding exclude each other");
  if (error == beast::http::error::bad_content_length
      || parser.content_lengths > 1)
    return refuse("Content-Length is not one decimal number");
  if (error == beast::http::error::bad_transfer_encoding
      || parser.transfer_encodings > 1)
    return refuse("Transfer-Encoding stands more than once");
  if (error)
    return refuse("the header is malformed: " + error.message());

  http11_ = parser.version == 11;
  if (parser.hosts > 1 || (http11_ && parser.hosts == 0)
      || !is_host(parser.host))
    return refuse("exactly one valid Host is needed");

  chunked_ = parser.transfer_encodings == 1;
  if (chunked_
      && (!http11_ || !equals_any_case(parser.transfer_encoding, "chunked")))
    return refuse("Transfer-Encoding can only be `chunked`, and only in 1.1");

  left_in_body_ = 0;
  if (parser.content_lengths == 1) {
    const auto text = parser.content_length;
    const auto* const last = text.data() + text.size();
    const auto [end, bad] = std::from_chars(text.data(), last, left_in_body_);
    if (bad != std::errc{} || end != last || text.front() == '-')
      return refuse("Content-Length is not one decimal number");
  }
  if (http11_ && !parser.expect.empty()) {
    if (!equals_any_case(parser.expect, "100-continue"))
      return fail_with(417, ec::invalid_request,
                       "the only expectation that can be met is "
                       "`100-continue`");
    wants_continue_ = chunked_ || left_in_body_ > 0;
  }
  keep_alive_ = parser.keep_alive();
  verb_ = method_of(parser.method_name);
  target_ = parser.target;
  host_ = parser.host;
  origin_ = parser.origin;
  authorization_ = parser.authorization;
  request_id_.clear();
  if (is_request_id(parser.request_id))
    request_id_ = parser.request_id;
  accept_ = parser.accept;
  content_type_ = parser.content_type;
  prefer_ = parser.prefer;
  idempotency_key_ = parser.idempotency_key;
  last_event_id_ = parser.last_event_id;
  return outcome::complete;
}

request_reader::outcome
request_reader::read_sized_body(std::string_view& input) {
  const auto size
    = static_cast<std::size_t>(std::min<uint64_t>(left_in_body_, input.size()));
  if (size > 0)
    wants_continue_ = false;
  const auto piece = input.substr(0, size);
  input.remove_prefix(size);
  left_in_body_ -= size;
  if (left_in_body_ == 0 && pieces_.empty() && !in_pieces_) {
    body_ = piece;
    return outcome::complete;
  }
  pieces_.append(piece);
  if (!in_pieces_)
    body_ = pieces_;
  return left_in_body_ == 0 ? outcome::complete : outcome::need_more;
}

request_reader::outcome
request_reader::read_chunked_body(std::string_view& input) {
  if (!input.empty())
    wants_continue_ = false;
  switch (chunks_.decode(input, pieces_)) {
    case chunk_decoder::outcome::done:
      if (!in_pieces_)
        body_ = pieces_;
      return outcome::complete;
    case chunk_decoder::outcome::need_more:
      return outcome::need_more;
    case chunk_decoder::outcome::too_large:
      return body_too_large();
    case chunk_decoder::outcome::trailers_too_large:
      return fail_with(431, ec::headers_too_large,
                       "the trailers are too large");
    default:
      return fail_with(400, ec::invalid_request,
                       "the body is not in the chunked coding");
  }
}

// The coding is never shorter than the data, so that a part of the input that
// fits into the piece cannot overfill it.
request_reader::outcome request_reader::read_piece(std::string_view& input) {
  const auto room = limits_->max_piece_bytes - piece_bytes();
  auto fitting = input.substr(0, room);
  const auto offered = fitting.size();
  const auto result
    = chunked_ ? read_chunked_body(fitting) : read_sized_body(fitting);
  input.remove_prefix(offered - fitting.size());
  return result;
}

} // namespace vmsystem::http
