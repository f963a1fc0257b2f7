#include "vmsystem/app/commands.hpp"
#include "vmsystem/app/token_file.hpp"

#include <memory>

namespace vmsystem {

namespace {

struct token_arguments {
  std::string name;
  std::vector<std::string> scopes;
  std::vector<std::string> limits;
  std::string file;
};

expected<http::token_limits>
read_limits(const std::vector<std::string>& pairs) {
  const auto json = json_of_pairs("--limit", pairs);
  if (!json)
    return json.error();
  auto limits = http::read_token_limits(json.value().text);
  if (!limits)
    return fail(limits.error().code, "--limit: " + limits.error().message);
  return limits;
}

exit_code create(const token_arguments& given) {
  const auto scopes = http::read_scopes(given.scopes);
  if (!scopes)
    return print_usage_error("--scopes: " + scopes.error().message);
  const auto limits = read_limits(given.limits);
  if (!limits)
    return print_usage_error(limits.error().message);
  const auto token = make_token();
  if (!token)
    return print_error(token.error());
  const http::access_token entry{given.name, scopes.value(),
                                 http::token_digest(token.value()),
                                 limits.value()};
  if (auto outcome = add_to_token_file(given.file, entry); !outcome)
    return print_error(outcome.error());
  print_line(token.value());
  return exit_code::ok;
}

} // namespace

void add_token_commands(command root) {
  auto group = root.add(
    {"token", "keep the tokens that a server asks for",
     "`serve --token-file FILE` lets in only who has a token of that file. The "
     "file has a line for each: its name, its scopes, and the SHA-256 of the "
     "token. A line that is removed is a token that is no longer taken. SIGHUP "
     "has a server read its file again.",
     "$ vm-system token create ci --scopes read,execute --file tokens"});
  auto given = std::make_shared<token_arguments>();
  auto made = group.add(
    {"create", "make a token",
     "Prints the token, which is shown this once and stored nowhere, and adds "
     "a line for it to the file, which is made when it is missing.",
     "$ export VM_SYSTEM_TOKEN=$(vm-system token create ci \\\n"
     "    --scopes read,execute --file tokens)"});
  made.argument("NAME", given->name, "For messages and logs.")
    .required_flag("--scopes", given->scopes, "SCOPE,...",
                   "What it permits: read, execute, admin.")
    .flag("--limit", given->limits, "NAME=N,...",
          "What its owner may use at most: requests_per_second, executions "
          "(queued or running), sessions (live).")
    .required_flag("--file", given->file, "FILE", "The token file.")
    .on_run([given] { return create(*given); });
}

} // namespace vmsystem
