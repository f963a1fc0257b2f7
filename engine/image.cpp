#include "vmsystem/engine/image.hpp"

#include "vmsystem/engine/compiled_scripts.hpp"
#include "vmsystem/engine/frozen_memory.hpp"
#include "vmsystem/engine/image_builder.hpp"
#include "vmsystem/engine/thread.hpp"

#include <utility>

namespace vmsystem::engine {

namespace {

constexpr uint32_t max_mem_mb = 2048;

} // namespace

expected<std::shared_ptr<const image>>
image::build(const image_options& options) {
  if (options.mem_mb < 1 || options.mem_mb > max_mem_mb)
    return fail(ec::validation_error,
                "mem_mb is " + std::to_string(options.mem_mb)
                  + "; it can be 1 to " + std::to_string(max_mem_mb));
  if (options.stack_kb < min_stack_kb || options.stack_kb > max_stack_kb)
    return fail(ec::validation_error,
                "stack_kb is " + std::to_string(options.stack_kb)
                  + "; it can be " + std::to_string(min_stack_kb) + " to "
                  + std::to_string(max_stack_kb));
  if (!thread_guard::present())
    return fail(ec::internal, "the thread that builds an image has no guard");
  if (detail::guest::running_here())
    return fail(ec::internal, "the thread that builds an image runs a script");
  if (!detail::builtin_code::there()) {
    detail::guest guest;
    const auto error = detail::image_builder{guest, options}.compile_modules();
    if (!error.empty())
      return fail(ec::internal,
                  "the built-in modules cannot be compiled: " + error);
  }
  detail::guest guest;
  const auto error = detail::image_builder{guest, options}.build();
  if (!error.empty())
    return fail(ec::internal, "the engine image cannot be built: " + error);
  auto memory = detail::frozen_memory::freeze(guest);
  if (!memory)
    return std::move(memory).error();
  return std::make_shared<const image>(
    std::move(memory).value(), options.host_functions,
    std::make_shared<const module_settings>(options.modules),
    detail::compiled_scripts{});
}

image::image(std::unique_ptr<const detail::frozen_memory> memory,
             host_functions_ptr host_functions,
             std::shared_ptr<const module_settings> modules,
             detail::compiled_scripts scripts)
  : memory_{std::move(memory)},
    host_functions_{std::move(host_functions)},
    modules_{std::move(modules)},
    scripts_{
      std::make_unique<const detail::compiled_scripts>(std::move(scripts))} {}

image::~image() = default;

} // namespace vmsystem::engine
