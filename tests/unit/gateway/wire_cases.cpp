#include "wire_cases.hpp"

namespace vmsystem {

namespace {

/// A GET with these header lines, each with its line end.
std::string get(const std::string& lines) {
  return "GET /api/v1/health HTTP/1.1\r\n" + lines + "\r\n";
}

/// A GET with a host, these header lines and this body.
std::string with_body(const std::string& lines, const std::string& body) {
  return get("Host: localhost\r\n" + lines) + body;
}

std::string chunked(const std::string& body) {
  return with_body("Transfer-Encoding: chunked\r\n", body);
}

/// A GET of this target.
std::string target(const std::string& text) {
  return "GET " + text + " HTTP/1.1\r\nHost: localhost\r\n\r\n";
}

std::string fields(int count) {
  std::string result = "Host: localhost\r\n";
  for (int i = 1; i < count; ++i)
    result += "X-" + std::to_string(i) + ": y\r\n";
  return result;
}

const std::string good = get("Host: localhost\r\n");

std::vector<wire_case> make_cases() {
  using namespace std::string_literals;
  return {
    // Valid ones.
    {"a plain request", good, "200 open"},
    {"three in one piece", good + good + good, "200 200 200 open"},
    {"a body that nobody wants", with_body("Content-Length: 3\r\n", "abc"),
     "200 open"},
    {"a body and a further request",
     with_body("Content-Length: 3\r\n", "abc") + good, "200 200 open"},
    {"an empty body", with_body("Content-Length: 0\r\n", ""), "200 open"},
    {"Content-Length with zeros in front",
     with_body("Content-Length: 0003\r\n", "abc"), "200 open"},
    {"empty lines before the request", "\r\n\r\n" + good, "200 open"},
    {"a value with bytes beyond ASCII",
     get("Host: localhost\r\nA: \xc3\xa4\r\n"), "200 open"},
    {"white space around a value", get("Host: \t localhost \t\r\n"),
     "200 open"},
    {"a port in Host", get("Host: [::1]:3210\r\n"), "200 open"},
    {"absolute-form", target("http://other/api/v1/health"), "200 open"},
    {"Connection: close", get("Host: localhost\r\nConnection: close\r\n"),
     "200 close"},
    {"Connection: close among others",
     get("Host: localhost\r\nConnection: foo, Close\r\n") + good, "200 close"},
    {"HTTP/1.0", "GET /api/v1/health HTTP/1.0\r\n\r\n", "200 close"},
    {"HTTP/1.0 that stays",
     "GET /api/v1/health HTTP/1.0\r\nConnection: keep-alive\r\n\r\n",
     "200 open"},
    {"100 fields", get(fields(100)), "200 open"},
    {"a request to upgrade is ignored",
     get("Host: localhost\r\nConnection: Upgrade\r\nUpgrade: h2c\r\n"),
     "200 open"},

    // The chunked coding.
    {"chunks", chunked("3\r\nabc\r\n0\r\n\r\n"), "200 open"},
    {"no data", chunked("0\r\n\r\n"), "200 open"},
    {"chunks and a further request", chunked("3\r\nabc\r\n0\r\n\r\n") + good,
     "200 200 open"},
    {"chunk extensions", chunked("3;a=b;c\r\nabc\r\n0;d\r\n\r\n"), "200 open"},
    {"trailers", chunked("0\r\nA: b\r\nC: d\r\n\r\n"), "200 open"},
    {"a Content-Length among the trailers",
     chunked("0\r\nContent-Length: 5\r\n\r\n") + good, "200 200 open"},
    {"an upper-case size", chunked("A\r\n0123456789\r\n0\r\n\r\n"), "200 open"},
    {"Transfer-Encoding in another case",
     with_body("transfer-encoding: Chunked\r\n", "0\r\n\r\n"), "200 open"},
    {"a chunk size that overflows", chunked("10000000000000000\r\n"),
     "413 close"},
    {"a chunk size above the limit", chunked("7fffffffffffffff\r\n"),
     "413 close"},
    {"a negative chunk size", chunked("-3\r\nabc\r\n"), "400 close"},
    {"a chunk size with a plus", chunked("+3\r\nabc\r\n"), "400 close"},
    {"a chunk size with 0x", chunked("0x3\r\nabc\r\n"), "400 close"},
    {"a chunk size with a space", chunked("3 \r\nabc\r\n"), "400 close"},
    {"a chunk size that is not hexadecimal", chunked("g\r\n"), "400 close"},
    {"an empty chunk size", chunked("\r\nabc\r\n"), "400 close"},
    {"a chunk size that ends with LF", chunked("3\nabc\r\n"), "400 close"},
    {"CR in a chunk extension", chunked("3;a\rb\r\nabc\r\n"), "400 close"},
    {"a chunk extension without end", chunked("3;" + std::string(2000, 'a')),
     "400 close"},
    {"data longer than its chunk", chunked("3\r\nabcd\r\n0\r\n\r\n"),
     "400 close"},
    {"a chunk that ends with LF", chunked("3\r\nabc\n0\r\n\r\n"), "400 close"},
    {"a trailer that is none", chunked("0\r\nabc\r\n\r\n"), "400 close"},
    {"trailers without end", chunked("0\r\nA: " + std::string(10000, 'b')),
     "431 close"},
    {"many trailers", chunked("0\r\n" + fields(2000) + "\r\n"), "431 close"},

    // Lengths.
    {"two Content-Length",
     with_body("Content-Length: 3\r\nContent-Length: 4\r\n", "abcd"),
     "400 close"},
    {"the same Content-Length twice",
     with_body("Content-Length: 3\r\nContent-Length: 3\r\n", "abc"),
     "400 close"},
    {"a list as Content-Length", with_body("Content-Length: 3, 3\r\n", "abc"),
     "400 close"},
    {"a negative Content-Length", with_body("Content-Length: -1\r\n", ""),
     "400 close"},
    {"Content-Length with a plus", with_body("Content-Length: +5\r\n", "abcde"),
     "400 close"},
    {"an empty Content-Length", with_body("Content-Length: \r\n", ""),
     "400 close"},
    {"a hexadecimal Content-Length", with_body("Content-Length: 0x3\r\n", ""),
     "400 close"},
    {"Content-Length with a space inside",
     with_body("Content-Length: 1 2\r\n", ""), "400 close"},
    {"a Content-Length above the limit",
     with_body("Content-Length: 8388609\r\n", ""), "413 close"},
    {"a Content-Length that overflows",
     with_body("Content-Length: 99999999999999999999\r\n", ""), "400 close"},
    {"Content-Length and Transfer-Encoding",
     with_body("Content-Length: 3\r\nTransfer-Encoding: chunked\r\n",
               "0\r\n\r\n"),
     "400 close"},
    {"Transfer-Encoding and Content-Length",
     with_body("Transfer-Encoding: chunked\r\nContent-Length: 3\r\n",
               "0\r\n\r\n"),
     "400 close"},
    {"two Transfer-Encoding",
     with_body("Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n",
               "0\r\n\r\n"),
     "400 close"},
    {"Transfer-Encoding: identity",
     with_body("Transfer-Encoding: identity\r\n", ""), "400 close"},
    {"Transfer-Encoding: xchunked",
     with_body("Transfer-Encoding: xchunked\r\n", "0\r\n\r\n"), "400 close"},
    {"Transfer-Encoding: chunked, identity",
     with_body("Transfer-Encoding: chunked, identity\r\n", "0\r\n\r\n"),
     "400 close"},
    {"Transfer-Encoding: gzip, chunked",
     with_body("Transfer-Encoding: gzip, chunked\r\n", "0\r\n\r\n"),
     "400 close"},
    {"Transfer-Encoding: chunked, chunked",
     with_body("Transfer-Encoding: chunked, chunked\r\n", "0\r\n\r\n"),
     "400 close"},
    {"an empty Transfer-Encoding", with_body("Transfer-Encoding:\r\n", ""),
     "400 close"},
    {"Transfer-Encoding in HTTP/1.0",
     "GET /api/v1/health HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n"
     "0\r\n\r\n",
     "400 close"},

    // Lines.
    {"lines that end with LF",
     "GET /api/v1/health HTTP/1.1\nHost: localhost\n\n", "400 close"},
    {"one field that ends with LF", get("Host: localhost\nA: b\r\n"),
     "400 close"},
    {"the last line ends with LF",
     "GET /api/v1/health HTTP/1.1\r\nHost: localhost\r\n\n", "400 close"},
    {"lines that end with CR",
     "GET /api/v1/health HTTP/1.1\rHost: localhost\r\r", "400 close"},
    {"CR in a value", get("Host: localhost\r\nA: b\rc\r\n"), "400 close"},
    {"CR CR LF", get("Host: localhost\r\r\n"), "400 close"},
    {"a folded value", get("Host: localhost\r\nA: b\r\n c\r\n"), "400 close"},
    {"a folded first line", get(" Host: localhost\r\n"), "400 close"},
    {"a space before the colon", get("Host: localhost\r\nA : b\r\n"),
     "400 close"},
    {"a tab before the colon", get("Host: localhost\r\nA\t: b\r\n"),
     "400 close"},
    {"a field without colon", get("Host: localhost\r\nA\r\n"), "400 close"},
    {"a field without name", get("Host: localhost\r\n: b\r\n"), "400 close"},
    {"NUL in a name", get("Host: localhost\r\nA\0B: c\r\n"s), "400 close"},
    {"NUL in a value", get("Host: localhost\r\nA: \0\r\n"s), "400 close"},
    {"an escape character in a value", get("Host: localhost\r\nA: \x1b\r\n"),
     "400 close"},
    {"a name beyond ASCII", get("Host: localhost\r\n\xc3\xa4: b\r\n"),
     "400 close"},
    {"a name with a bracket", get("Host: localhost\r\nA(B): c\r\n"),
     "400 close"},
    {"empty lines without end", "\r\n\r\n\r\n\r\n\r\n\r\n", "400 close"},
    {"NUL bytes", std::string(64, '\0') + "\r\n", "400 close"},
    {"a TLS client hello", "\x16\x03\x01\x02\x00\x01\x00\n"s, "400 close"},

    // The request line.
    {"a path with a space", target("/api/v1/hea lth"), "400 close"},
    {"two spaces", "GET  /api/v1/health HTTP/1.1\r\nHost: localhost\r\n\r\n",
     "400 close"},
    {"a space in front",
     " GET /api/v1/health HTTP/1.1\r\nHost: localhost\r\n\r\n", "400 close"},
    {"a space behind",
     "GET /api/v1/health HTTP/1.1 \r\nHost: localhost\r\n\r\n", "400 close"},
    {"no target", "GET HTTP/1.1\r\nHost: localhost\r\n\r\n", "400 close"},
    {"NUL in the target", target("/api/v1/\0health"s), "400 close"},
    {"a method that is no token", "G@T /api/v1/health HTTP/1.1\r\n\r\n",
     "400 close"},
    {"HTTP/0.9", "GET /api/v1/health\r\n", "400 close"},
    {"HTTP/1.2", "GET /api/v1/health HTTP/1.2\r\nHost: localhost\r\n\r\n",
     "400 close"},
    {"HTTP/2.0", "GET /api/v1/health HTTP/2.0\r\nHost: localhost\r\n\r\n",
     "400 close"},
    {"http/1.1 in lower case",
     "GET /api/v1/health http/1.1\r\nHost: localhost\r\n\r\n", "400 close"},
    {"an HTTP/2 preface", "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", "400 close"},
    {"a URI of 64 KB", target("/" + std::string(65535, 'a')), "414 close"},
    {"a URI just too long", target("/" + std::string(8192, 'a')), "414 close"},
    {"a first line without end", std::string(70000, 'a'), "414 close"},

    // Hosts and fields.
    {"no Host", get(""), "400 close"},
    {"two Host", get("Host: localhost\r\nHost: localhost\r\n"), "400 close"},
    {"a Host with a path", get("Host: localhost/y\r\n"), "400 close"},
    {"a Host with two names", get("Host: localhost y\r\n"), "400 close"},
    {"101 fields", get(fields(101)), "431 close"},
    {"a field of 17 KB", get("A: " + std::string(17000, 'b') + "\r\n"),
     "431 close"},
    {"a field without end", "GET / HTTP/1.1\r\nA: " + std::string(17000, 'b'),
     "431 close"},
    {"a Connection that is no list",
     get("Host: localhost\r\nConnection: @\r\n"), "400 close"},

    // Expectations.
    {"an unknown expectation", get("Host: localhost\r\nExpect: magic\r\n"),
     "417 close"},
    {"100-continue with the body at hand",
     with_body("Expect: 100-continue\r\nContent-Length: 3\r\n", "abc"),
     "200 open"},
    {"100-continue without body",
     get("Host: localhost\r\nExpect: 100-continue\r\n"), "200 open"},
    {"100-continue with too large a body",
     with_body("Expect: 100-continue\r\nContent-Length: 8388609\r\n", ""),
     "413 close"},
    {"any expectation in HTTP/1.0",
     "GET /api/v1/health HTTP/1.0\r\nExpect: magic\r\n\r\n", "200 close"},

    // What is pipelined behind an error is not read.
    {"an error behind two requests", good + good + get(""),
     "200 200 400 close"},
    {"a request behind an error", get("") + good, "400 close"},
    {"a smuggled request",
     with_body("Content-Length: 3\r\nTransfer-Encoding: chunked\r\n",
               "0\r\n\r\n" + good),
     "400 close"},

    // Incomplete ones.
    {"nothing", "", "wait"},
    {"half a line", "GET /api/v1/hea", "wait"},
    {"half a header", "GET /api/v1/health HTTP/1.1\r\nHost: localhost\r\n",
     "wait"},
    {"half a line end", "GET /api/v1/health HTTP/1.1\r\nHost: localhost\r",
     "wait"},
    {"half a body", with_body("Content-Length: 3\r\n", "ab"), "wait"},
    {"half a chunk", chunked("3\r\nab"), "wait"},
    {"no last chunk", chunked("3\r\nabc\r\n"), "wait"},
    {"no end of the trailers", chunked("0\r\nA: b\r\n"), "wait"},
  };
}

} // namespace

const std::vector<wire_case>& wire_cases() {
  static const auto cases = make_cases();
  return cases;
}

} // namespace vmsystem
