#include "vmsystem/actors/http_execution_board.hpp"

#include "vmsystem/models/json_reader.hpp"

#include <algorithm>
#include <utility>

namespace vmsystem {

namespace {

/// The most events that are read for a client at a time.
constexpr uint32_t page_events = 256;

/// What stands between two events in an array of the store.
constexpr std::string_view between = ",\n";

} // namespace

// -- one client ---------------------------------------------------------------

uint32_t event_reader::take(std::string_view array) {
  // Without the brackets. A document has no raw line feed, and events are
  // numbered without a hole.
  array = array.substr(1, array.size() - 2);
  std::string text;
  uint32_t count = 0;
  while (!array.empty()) {
    const auto end = std::min(array.find(between), array.size());
    append_event(text, position_ + ++count, array.substr(0, end));
    array.remove_prefix(std::min(end + between.size(), array.size()));
  }
  position_ += count;
  if (count > 0)
    send_rendered(text);
  return count;
}

void event_reader::end(const json_text& document) {
  const auto status = stored_string(document.text, "status");
  if (!status || status.value() == name_of(execution_status::running))
    return on_failure(fail(ec::internal, "the end of the execution could not "
                                         "be stored yet: ask again"));
  send("end", document.text);
  finish();
}

void event_reader::on_room() {
  board_.go_on(id_);
}

void event_reader::on_over() {
  board_.tidy(id_);
}

// -- all of them --------------------------------------------------------------

void execution_board::watch(http_call call, const execution_id& id,
                            uint32_t after) {
  const auto reader
    = std::make_shared<event_reader>(*this, gateway_, call, id, after);
  gateway_.attach(call, reader);
  auto& x = entries_[id];
  x.readers.push_back(reader);
  // The first question is answered at once, so that whoever reads an execution
  // that there is not learns it.
  if (!x.asking && !x.over)
    return ask_runtime(id, UINT32_MAX);
  if (x.live)
    reader->greet();
  go_on(id);
}

void execution_board::ask_runtime(const execution_id& id, uint32_t known) {
  entries_[id].asking = true;
  gateway_.send(
    caf::infinite, gateway_.supervisor(),
    [this, id](uint32_t stored) {
      auto& x = entries_[id];
      x.live = true;
      x.stored = stored;
      for (const auto& reader : reader_list{x.readers})
        reader->greet();
      go_on(id);
      if (entries_[id].readers.empty()) {
        entries_.erase(id);
        return;
      }
      ask_runtime(id, stored);
    },
    [this, id](const failure&) {
      // Whatever keeps the runtime from answering: the store knows.
      auto& x = entries_[id];
      x.asking = false;
      x.over = true;
      go_on(id);
      tidy(id);
    },
    events_atom_v, id, known);
}

void execution_board::go_on(const execution_id& id) {
  const auto found = entries_.find(id);
  if (found == entries_.end())
    return;
  const auto& x = found->second;
  std::map<uint32_t, reader_list> places;
  for (const auto& reader : reader_list{x.readers}) {
    const bool more = x.over || reader->position() < x.stored;
    if (!more || reader->asking || !reader->has_room())
      continue;
    reader->asking = true;
    places[reader->position()].push_back(reader);
  }
  for (auto& [after, readers] : places)
    read(id, after, std::move(readers));
}

void execution_board::read(const execution_id& id, uint32_t after,
                           reader_list readers) {
  event_filter filter;
  filter.execution = id;
  filter.after_seq = after;
  filter.limit = page_events;
  gateway_.send(
    gateway_.options().query_timeout, gateway_.query(),
    [=, all_stored = entries_[id].over](const json_text& array) {
      show(id, readers, all_stored, array);
    },
    [=](const failure& reason) {
      for (const auto& reader : readers)
        reader->on_failure(reason);
    },
    events_atom_v, filter);
}

void execution_board::show(const execution_id& id, const reader_list& readers,
                           bool all_stored, const json_text& array) {
  for (const auto& reader : readers) {
    reader->asking = false;
    if (reader->open() && reader->take(array.text) == 0 && all_stored)
      end(id, reader);
  }
  go_on(id);
}

void execution_board::end(const execution_id& id, const reader_ptr& reader) {
  reader->asking = true;
  gateway_.send(
    gateway_.options().query_timeout, gateway_.query(),
    [reader](const json_text& document) { reader->end(document); },
    [reader](const failure& reason) { reader->on_failure(reason); }, get_atom_v,
    id);
}

void execution_board::tidy(const execution_id& id) {
  const auto found = entries_.find(id);
  if (found == entries_.end())
    return;
  auto& x = found->second;
  const auto gone = [](const reader_ptr& reader) { return !reader->open(); };
  x.readers.erase(std::remove_if(x.readers.begin(), x.readers.end(), gone),
                  x.readers.end());
  // The runtime still has to answer.
  if (x.readers.empty() && !x.asking)
    entries_.erase(found);
}

} // namespace vmsystem
