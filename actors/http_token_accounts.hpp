#pragma once

#include "vmsystem/actors/http/access.hpp"
#include "vmsystem/actors/http/rate_limiter.hpp"
#include "vmsystem/models/failure.hpp"
#include "vmsystem/models/ids.hpp"

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

namespace vmsystem {

class gateway_state;

/// What a token may have so many of.
enum class token_resource : uint8_t {
  /// Executions that are queued or running.
  executions,
  /// Live sessions.
  sessions,
};

struct token_account;

/// Null for those without limits.
using token_account_ptr = std::shared_ptr<token_account>;

/// A part of what a token may have, given back at the end. Does not keep the
/// account, which may keep it.
class token_share {
public:
  token_share(const token_account_ptr& who, token_resource what,
              uint32_t count);
  token_share(const token_share&) = delete;
  token_share& operator=(const token_share&) = delete;
  ~token_share();

  /// Gives it back before the end.
  void give_back();

private:
  std::weak_ptr<token_account> who_;
  token_resource what_;
  uint32_t count_;
};

/// Null when there is no limit.
using token_share_ptr = std::shared_ptr<token_share>;

/// Gives a share back, when there is one.
inline void give_back(const token_share_ptr& share) {
  if (share != nullptr)
    share->give_back();
}

/// How much of one resource the owner of a token has.
struct token_usage {
  uint32_t used = 0;
  /// Questions to the runtime about it that are not answered.
  uint32_t asked = 0;
  /// What is done when they are.
  std::vector<std::function<void()>> waiting;
};

/// What the owner of a token has. It goes by the token's name, so that a token
/// that replaces another takes over its account.
struct token_account {
  std::string name;
  http::token_limits limits;
  http::rate_limiter rate;
  token_usage executions;
  token_usage sessions;

  // What may be over without anybody having told.
  std::map<session_id, token_share_ptr> live_sessions;
  std::map<execution_id, token_share_ptr> begun_executions;
  std::map<batch_id, token_share_ptr> batches;

  /// @returns whether there is room for one more request.
  [[nodiscard]] bool take_request(http::rate_limiter::time_point now) noexcept {
    return limits.requests_per_second == http::token_limits::none
           || rate.take(now, limits.requests_per_second);
  }
};

/// Refuses what a limit does not permit. Its details name the limit.
[[nodiscard]] failure at_limit(const token_account& who, std::string_view limit,
                               std::string_view why);

/// What a token was given.
struct token_grant {
  uint32_t count = 0;
  token_share_ptr share;
};

/// Keeps count of what tokens with limits have. What is over is found out when
/// a limit is reached: then the runtime is asked what is left. So nobody has to
/// tell, and what dies is counted down like what is closed.
class token_accounts {
public:
  using taker = std::function<void(const expected<token_grant>&)>;

  explicit token_accounts(gateway_state& gateway) : gateway_{gateway} {}

  /// The account of a token; null when it has no limits.
  [[nodiscard]] token_account_ptr find(const http::access_token& token);

  /// Takes at least one and at most `most` of what `who` may have, and calls
  /// `done` with it; at once when there is room. Errors: too_many_requests.
  template <class Done>
  void take(const token_account_ptr& who, token_resource what, uint32_t most,
            Done done) {
    if (who == nullptr || limit_of(*who, what) == http::token_limits::none)
      done(expected<token_grant>{token_grant{most, nullptr}});
    else
      take_limited(who, what, most, std::move(done));
  }

private:
  static uint32_t limit_of(const token_account& who, token_resource what);
  void take_limited(const token_account_ptr& who, token_resource what,
                    uint32_t most, taker done);
  /// Finds out what is over, then calls `done`.
  void recount(const token_account_ptr& who, token_resource what,
               std::function<void()> done);
  void ask_for_sessions(const token_account_ptr& who);
  void ask_for_executions(const token_account_ptr& who);
  void ask_for_batches(const token_account_ptr& who);

  gateway_state& gateway_;
  std::unordered_map<std::string, token_account_ptr> accounts_;
};

} // namespace vmsystem
