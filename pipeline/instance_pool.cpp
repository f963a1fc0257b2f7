#include "vmsystem/pipeline/instance_pool.hpp"

#include <algorithm>
#include <utility>

namespace vmsystem {

namespace {

expected<std::shared_ptr<engine::instance>>
instance_of(const std::shared_ptr<const engine::image>& image) {
  auto made = engine::instance::clone(image);
  if (!made)
    return made.error();
  return std::shared_ptr<engine::instance>{std::move(made).value()};
}

} // namespace

instance_pool::place&
instance_pool::place_of(const std::shared_ptr<const engine::image>& wanted) {
  const auto is_it = [&](const place& x) { return x.wanted == wanted; };
  auto at = std::find_if(places_.begin(), places_.end(), is_it);
  if (at == places_.end()) {
    // The one that was not used for longest goes.
    at = places_.end() - 1;
    *at = {};
    at->wanted = wanted;
    at->prepared = wanted;
  }
  std::rotate(places_.begin(), at, at + 1);
  return places_.front();
}

bool instance_pool::is_worth_it(place& at, const engine::run_options& script) {
  return at.prepared_scripts < max_prepared_scripts
         && at.recent.note(script.source, script.file_name) == worth_an_image;
}

// When that does not work the script is compiled by each job as before, and
// says what is wrong with it.
void instance_pool::prepare(place& at, const engine::run_options& script) {
  auto instance = instance_of(at.prepared);
  if (!instance)
    return;
  auto options = script;
  options.args_json = {};
  options.env_json = {};
  options.compile = engine::compile_mode::prepare;
  options.control = nullptr;
  options.sink = nullptr;
  if (instance.value()->run(options).reason != end_reason::ok)
    return;
  auto image = instance.value()->freeze();
  if (!image)
    return;
  at.prepared = std::move(image).value();
  at.kept = nullptr;
  ++at.prepared_scripts;
}

expected<std::shared_ptr<engine::instance>>
instance_pool::take(const std::shared_ptr<const engine::image>& wanted,
                    const engine::run_options& script) {
  auto& at = place_of(wanted);
  if (is_worth_it(at, script))
    prepare(at, script);
  if (at.kept)
    return std::move(at.kept);
  return instance_of(at.prepared);
}

void instance_pool::give_back(std::shared_ptr<engine::instance> used) {
  if (!keeps_)
    return;
  const auto at
    = std::find_if(places_.begin(), places_.end(), [&](const place& x) {
        return x.prepared == used->source();
      });
  if (at != places_.end() && used->reset())
    at->kept = std::move(used);
}

} // namespace vmsystem
