#pragma once

#include "vmsystem/actors/http/message.hpp"
#include "vmsystem/models/json_text.hpp"
#include "vmsystem/models/time.hpp"

#include <cstdint>
#include <map>
#include <string>
#include <string_view>

namespace vmsystem::http {

/// One change that a client asked for.
struct audit_entry {
  timestamp time;
  /// As in the answer's `X-Request-Id`.
  std::string request_id;
  /// The name of the token; `-` when there is none that the server knows.
  std::string token = "-";
  method verb = method::other;
  /// The pattern of the route.
  std::string_view route;
  /// The address of the client.
  std::string remote;
  /// What it is about, by names such as `session_id`.
  std::map<std::string, std::string> ids;
};

/// Whether a request with this method asks for a change.
[[nodiscard]] bool is_change(method verb) noexcept;

/// Notes what a segment in braces of the route stands for. Texts that are none
/// of what `name` says are left out: nobody has checked them yet.
void note_id(audit_entry& x, std::string_view name, std::string_view text);

/// Notes what all segments in braces of the route stand for.
/// @param params their values, in order; at least as many as there are.
void note_path(audit_entry& x, const std::string_view* params);

/// Notes what a JSON object, such as the `details` of an error, has of ids.
void note_document(audit_entry& x, const json_text& document);

/// What is logged of a change with this answer: a JSON object on a line, with
/// the ids of the answer too. Empty for a request that was refused for other
/// reasons than a lack of rights: it changed nothing.
/// @param answer one that was begun has no body; the status 0 stands for none.
[[nodiscard]] std::string audit_line(audit_entry x, const response& answer);

} // namespace vmsystem::http
