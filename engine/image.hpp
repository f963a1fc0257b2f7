#pragma once

#include "vmsystem/engine/host_function_table.hpp"
#include "vmsystem/engine/modules/module_settings.hpp"
#include "vmsystem/models/failure.hpp"
#include "vmsystem/models/settings.hpp"

#include <cstdint>
#include <memory>

namespace vmsystem::engine {

/// Bounds of `image_options::stack_kb`.
inline constexpr uint32_t min_stack_kb = 64;
inline constexpr uint32_t max_stack_kb = 4096;

/// What goes into an image.
struct image_options {
  /// `console` false: there is no global `console`. `strict`: scripts run in
  /// strict mode.
  runtime_config runtime;

  /// Memory of each clone in MiB, 1..2048; the image itself takes less than 1.
  uint32_t mem_mb = 128;

  /// The engine's stack in KiB, 64..4096: 256 holds about 1,090 frames of
  /// recursion, 4096 about 17,000. A thread that runs the scripts needs a stack
  /// of 12 times as much and 512 KiB; see `thread_guard::most_stack_kb`.
  uint32_t stack_kb = 256;

  /// What scripts find in the global `host`; null or empty: there is no such
  /// global. The image and its clones keep it alive.
  host_functions_ptr host_functions;

  /// What scripts can load.
  module_settings modules;
};

namespace detail {
class compiled_scripts;
class frozen_memory;
} // namespace detail

/// A JavaScript heap that was set up once and then frozen. Sessions are private
/// copy-on-write mappings of it. Immutable: any number of threads may clone
/// from one image at the same time. Clones keep it alive.
class image {
public:
  /// Sets up an engine and freezes it: some 30 milliseconds. Runs guest code,
  /// so the calling thread needs a `thread_guard`.
  /// @returns the image, or `ec::internal` with what failed, or
  ///          `ec::validation_error` for a `mem_mb` out of range.
  [[nodiscard]] static expected<std::shared_ptr<const image>>
  build(const image_options& options);

  image(std::unique_ptr<const detail::frozen_memory> memory,
        host_functions_ptr host_functions,
        std::shared_ptr<const module_settings> modules,
        detail::compiled_scripts scripts);

  ~image();

  image(const image&) = delete;

  image& operator=(const image&) = delete;

  /// For the classes of this folder.
  [[nodiscard]] const detail::frozen_memory& memory() const noexcept {
    return *memory_;
  }

  /// For the classes of this folder.
  [[nodiscard]] const detail::compiled_scripts& scripts() const noexcept {
    return *scripts_;
  }

  /// The functions that scripts can call; may be null.
  [[nodiscard]] const host_functions_ptr& host_functions() const noexcept {
    return host_functions_;
  }

  /// What scripts can load; never null.
  [[nodiscard]] const std::shared_ptr<const module_settings>&
  modules() const noexcept {
    return modules_;
  }

private:
  std::unique_ptr<const detail::frozen_memory> memory_;
  host_functions_ptr host_functions_;
  std::shared_ptr<const module_settings> modules_;
  std::unique_ptr<const detail::compiled_scripts> scripts_;
};

} // namespace vmsystem::engine
