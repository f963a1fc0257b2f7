#include "vmsystem/persistence/faulty_store.hpp"

#include <algorithm>
#include <thread>
#include <utility>

namespace vmsystem {

namespace {

bool hits_any(const store_fault& fault,
              const std::vector<const change_set*>& group) {
  if (!fault.hits)
    return true;
  return std::any_of(group.begin(), group.end(), [&](const change_set* set) {
    return std::any_of(set->changes.begin(), set->changes.end(), fault.hits);
  });
}

} // namespace

/// Passes every read on, unless reads are to fail.
class faulty_store::reader final : public store_reader {
public:
  reader(std::unique_ptr<store_reader> inner,
         std::shared_ptr<faults> shared) noexcept
    : inner_{std::move(inner)}, faults_{std::move(shared)} {}

  expected<std::string> template_document(template_id id) override {
    return pass(&store_reader::template_document, id);
  }
  expected<std::vector<stored_document>> template_documents() override {
    return pass(&store_reader::template_documents);
  }
  expected<std::string> session_document(session_id id) override {
    return pass(&store_reader::session_document, id);
  }
  expected<document_page>
  session_documents(const session_filter& filter) override {
    return pass(&store_reader::session_documents, filter);
  }
  expected<std::string> execution_document(execution_id id) override {
    return pass(&store_reader::execution_document, id);
  }
  expected<document_page>
  execution_documents(const execution_filter& filter) override {
    return pass(&store_reader::execution_documents, filter);
  }
  expected<std::string> event_documents(const event_filter& filter) override {
    return pass(&store_reader::event_documents, filter);
  }
  expected<std::string> key_document(std::string_view key) override {
    return pass(&store_reader::key_document, key);
  }
  expected<unfinished_work> unfinished() override {
    return pass(&store_reader::unfinished);
  }
  expected<uint32_t> last_event_seq(execution_id id) override {
    return pass(&store_reader::last_event_seq, id);
  }
  expected<std::string> batch_document(batch_id id) override {
    return pass(&store_reader::batch_document, id);
  }
  expected<document_page> batch_documents(const batch_filter& filter) override {
    return pass(&store_reader::batch_documents, filter);
  }
  expected<batch_input_chunk> batch_input(batch_id id, uint32_t line) override {
    return pass(&store_reader::batch_input, id, line);
  }
  expected<batch_result_page>
  batch_results(const batch_result_filter& filter) override {
    return pass(&store_reader::batch_results, filter);
  }
  expected<done_job_page> done_jobs(batch_id id, uint32_t first,
                                    uint32_t limit) override {
    return pass(&store_reader::done_jobs, id, first, limit);
  }
  expected<retention_step> retire(retention_pass& x) override {
    return pass(&store_reader::retire, x);
  }

private:
  template <class Result, class... Parameters, class... Arguments>
  Result pass(Result (store_reader::*read)(Parameters...),
              Arguments&... arguments) {
    {
      const std::lock_guard lock{faults_->guard};
      if (faults_->reads) {
        ++faults_->injected;
        return fail(ec::internal, *faults_->reads);
      }
    }
    return (inner_.get()->*read)(arguments...);
  }

  std::unique_ptr<store_reader> inner_;
  std::shared_ptr<faults> faults_;
};

std::function<bool(const change&)> hits_kind(change_kind kind) {
  return [kind](const change& x) { return x.kind == kind; };
}

faulty_store::faulty_store(store_ptr inner)
  : inner_{std::move(inner)}, faults_{std::make_shared<faults>()} {}

void faulty_store::add(store_fault fault) {
  const std::lock_guard lock{faults_->guard};
  faults_->commits.push_back({std::move(fault)});
}

void faulty_store::fail_reads(std::string words) {
  const std::lock_guard lock{faults_->guard};
  faults_->reads = std::move(words);
}

void faulty_store::fail_flush(std::string words) {
  const std::lock_guard lock{faults_->guard};
  faults_->flushes = std::move(words);
}

void faulty_store::heal() {
  const std::lock_guard lock{faults_->guard};
  faults_->commits.clear();
  faults_->reads.reset();
  faults_->flushes.reset();
}

uint64_t faulty_store::injected() const {
  const std::lock_guard lock{faults_->guard};
  return faults_->injected;
}

expected<void> faulty_store::commit(const std::vector<const change_set*>& group,
                                    durability how) {
  std::chrono::milliseconds delay{0};
  std::optional<failure> injected;
  {
    const std::lock_guard lock{faults_->guard};
    for (auto& x : faults_->commits) {
      const bool spent = x.fault.times != 0 && x.failed == x.fault.times;
      if (spent || !hits_any(x.fault, group))
        continue;
      delay = x.fault.delay;
      if (++x.seen % x.fault.every == 0 && x.fault.fails) {
        ++x.failed;
        ++faults_->injected;
        injected = fail(x.fault.code, x.fault.words);
      }
      break;
    }
  }
  std::this_thread::sleep_for(delay);
  if (injected)
    return *injected;
  return inner_->commit(group, how);
}

std::unique_ptr<store_reader> faulty_store::read() const {
  return std::make_unique<reader>(inner_->read(), faults_);
}

expected<void> faulty_store::flush() {
  {
    const std::lock_guard lock{faults_->guard};
    if (faults_->flushes) {
      ++faults_->injected;
      return fail(ec::internal, *faults_->flushes);
    }
  }
  return inner_->flush();
}

} // namespace vmsystem
