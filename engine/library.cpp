#include "vmsystem/engine/library.hpp"

#include "vmsystem/engine/instance.hpp"
#include "vmsystem/models/codec.hpp"

#include <algorithm>
#include <chrono>
#include <utility>

namespace vmsystem::engine {

namespace {

using clock = std::chrono::steady_clock;

/// What all libraries of an image may take, and the processor time of one.
constexpr std::chrono::seconds patience{10};
constexpr std::chrono::seconds cpu_limit{2};

failure refusal_of(const library& which, const std::string& reason) {
  return {ec::library_failed,
          "library \"" + which.name + "\" cannot be loaded: " + reason,
          details_of({{"library", which.name}})};
}

/// Loads libraries into one instance.
class loader {
public:
  explicit loader(instance& target) noexcept : target_{target} {}

  expected<void> load(const library& next) {
    // Names that come with the library are behind those that were there.
    const auto before
      = run(next, "Object.getOwnPropertyNames(globalThis).length");
    if (!before)
      return before.error();
    // Neither rendered nor waited for: the value of the library's last
    // statement means nothing.
    if (auto loaded = run(next, next.source + "\n;undefined"); !loaded)
      return loaded.error();
    auto outcome = run(next, hand_over(next, before.value()));
    if (!outcome)
      return outcome.error();
    if (outcome.value() != "true")
      return refusal_of(next,
                        "it does not set the global \"" + next.sets
                          + "\"; the globals that it sets: " + outcome.value());
    return success();
  }

private:
  /// A script that gives `true`, or the names of the library's globals.
  static std::string hand_over(const library& from, const std::string& before) {
    const auto& sets = from.sets;
    auto script = "typeof " + sets + " === 'undefined'"
                  + " ? Object.getOwnPropertyNames(globalThis).slice(" + before
                  + ").join(', ') : ";
    if (sets != from.global)
      script += "(globalThis." + from.global + " = " + sets
                + ", delete globalThis." + sets + ", true)";
    else
      script += "true";
    return script;
  }

  /// Runs a script for a library.
  /// @returns the preview of its value.
  expected<std::string> run(const library& owner, const std::string& source) {
    const auto left = end_ - clock::now();
    const auto file_name = owner.name + ".js";
    run_options options;
    options.source = source;
    options.file_name = file_name;
    options.sloppy = true;
    options.wall_limit = std::max<clock::duration>(left, clock::duration{1});
    options.cpu_limit = cpu_limit;
    const auto outcome = target_.run(options);
    if (outcome.waiting || outcome.reason != end_reason::ok)
      return refusal_of(owner, text_of(outcome));
    return outcome.value.preview;
  }

  static std::string text_of(const run_outcome& outcome) {
    if (outcome.waiting)
      return "it waits for a promise";
    if (outcome.error.stack.empty())
      return outcome.error.message;
    return outcome.error.message + '\n' + outcome.error.stack;
  }

  instance& target_;
  const clock::time_point end_ = clock::now() + patience;
};

} // namespace

expected<std::shared_ptr<const image>>
with_libraries(std::shared_ptr<const image> base,
               const library_list& libraries) {
  if (libraries.empty())
    return base;
  auto made = instance::clone(std::move(base));
  if (!made)
    return made.error();
  auto& target = *made.value();
  loader loading{target};
  for (const auto& next : libraries)
    if (auto loaded = loading.load(*next); !loaded)
      return loaded.error();
  if (auto tidied = target.tidy(); !tidied)
    return tidied.error();
  return target.freeze();
}

} // namespace vmsystem::engine
