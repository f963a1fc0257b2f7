#pragma once

#include "server.hpp"

#include <string>

namespace vmsystem {

inline const std::string batches = "/api/v1/batches";
inline const std::string by_template
  = batches + "?template_id=" + fakes::known_template.to_string();
inline const std::string lines_type = "Content-Type: application/x-ndjson\r\n";
inline const std::string json_type = "Content-Type: application/json\r\n";
inline const std::string wants_lines = "Accept: application/x-ndjson\r\n";
inline const std::string wants_events = "Accept: text/event-stream\r\n";

/// The target of a batch that is special; see `fake_batches`.
inline std::string in_worktree(const std::string& way) {
  return by_template + "&worktree_path=" + way;
}

/// The header of an upload in chunks.
inline std::string upload(const std::string& target,
                          const std::string& headers = {}) {
  return "POST " + target + " HTTP/1.1\r\nHost: localhost\r\n" + lines_type
         + headers + "Transfer-Encoding: chunked\r\n\r\n";
}

inline std::string chunk(const std::string& data) {
  std::string result;
  http::append_chunk(result, data);
  return result;
}

inline const std::string last_chunk{http::last_chunk};

/// Sends two jobs of a batch, and not the end.
inline void begin_upload(http_client& client, const std::string& way,
                         const std::string& headers = {}) {
  client.send(upload(in_worktree(way), headers) + chunk("{}\n{}\n"));
}

/// A document with these jobs, which are JSON values joined by commas.
inline std::string document(const std::string& jobs,
                            const std::string& fields = {}) {
  return R"({"template_id":")" + fakes::known_template.to_string() + '"'
         + fields + R"(,"jobs":[)" + jobs + "]}";
}

/// Answers what the fake runtime holds back.
inline void go(server& s) {
  http_client other{s.where()};
  other.ask("POST", repl, snippet("go"));
}

} // namespace vmsystem
