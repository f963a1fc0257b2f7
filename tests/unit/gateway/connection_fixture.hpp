#pragma once

#include "vmsystem/actors/http/connection.hpp"

#include <chrono>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace vmsystem {

inline const std::string get = "GET / HTTP/1.1\r\nHost: x\r\n\r\n";

/// A client and a server that answers at once, or when it is told to.
struct connection_fixture : http::request_sink {
  http::connection_context context;
  http::time_point now{std::chrono::hours{1}};
  std::optional<http::connection> wire;
  bool hold = false;
  std::vector<uint64_t> requests;
  std::vector<std::string> bodies;
  std::vector<std::string> ids;

  /// Whether bodies are taken in pieces, and whether the next one is asked for
  /// when one has come.
  bool in_pieces = false;
  bool wants_pieces = true;
  /// What came in pieces, and how large they were.
  std::string streamed;
  std::vector<std::size_t> pieces;
  int ends = 0;
  std::vector<http::read_failure> broken;
  int rooms = 0;
  /// The statuses of answers to what could not be read.
  std::vector<uint16_t> malformed;

  connection_fixture() {
    connect();
  }

  void connect() {
    requests.clear();
    wire.emplace(context, 1, now);
  }

  void on_request(http::connection& from, uint64_t number,
                  const http::request& x) override {
    requests.push_back(number);
    bodies.emplace_back(x.body);
    ids.emplace_back(x.request_id);
    if (x.in_pieces && wants_pieces)
      from.want_piece(number, now, *this);
    else if (!x.in_pieces && !hold)
      from.answer(number, http::response{}, now, *this);
  }

  bool takes_pieces(const http::request& x) override {
    return in_pieces && x.target == "/stream";
  }

  void on_piece(http::connection& from, uint64_t number, std::string piece,
                bool last) override {
    streamed += piece;
    pieces.push_back(piece.size());
    ends += last ? 1 : 0;
    if (!last && wants_pieces)
      from.want_piece(number, now, *this);
    if (last && !hold)
      from.answer(number, http::response{}, now, *this);
  }

  void on_broken_body(http::connection& from, uint64_t number,
                      const http::read_failure& reason) override {
    broken.push_back(reason);
    http::response x;
    x.status = reason.status;
    from.answer(number, x, now, *this);
  }

  void on_room(http::connection&, uint64_t) override {
    ++rooms;
  }

  void on_malformed(uint16_t status) override {
    malformed.push_back(status);
  }

  void send(std::string_view bytes) {
    wire->receive(bytes, now, *this);
  }

  void answer(uint64_t number, std::string_view body = "{}") {
    http::response x;
    x.body = body;
    wire->answer(number, x, now, *this);
  }

  /// Takes everything that the server sends, as a fast client does.
  std::string take() {
    std::string result{wire->output()};
    wire->sent(result.size(), now, *this);
    if (wire->wants_shutdown())
      wire->shutdown_done(now);
    return result;
  }

  std::vector<uint64_t> pass(std::chrono::milliseconds time) {
    std::vector<uint64_t> overdue;
    now += time;
    wire->tick(now, overdue, *this);
    return overdue;
  }
};

/// How often `part` stands in `text`.
inline std::size_t count(const std::string& text, const std::string& part) {
  std::size_t result = 0;
  for (auto at = text.find(part); at != std::string::npos;
       at = text.find(part, at + part.size()))
    ++result;
  return result;
}

} // namespace vmsystem
