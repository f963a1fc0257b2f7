// How long `access_list::find` takes for a token that is none of the server's,
// by how much of it is right: of the token itself, and of its digest, which is
// what the server compares. All tokens of the list share that much with the one
// that is sent, so that a comparison that stops early would show many times
// over. One that does stop early is measured in the same way beside it: it
// shows what the method can see.

#include "vmsystem/actors/http/access.hpp"

#include <algorithm>
#include <array>
#include <chrono>
#include <cstdio>
#include <functional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

using namespace vmsystem;
using namespace vmsystem::http;

namespace {

using clock_type = std::chrono::steady_clock;

constexpr std::array<std::size_t, 4> shared{0, 8, 32, 63};
constexpr int tokens = 256;
constexpr int rounds = 2000;
constexpr int lookups = 20;

/// As `token create` makes them, but known.
const std::string sent
  = "vmsys_00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff";

/// `text` with its first `size` characters, and others behind them, by `seed`.
std::string same_until(std::string text, std::size_t size, int seed) {
  constexpr std::string_view digits = "0123456789abcdef";
  for (auto i = size; i < text.size(); ++i) {
    const auto step = 1 + (static_cast<std::size_t>(seed) + i) % 15;
    const auto at = digits.find(text[i]);
    text[i] = digits[((at == std::string_view::npos ? 0 : at) + step) % 16];
  }
  return text;
}

access_list list_of(const std::function<std::string(int)>& digest) {
  std::string lines;
  for (int i = 0; i < tokens; ++i)
    lines += token_line({"t" + std::to_string(i), {}, digest(i)});
  return access_list::parse(lines).value();
}

/// Ends at the first difference, as it must not be.
const access_token* find_and_stop_early(const access_list& list,
                                        std::string_view text) {
  const auto digest = token_digest(text);
  for (const auto& token : list.tokens()) {
    std::size_t i = 0;
    while (i < digest.size() && digest[i] == token.sha256[i])
      ++i;
    if (i == digest.size())
      return &token;
  }
  return nullptr;
}

/// One way to look up, in a list that shares something with the token.
struct subject {
  access_list list;
  const access_token* (*find)(const access_list&, std::string_view);
  std::vector<double> ns;

  /// @returns whether nothing was found, which is right.
  bool measure() {
    bool none = true;
    const auto begin = clock_type::now();
    for (int i = 0; i < lookups; ++i)
      none = find(list, sent) == nullptr && none;
    const std::chrono::duration<double, std::nano> time
      = clock_type::now() - begin;
    ns.push_back(time.count() / lookups);
    return none;
  }

  double median() {
    const auto middle = ns.begin() + static_cast<std::ptrdiff_t>(ns.size() / 2);
    std::nth_element(ns.begin(), middle, ns.end());
    return *middle;
  }
};

const access_token* find(const access_list& list, std::string_view text) {
  return list.find(text);
}

/// What is compared, and how.
struct group {
  std::string_view name;
  std::array<subject, shared.size()> subjects;
};

template <class Digest>
group group_of(std::string_view name, decltype(&find) how, Digest digest) {
  group result{name, {}};
  for (std::size_t i = 0; i < shared.size(); ++i)
    result.subjects[i]
      = {list_of([&](int seed) { return digest(shared[i], seed); }), how, {}};
  return result;
}

} // namespace

int main() {
  const auto right = token_digest(sent);
  const auto by_digest
    = [&](std::size_t size, int seed) { return same_until(right, size, seed); };
  const auto by_token = [](std::size_t size, int seed) {
    return token_digest(same_until(sent, size, seed));
  };
  std::array groups{group_of("the digest", find, by_digest),
                    group_of("the token", find, by_token),
                    group_of("the digest, stopping early", find_and_stop_early,
                             by_digest)};
  // In turns, so that whatever else the machine does falls on all alike.
  bool right_answers = true;
  for (int round = 0; round < rounds; ++round)
    for (auto& x : groups)
      for (std::size_t i = 0; i < shared.size(); ++i)
        right_answers
          = x.subjects[(i + static_cast<std::size_t>(round)) % shared.size()]
              .measure()
            && right_answers;
  if (!right_answers) {
    std::fputs("a token was found that is not there\n", stderr);
    return 1;
  }
  std::printf("median ns of a look-up among %d tokens, by characters that "
              "are right\n%-28s",
              tokens, "right are those of");
  for (const auto size : shared)
    std::printf("%10zu", size);
  std::printf("%16s\n", "most / least");
  for (auto& x : groups) {
    std::printf("%-28.*s", static_cast<int>(x.name.size()), x.name.data());
    std::array<double, shared.size()> medians{};
    for (std::size_t i = 0; i < shared.size(); ++i)
      std::printf("%10.0f", medians[i] = x.subjects[i].median());
    const auto [least, most]
      = std::minmax_element(medians.begin(), medians.end());
    std::printf("%16.3f\n", *most / *least);
  }
  return 0;
}
