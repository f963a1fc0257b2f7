#pragma once

#include "vmsystem/actors/http_event_stream.hpp"
#include "vmsystem/models/ids.hpp"

#include <cstdint>
#include <map>
#include <memory>
#include <vector>

namespace vmsystem {

class execution_board;

/// One client that reads the events of an execution: first those that are
/// stored, then those that are being stored. It is given them from the store,
/// no faster than it reads, so that it misses none and holds up nobody.
class event_reader final : public event_stream {
public:
  event_reader(execution_board& board, gateway_state& gateway, http_call call,
               const execution_id& id, uint32_t after)
    : event_stream{gateway, call}, board_{board}, id_{id}, position_{after} {}

  /// Sends the events of an array as the store gives it.
  /// @returns how many there were.
  uint32_t take(std::string_view array);

  /// Sends the record of an execution that is over, and ends.
  void end(const json_text& document);

  /// The event that was sent last.
  [[nodiscard]] uint32_t position() const noexcept {
    return position_;
  }

  /// Whether it waits for an answer of the store.
  bool asking = false;

  void on_room() override;

private:
  void on_over() override;

  execution_board& board_;
  execution_id id_;
  uint32_t position_;
};

/// Looks after the executions whose events somebody reads. Asks the runtime
/// once for all readers of one when there is more, and the store once for all
/// who are at the same place.
class execution_board {
public:
  explicit execution_board(gateway_state& gateway) : gateway_{gateway} {}

  /// Streams the events of an execution behind `after` to the client of `call`,
  /// and at last its record; refuses when there is no such execution.
  void watch(http_call call, const execution_id& id, uint32_t after);

  /// Goes on with the readers of an execution, as far as there is something to
  /// read for them.
  void go_on(const execution_id& id);

  /// Forgets an execution that nobody reads any more.
  void tidy(const execution_id& id);

private:
  using reader_ptr = std::shared_ptr<event_reader>;
  using reader_list = std::vector<reader_ptr>;

  /// An execution that somebody reads.
  struct entry {
    reader_list readers;
    /// How many events are stored, as far as is known.
    uint32_t stored = 0;
    /// Whether the runtime was asked for more.
    bool asking = false;
    /// Whether the runtime said that it goes on.
    bool live = false;
    /// Whether it is neither queued nor running: the store has all of it.
    bool over = false;
  };

  void ask_runtime(const execution_id& id, uint32_t known);
  void read(const execution_id& id, uint32_t after, reader_list readers);
  void show(const execution_id& id, const reader_list& readers, bool all_stored,
            const json_text& array);
  void end(const execution_id& id, const reader_ptr& reader);

  gateway_state& gateway_;
  std::map<execution_id, entry> entries_;
};

} // namespace vmsystem
