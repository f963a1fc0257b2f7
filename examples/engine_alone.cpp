// The engine without actors, store and records: heaps, scripts and limits.

#include "vmsystem/engine/instance.hpp"
#include "vmsystem/engine/thread.hpp"

#include <chrono>
#include <iostream>
#include <memory>

namespace engine = vmsystem::engine;

namespace {

class printer final : public engine::event_sink {
public:
  std::optional<vmsystem::end_reason>
  console(vmsystem::console_level, std::string_view text) noexcept override {
    std::cout << "console: " << text << '\n';
    return std::nullopt;
  }
};

void run(engine::instance& instance, std::string_view source) {
  printer sink;
  engine::run_options options;
  options.source = source;
  options.sink = &sink;
  options.wall_limit = std::chrono::milliseconds{200};
  const auto outcome = instance.run(options);
  if (outcome.reason == vmsystem::end_reason::ok)
    std::cout << "value: " << outcome.value.preview << '\n';
  else
    std::cout << name_of(outcome.reason) << ": " << outcome.error.message
              << '\n';
}

} // namespace

int main() {
  // Every thread that runs scripts needs one.
  const auto guard = engine::thread_guard::make();
  if (!guard) {
    std::cerr << guard.error().message << '\n';
    return 1;
  }

  auto functions = std::make_shared<engine::host_function_table>();
  const auto added
    = functions->add("greet",
                     [](const vmsystem::json_text& args)
                       -> vmsystem::expected<vmsystem::json_text> {
                       return vmsystem::json_text{"{\"got\":" + args.text
                                                  + '}'};
                     });
  if (!added)
    return 1;

  engine::image_options options;
  options.mem_mb = 16;
  options.host_functions = functions;
  const auto image = engine::image::build(options);
  if (!image) {
    std::cerr << image.error().message << '\n';
    return 1;
  }

  // A clone costs microseconds. What one does, no other sees.
  auto first = engine::instance::clone(image.value()).value();
  auto second = engine::instance::clone(image.value()).value();
  run(*first, "globalThis.n = 41; console.log('n is', n)");
  run(*first, "n + 1");
  run(*second, "typeof n");
  run(*first, "host.greet('you', 2).got.join(' and ')");
  run(*first, "for (;;) {}");
  run(*first, "n");
}
