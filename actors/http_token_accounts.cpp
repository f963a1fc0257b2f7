#include "vmsystem/actors/http_token_accounts.hpp"

#include "vmsystem/actors/http_gateway_state.hpp"
#include "vmsystem/models/json_writer.hpp"

#include <algorithm>

namespace vmsystem {

namespace {

token_usage& usage_of(token_account& who, token_resource what) {
  return what == token_resource::sessions ? who.sessions : who.executions;
}

/// Takes what there is room for.
token_grant take_now(const token_account_ptr& who, token_resource what,
                     uint32_t limit, uint32_t most) {
  auto& usage = usage_of(*who, what);
  if (usage.used >= limit)
    return {};
  const auto count = std::min(most, limit - usage.used);
  usage.used += count;
  return {count, std::make_shared<token_share>(who, what, count)};
}

failure too_many(const token_account& who, token_resource what) {
  if (what == token_resource::sessions)
    return at_limit(who, "sessions", "has as many live sessions as it may");
  return at_limit(who, "executions",
                  "has as many executions queued or running as it may");
}

void answered(token_usage& usage) {
  if (--usage.asked > 0)
    return;
  for (const auto& next : std::exchange(usage.waiting, {}))
    next();
}

} // namespace

token_share::token_share(const token_account_ptr& who, token_resource what,
                         uint32_t count)
  : who_{who}, what_{what}, count_{count} {}

token_share::~token_share() {
  give_back();
}

void token_share::give_back() {
  if (const auto account = who_.lock())
    usage_of(*account, what_).used -= std::exchange(count_, 0);
}

failure at_limit(const token_account& who, std::string_view limit,
                 std::string_view why) {
  json_writer details;
  details.begin_object();
  details.key("limit");
  details.value(limit);
  details.end_object();
  return {ec::too_many_requests,
          "the token \"" + who.name + "\" " + std::string{why},
          json_text{details.text()}};
}

uint32_t token_accounts::limit_of(const token_account& who,
                                  token_resource what) {
  return what == token_resource::sessions ? who.limits.sessions
                                          : who.limits.executions;
}

token_account_ptr token_accounts::find(const http::access_token& token) {
  if (!token.limits.any())
    return nullptr;
  auto& account = accounts_[token.name];
  if (account == nullptr) {
    account = std::make_shared<token_account>();
    account->name = token.name;
  }
  account->limits = token.limits;
  return account;
}

void token_accounts::take_limited(const token_account_ptr& who,
                                  token_resource what, uint32_t most,
                                  taker done) {
  const auto limit = limit_of(*who, what);
  const auto granted = take_now(who, what, limit, most);
  if (granted.count > 0)
    return done(granted);
  recount(who, what, [=] {
    const auto later = take_now(who, what, limit, most);
    if (later.count > 0)
      done(later);
    else
      done(too_many(*who, what));
  });
}

void token_accounts::recount(const token_account_ptr& who, token_resource what,
                             std::function<void()> done) {
  auto& usage = usage_of(*who, what);
  usage.waiting.push_back(std::move(done));
  if (usage.asked > 0)
    return;
  // As long as not all questions are sent, there is one more.
  ++usage.asked;
  if (what == token_resource::sessions) {
    ask_for_sessions(who);
  } else {
    ask_for_executions(who);
    ask_for_batches(who);
  }
  answered(usage);
}

void token_accounts::ask_for_sessions(const token_account_ptr& who) {
  if (who->live_sessions.empty())
    return;
  ++who->sessions.asked;
  gateway_.send(
    gateway_.options().query_timeout, gateway_.supervisor(),
    [who](const runtime_summary& now) {
      const auto& live = now.active_session_ids;
      auto& mine = who->live_sessions;
      for (auto at = mine.begin(); at != mine.end();)
        if (std::binary_search(live.begin(), live.end(), at->first))
          ++at;
        else
          at = mine.erase(at);
      answered(who->sessions);
    },
    [who](const failure&) { answered(who->sessions); }, summary_atom_v);
}

void token_accounts::ask_for_executions(const token_account_ptr& who) {
  for (const auto& [id, share] : who->begun_executions) {
    ++who->executions.asked;
    gateway_.send(
      gateway_.options().query_timeout, gateway_.supervisor(),
      [who](uint32_t) { answered(who->executions); },
      [who, id = id](const failure& reason) {
        if (reason.code == ec::execution_not_found)
          who->begun_executions.erase(id);
        answered(who->executions);
      },
      events_atom_v, id, UINT32_MAX);
  }
}

void token_accounts::ask_for_batches(const token_account_ptr& who) {
  for (const auto& [id, share] : who->batches) {
    ++who->executions.asked;
    gateway_.send(
      gateway_.options().query_timeout, gateway_.supervisor(),
      [who](const batch& now) {
        if (is_over(now.status))
          who->batches.erase(now.id);
        answered(who->executions);
      },
      [who, id = id](const failure& reason) {
        if (reason.code == ec::batch_not_found)
          who->batches.erase(id);
        answered(who->executions);
      },
      get_atom_v, id);
  }
}

} // namespace vmsystem
