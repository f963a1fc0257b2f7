#include "vmsystem/persistence/rocksdb_retention.hpp"

#include "vmsystem/models/codec.hpp"
#include "vmsystem/persistence/rocksdb_failures.hpp"
#include "vmsystem/persistence/rocksdb_reader.hpp"
#include "vmsystem/persistence/stored_fields.hpp"

#include <rocksdb/iterator.h>

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_set>
#include <utility>

namespace vmsystem {

namespace {

/// The most records that one step looks at.
constexpr uint32_t most_looks = 4096;

/// The most index entries that one step counts.
constexpr uint32_t most_counted = 100000;

store_key index_key(index_kind kind) {
  store_key key;
  return key.add(kind);
}

change removal(change_kind kind, const raw_id& id) {
  change x;
  x.kind = kind;
  x.id = id;
  return x;
}

/// What becomes of the jobs of a batch.
enum class verdict : uint8_t {
  /// The batch is not over.
  open,
  /// It stays, with them.
  stays,
  /// It goes, with them.
  goes,
  /// It went before them: they are executions like others.
  went,
};

/// One step of a pass.
class retirement {
public:
  retirement(const rocksdb_database& database, rocksdb::ReadOptions how,
             retention_pass& pass)
    : database_{database}, how_{std::move(how)}, pass_{pass} {
    // What is read here is not read again.
    how_.fill_cache = false;
  }

  expected<retention_step> run() {
    if (auto done = advance(); !done)
      return done.error();
    return std::move(step_);
  }

private:
  using iterator_ptr = std::unique_ptr<rocksdb::Iterator>;

  expected<void> advance() {
    switch (pass_.stage) {
      case retention_stage::counting:
        return count();
      case retention_stage::executions:
        return look_at_executions();
      case retention_stage::batches:
        return look_at_batches();
      case retention_stage::sessions:
        return look_at_sessions();
      case retention_stage::over:
        break;
    }
    return success();
  }

  [[nodiscard]] iterator_ptr iterate(family where) const {
    return iterator_ptr{
      database_.db().NewIterator(how_, database_.handle(where))};
  }

  /// Where the stage goes on: at its place, or at the first key behind `first`.
  [[nodiscard]] iterator_ptr go_on(family where, std::string_view first) const {
    auto it = iterate(where);
    it->Seek(slice(pass_.place.empty() ? first : pass_.place));
    return it;
  }

  /// Whether the step is long enough; the next one goes on here.
  bool is_full(const rocksdb::Iterator& at) {
    const auto removed = step_.executions + step_.batches + step_.sessions;
    if (++looks_ <= most_looks && removed < max_retired)
      return false;
    pass_.place = at.key().ToString();
    return true;
  }

  /// The end of a stage, or the failure that ended it.
  expected<void> finish(retention_stage next, family where,
                        const rocksdb::Iterator& at) {
    if (!at.status().ok())
      return unreadable(where, at.status());
    pass_.stage = next;
    pass_.place.clear();
    return success();
  }

  /// Whether something with this id, or a later end, may be too old.
  [[nodiscard]] bool too_old(const raw_id& id) const noexcept {
    return ms_of(id) < pass_.oldest.us / 1000;
  }

  /// Whether something of which no execution is left may go.
  [[nodiscard]] bool may_go(const raw_id& id) const noexcept {
    return too_old(id) || id < pass_.first_kept;
  }

  /// The value of a key; nothing when there is none.
  expected<std::optional<std::string>> get(family where, std::string_view key) {
    std::string value;
    const auto status
      = database_.db().Get(how_, database_.handle(where), slice(key), &value);
    if (status.IsNotFound())
      return std::optional<std::string>{};
    if (!status.ok())
      return unreadable(where, key, status);
    return std::optional<std::string>{std::move(value)};
  }

  /// Whether a record that is over ended too long ago.
  expected<bool> ended_too_old(family where, const raw_id& id,
                               std::string_view field) {
    const auto document = get(where, id.view());
    if (!document)
      return document.error();
    if (!document.value())
      return false;
    const auto end = stored_time(*document.value(), field);
    return end && *end < pass_.oldest;
  }

  // -- counting ---------------------------------------------------------------

  expected<void> count() {
    const auto prefix = index_key(index_kind::execution_of_session);
    if (pass_.most == 0)
      return finish(retention_stage::executions, family::indexes,
                    *iterate(family::indexes));
    if (auto known = find_open_batches(); !known)
      return known.error();
    const auto it = go_on(family::indexes, prefix.view());
    for (uint32_t seen = 0; it->Valid() && begins_with(it->key(), prefix);
         it->Next()) {
      if (++seen > most_counted) {
        pass_.place = it->key().ToString();
        return success();
      }
      const auto marks = text(it->value());
      const bool over = !marks.empty()
                        && static_cast<execution_status>(marks.front())
                             != execution_status::running;
      if (over && !is_open_job(last_id_of(text(it->key()))))
        ++pass_.counted;
    }
    if (pass_.counted > pass_.most)
      pass_.surplus = pass_.counted - pass_.most;
    return finish(retention_stage::executions, family::indexes, *it);
  }

  expected<void> find_open_batches() {
    const auto prefix = index_key(index_kind::unfinished_batch);
    const auto it = iterate(family::indexes);
    for (it->Seek(slice(prefix.view()));
         it->Valid() && begins_with(it->key(), prefix); it->Next())
      open_.insert(job_execution_id({last_id_of(text(it->key()))}, 0).raw);
    if (!it->status().ok())
      return unreadable(family::indexes, it->status());
    return success();
  }

  [[nodiscard]] bool is_open_job(const raw_id& id) const {
    return open_.count(job_execution_id({id}, 0).raw) != 0;
  }

  // -- executions -------------------------------------------------------------

  expected<void> look_at_executions() {
    const auto it = go_on(family::executions, {});
    while (it->Valid()) {
      if (is_full(*it))
        return success();
      auto more = look_at_execution(*it);
      if (!more)
        return more.error();
      if (!more.value())
        break;
    }
    return finish(retention_stage::batches, family::executions, *it);
  }

  /// Goes on behind an execution, or a batch of them.
  /// @returns false when all that follows stays.
  expected<bool> look_at_execution(rocksdb::Iterator& at) {
    const auto id = first_id_of(text(at.key()));
    const auto document = text(at.value());
    bool with_batch = false;
    if (const auto batch = stored_id(document, "batch_id")) {
      auto fate = judge({*batch});
      if (!fate)
        return fate.error();
      if (fate.value() == verdict::open || fate.value() == verdict::stays) {
        if (fate.value() == verdict::stays)
          keep_from(id);
        skip_jobs(at, {*batch});
        return true;
      }
      with_batch = fate.value() == verdict::goes;
    }
    const auto status = stored_value<execution_status>(document, "status");
    const auto session = stored_id(document, "session_id");
    // What is damaged is left to a repair.
    if (status && session && *status != execution_status::running) {
      if (!with_batch && pass_.surplus == 0 && !too_old(id)) {
        keep_from(id);
        return false;
      }
      remove_execution(id, *session);
    }
    at.Next();
    return true;
  }

  void remove_execution(const raw_id& id, const raw_id& session) {
    auto x = removal(change_kind::remove_execution, id);
    x.owner = session;
    step_.changes.changes.push_back(std::move(x));
    ++step_.executions;
    if (pass_.surplus > 0)
      --pass_.surplus;
  }

  /// From here on, no execution is one too many.
  void keep_from(const raw_id& id) {
    pass_.surplus = 0;
    const bool full = pass_.most != 0 && pass_.counted >= pass_.most;
    if (full && pass_.first_kept.nil())
      pass_.first_kept = id;
  }

  static void skip_jobs(rocksdb::Iterator& at, const batch_id& batch) {
    const auto last = job_execution_id(batch, UINT32_MAX);
    at.Seek(slice(last.view()));
    if (at.Valid() && text(at.key()) == last.view())
      at.Next();
  }

  /// Decides about a batch, whose first job this is. When it goes, its record
  /// goes first: nobody sees it with some of its results.
  expected<verdict> judge(const batch_id& id) {
    if (id == judged_)
      return fate_;
    auto fate = decide(id);
    if (!fate)
      return fate.error();
    judged_ = id;
    fate_ = fate.value();
    if (fate_ == verdict::goes)
      remove_batch(id);
    return fate_;
  }

  expected<verdict> decide(const batch_id& id) {
    const auto key = index_key(index_kind::batch).add(id.raw);
    const auto mark = get(family::indexes, key.view());
    if (!mark)
      return mark.error();
    if (!mark.value() || mark.value()->empty())
      return verdict::went;
    if (!is_over(static_cast<batch_status>(mark.value()->front())))
      return verdict::open;
    const auto document = get(family::batches, id.view());
    if (!document)
      return document.error();
    if (!document.value())
      return verdict::went;
    const auto record = from_json<batch>(*document.value());
    if (!record)
      return verdict::stays;
    const auto& x = record.value();
    const bool goes = x.ended_at < pass_.oldest || x.done <= pass_.surplus;
    return goes ? verdict::goes : verdict::stays;
  }

  void remove_batch(const batch_id& id) {
    step_.changes.changes.push_back(removal(change_kind::remove_batch, id.raw));
    ++step_.batches;
  }

  // -- batches and sessions without executions --------------------------------

  /// Looks at all that the index of `kind` names and that may go, the oldest
  /// first.
  template <class Look>
  expected<void> look_at(index_kind kind, retention_stage next, Look look) {
    const auto prefix = index_key(kind);
    const auto it = go_on(family::indexes, prefix.view());
    for (; it->Valid() && begins_with(it->key(), prefix); it->Next()) {
      const auto id = last_id_of(text(it->key()));
      if (!may_go(id))
        break;
      if (is_full(*it))
        return success();
      const auto mark = text(it->value());
      if (mark.empty())
        continue;
      if (auto done = look(id, static_cast<uint8_t>(mark.front())); !done)
        return done;
    }
    return finish(next, family::indexes, *it);
  }

  expected<void> look_at_batches() {
    const auto jobs = iterate(family::executions);
    return look_at(index_kind::batch, retention_stage::sessions,
                   [&](const raw_id& id, uint8_t status) -> expected<void> {
                     if (!is_over(static_cast<batch_status>(status)))
                       return success();
                     jobs->Seek(slice(job_execution_id({id}, 0).view()));
                     const bool has_jobs
                       = jobs->Valid()
                         && text(jobs->key())
                              <= job_execution_id({id}, UINT32_MAX).view();
                     if (!jobs->status().ok())
                       return unreadable(family::executions, jobs->status());
                     if (has_jobs)
                       return success();
                     const auto old
                       = ended_too_old(family::batches, id, "ended_at");
                     if (!old)
                       return old.error();
                     if (old.value() || id < pass_.first_kept)
                       remove_batch({id});
                     return success();
                   });
  }

  expected<void> look_at_sessions() {
    const auto executions = iterate(family::indexes);
    return look_at(
      index_kind::session, retention_stage::over,
      [&](const raw_id& id, uint8_t mark) -> expected<void> {
        const auto status = static_cast<session_status>(mark);
        if (status != session_status::closed
            && status != session_status::crashed)
          return success();
        const auto prefix = index_key(index_kind::execution_of_session).add(id);
        executions->Seek(slice(prefix.view()));
        if (!executions->status().ok())
          return unreadable(family::indexes, executions->status());
        if (executions->Valid() && begins_with(executions->key(), prefix))
          return success();
        const auto old = ended_too_old(family::sessions, id, "closed_at");
        if (!old)
          return old.error();
        if (old.value() || id < pass_.first_kept) {
          step_.changes.changes.push_back(
            removal(change_kind::remove_session, id));
          ++step_.sessions;
        }
        return success();
      });
  }

  const rocksdb_database& database_;
  rocksdb::ReadOptions how_;
  retention_pass& pass_;
  retention_step step_;
  uint32_t looks_ = 0;
  /// Batches that are not over, as the ids of their first jobs.
  std::unordered_set<raw_id> open_;
  /// The batch that was decided about last.
  batch_id judged_;
  verdict fate_ = verdict::went;
};

} // namespace

expected<retention_step> retire(const rocksdb_database& database,
                                rocksdb::ReadOptions how,
                                retention_pass& pass) {
  return retirement{database, std::move(how), pass}.run();
}

expected<retention_step> rocksdb_reader::retire(retention_pass& pass) {
  return vmsystem::retire(*database_, options_, pass);
}

} // namespace vmsystem
