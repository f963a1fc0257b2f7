#pragma once

#include "vmsystem/benchmarks/harness/load.hpp"
#include "vmsystem/models/failure.hpp"

#include <cstdint>
#include <string>
#include <string_view>

namespace vmsystem::bench {

/// An answer as it came over the wire; the body lives as long as the call.
struct http_answer {
  uint32_t status = 0;
  std::string_view body;
};

/// What the clients of a load say, and what they expect to hear.
class http_dialogue {
public:
  virtual ~http_dialogue() = default;

  /// The bytes of the next request of client `index`, counted from 0; they
  /// live until its answer came.
  virtual std::string_view next_request(uint32_t index) = 0;

  /// Checks the answer to the last request of a client. Errors end the load.
  virtual expected<void> check(uint32_t index, const http_answer& answer) = 0;
};

/// The bytes of a request to the server of a load.
[[nodiscard]] std::string http_request(std::string_view method,
                                       std::string_view path,
                                       std::string_view body = {});

/// Lets `clients` talk with a server on the loopback interface: a connection
/// each, kept alive, with one request in flight, all driven by the calling
/// thread. Errors: internal, when a connection fails or stays silent for ten
/// seconds; those of the dialogue.
[[nodiscard]] expected<load_result>
run_http_load(uint16_t port, uint32_t clients, const load_limit& limit,
              http_dialogue& dialogue);

} // namespace vmsystem::bench
