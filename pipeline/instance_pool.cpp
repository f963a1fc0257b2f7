#include "vmsystem/pipeline/instance_pool.hpp"

#include <algorithm>
#include <utility>

namespace vmsystem {

expected<std::shared_ptr<engine::instance>>
instance_pool::take(const std::shared_ptr<const engine::image>& wanted) {
  for (auto& instance : kept_)
    if (instance && instance->source() == wanted)
      return std::move(instance);
  auto made = engine::instance::clone(wanted);
  if (!made)
    return made.error();
  return std::shared_ptr<engine::instance>{std::move(made).value()};
}

void instance_pool::give_back(std::shared_ptr<engine::instance> used) {
  if (!keeps_ || !used->reset())
    return;
  // The first place is for the one that was used last.
  const auto place = std::find(kept_.begin(), kept_.end() - 1, nullptr);
  std::move_backward(kept_.begin(), place, place + 1);
  kept_.front() = std::move(used);
}

} // namespace vmsystem
