// A stream of requests means the same in whatever pieces it comes, and whether
// bodies are taken whole or in pieces.

#include "vmsystem/actors/http/reader.hpp"
#include "vmsystem/tests/fuzz/require.hpp"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

using namespace vmsystem;
using outcome = http::request_reader::outcome;

namespace {

enum class bodies : bool { whole, in_pieces };

/// Gives bytes to a reader and writes down what it makes of them.
class reading {
public:
  explicit reading(bodies how) : how_{how} {
    limits_.max_target_bytes = 64;
    limits_.max_fields = 8;
    limits_.max_header_bytes = 256;
    limits_.max_body_bytes = 64;
    limits_.max_piece_bytes = 16;
  }

  void add(std::string_view piece) {
    waiting_ += piece;
    std::string_view input{waiting_};
    while (!failed_ && step(input)) {}
    waiting_.erase(0, waiting_.size() - input.size());
  }

  [[nodiscard]] const std::string& said() const noexcept {
    return said_;
  }

private:
  /// @returns whether there may be more to do with the same bytes.
  bool step(std::string_view& input) {
    const auto before = input.size();
    auto result = reader_.read(input);
    fuzz::require(input.size() <= before, "a reader only takes from the front");
    const bool at_body = result == outcome::header;
    if (at_body && how_ == bodies::whole) {
      result = reader_.take_whole();
    } else if (at_body) {
      reader_.take_pieces();
      result = outcome::need_more;
    }
    if (how_ == bodies::in_pieces)
      body_ += reader_.take_piece();
    switch (result) {
      case outcome::failed:
        // Which of several faults comes first may depend on the pieces.
        fuzz::require(reader_.error().status >= 400, "a failure has a status");
        failed_ = true;
        say("failed");
        return false;
      case outcome::complete:
        say_request();
        reader_.next();
        body_.clear();
        return true;
      default:
        return at_body || input.size() < before;
    }
  }

  void say_request() {
    const auto x = reader_.current();
    say(x.target);
    for (const auto part :
         {x.host, x.origin, x.authorization, x.request_id, x.accept,
          x.content_type, x.prefer, x.idempotency_key, x.last_event_id})
      say(part);
    say(std::to_string(static_cast<int>(x.verb)) + (x.http11 ? "1" : "0")
        + (x.keep_alive ? "k" : "c"));
    if (how_ == bodies::whole)
      fuzz::require(x.body.size() <= limits_.max_body_bytes,
                    "a body keeps its limit");
    say(how_ == bodies::whole ? x.body : std::string_view{body_});
  }

  void say(std::string_view text) {
    said_ += text;
    said_ += '\0';
  }

  bodies how_;
  http::reader_limits limits_;
  http::request_reader reader_{limits_};
  std::string waiting_;
  std::string body_;
  std::string said_;
  bool failed_ = false;
};

std::string read_at_once(std::string_view bytes, bodies how) {
  reading all{how};
  all.add(bytes);
  return all.said();
}

std::string read_cut(std::string_view bytes, std::size_t piece, bodies how) {
  reading all{how};
  for (; !bytes.empty(); bytes.remove_prefix(std::min(piece, bytes.size())))
    all.add(bytes.substr(0, piece));
  return all.said();
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, std::size_t size) {
  if (size == 0)
    return 0;
  const std::size_t piece = 1 + data[0] % 32;
  const std::string_view bytes{reinterpret_cast<const char*>(data) + 1,
                               size - 1};
  for (const auto how : {bodies::whole, bodies::in_pieces})
    fuzz::require(read_at_once(bytes, how) == read_cut(bytes, piece, how),
                  "pieces change nothing");
  return 0;
}
