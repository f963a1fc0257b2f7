#pragma once

#include "vmsystem/engine/image.hpp"
#include "vmsystem/engine/instance.hpp"
#include "vmsystem/engine/recent_scripts.hpp"
#include "vmsystem/engine/run.hpp"
#include "vmsystem/models/failure.hpp"

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>

namespace vmsystem {

/// Mapped instances of the images that one slot used last, one of each. To map
/// and unmap for each job would make the threads of a process wait for each
/// other in the kernel; copying the changed pages back does not.
///
/// A script that comes again and again is compiled once: the pool makes an
/// image of its own that has the script's function too.
class instance_pool {
public:
  /// How many images it remembers.
  static constexpr std::size_t capacity = 4;

  /// How often a script has to come, as `engine::recent_scripts` counts it,
  /// before an image is made for it, which takes about a millisecond.
  static constexpr uint32_t worth_an_image = 8;

  /// How many scripts are compiled into the images that replace one.
  static constexpr uint32_t max_prepared_scripts = 8;

  instance_pool() = default;

  /// @param keeps false: every instance is mapped anew, and unmapped when it is
  ///        given back.
  explicit instance_pool(bool keeps) noexcept : keeps_{keeps} {}

  /// A pristine instance of `wanted` for a run of `script`. Runs guest code, so
  /// the calling thread needs a `thread_guard`. Errors: overloaded.
  [[nodiscard]] expected<std::shared_ptr<engine::instance>>
  take(const std::shared_ptr<const engine::image>& wanted,
       const engine::run_options& script);

  /// Takes an instance back, whatever happened in it, and makes it pristine.
  void give_back(std::shared_ptr<engine::instance> used);

private:
  /// What there is of an image.
  struct place {
    std::shared_ptr<const engine::image> wanted;
    /// The same with scripts that are compiled.
    std::shared_ptr<const engine::image> prepared;
    uint32_t prepared_scripts = 0;
    std::shared_ptr<engine::instance> kept;
    engine::recent_scripts recent;
  };

  [[nodiscard]] place&
  place_of(const std::shared_ptr<const engine::image>& wanted);

  [[nodiscard]] static bool is_worth_it(place& at,
                                        const engine::run_options& script);

  static void prepare(place& at, const engine::run_options& script);

  bool keeps_ = true;
  /// The first one is that of the last job.
  std::array<place, capacity> places_;
};

} // namespace vmsystem
