#include "vmsystem/engine/modules/builtin_code.hpp"

#include <atomic>
#include <memory>
#include <utility>

namespace vmsystem::engine::detail {

namespace {

// Never freed: threads may read it until the program ends.
std::atomic<const builtin_code::table*> published{nullptr};

} // namespace

bool builtin_code::there() noexcept {
  return published.load(std::memory_order_acquire) != nullptr;
}

void builtin_code::publish(table code) {
  auto made = std::make_unique<const table>(std::move(code));
  const table* expected = nullptr;
  if (published.compare_exchange_strong(expected, made.get(),
                                        std::memory_order_acq_rel))
    static_cast<void>(made.release());
}

std::string_view builtin_code::of(std::string_view name) noexcept {
  const auto* const code = published.load(std::memory_order_acquire);
  if (code == nullptr)
    return {};
  const auto found = code->find(name);
  return found == code->end() ? std::string_view{} : found->second;
}

} // namespace vmsystem::engine::detail
