#include "vmsystem/benchmarks/workloads/raw_engine.hpp"

#include "vmsystem/engine/frozen_memory.hpp"
#include "vmsystem/engine/guest.hpp"
#include "vmsystem/engine/image.hpp"
#include "vmsystem/engine/thread.hpp"

#include <string_view>

namespace vmsystem::bench {

namespace {

using engine::detail::js_tag;
using engine::detail::js_value;

/// Evaluations between two looks at the clock.
constexpr uint32_t chunk = 64;

/// What `JS_Eval` does with 1+1.
constexpr js_value two = engine::detail::make_value(js_tag::integer, 2);

/// Addresses of the script and its name in the guest.
struct script {
  uint32_t source = 0;
  uint32_t size = 0;
  uint32_t name = 0;
};

/// Inside of the guest.
/// @returns whether every value was right.
bool evaluate_chunk(engine::detail::guest& guest, const script& what) {
  for (uint32_t i = 0; i < chunk; ++i) {
    const auto value = guest.call(Z_qwZ_JS_Eval, guest.layout.context,
                                  what.source, what.size, what.name, 0);
    if (value != two)
      return false;
  }
  return true;
}

} // namespace

expected<load_result> run_raw_engine(const load_limit& limit) {
  const auto guard = engine::thread_guard::make();
  if (!guard)
    return guard.error();
  const auto image = engine::image::build({});
  if (!image)
    return image.error();
  engine::detail::guest guest;
  if (auto attached = image.value()->memory().attach(guest); !attached)
    return attached.error();
  constexpr std::string_view source = "1+1";
  load_result result;
  load_budget budget{limit};
  bool right = true;
  const int trap = guest.enter([&] {
    const script what{guest.copy_in(source),
                      static_cast<uint32_t>(source.size()),
                      guest.copy_in("<bench>")};
    while (right && budget.take(clock::now())) {
      right = evaluate_chunk(guest, what);
      result.answers += chunk;
    }
  });
  if (trap != 0 || !right)
    return fail(ec::internal, "the engine did not evaluate 1+1 to 2");
  result.elapsed = clock::now() - budget.start();
  return result;
}

} // namespace vmsystem::bench
