#pragma once

#include "vmsystem/engine/guest.hpp"
#include "vmsystem/engine/image.hpp"
#include "vmsystem/engine/modules/builtin_code.hpp"

#include <initializer_list>
#include <string>
#include <string_view>
#include <vector>

namespace vmsystem::engine::detail {

/// Makes a guest fit for being an image: without garbage, without what was left
/// on its stack, with free memory so that small scripts need not ask for more.
/// Inside of `enter` only.
/// @returns null on success, else what failed.
[[nodiscard]] const char* tidy(guest& target);

/// Sets up the engine in a fresh guest: limits, prelude, console. Everything
/// that is done once per image, so that no clone has to.
class image_builder {
public:
  image_builder(guest& target, const image_options& options);

  /// @returns empty on success, else what failed.
  [[nodiscard]] std::string build();

  /// Publishes `builtin_code`, which all images need, instead of making an
  /// image: the guest is good for nothing else.
  /// @returns empty on success, else what failed.
  [[nodiscard]] std::string compile_modules();

private:
  /// Each step is called inside of `enter`.
  /// @returns null on success, else what failed.
  using step = const char* (image_builder::*)();

  /// Takes the steps, up to the first that fails.
  std::string take(std::initializer_list<step> steps);

  const char* start_engine();
  bool place_stack();
  const char* find_memory_counter();
  const char* find_random_state();
  const char* find_job_list();
  const char* load_prelude();
  const char* make_console();
  const char* make_host();
  const char* make_globals();
  const char* make_modules();
  const char* compile_all_modules();
  const char* tidy_up();

  const char* make_prelude_realm();
  /// Evaluates all files of the prelude.
  /// @returns what the last one gave, or an exception.
  js_value evaluate_prelude();
  /// A function of the prelude's realm that calls the host.
  js_value native_function(uint32_t index, uint32_t magic);
  /// Gives an object of the scripts' realm a method that calls the host.
  void add_method(js_value object, const char* name, uint32_t index,
                  uint32_t magic);
  /// Consumes the value.
  void define_global(const char* name, js_value value);

  /// Compiles or evaluates, as `flags` of the engine say.
  js_value compile(uint32_t context, std::string_view source,
                   const char* file_name, uint32_t flags);

  /// Compiles without the text.
  /// @returns the address of the bytecode, whose size is in the scratch; 0
  ///          when that failed.
  uint32_t bytecode(uint32_t context, std::string_view source,
                    const char* file_name);

  /// Evaluates our own code in a realm; an exception is dropped.
  js_value evaluate(uint32_t context, std::string_view source,
                    const char* file_name);

  /// As `evaluate`, but functions do not keep their text, which nested ones
  /// would keep again and again.
  js_value evaluate_bare(uint32_t context, std::string_view source,
                         const char* file_name);

  /// Evaluates for the side effect.
  /// @returns whether it did not throw.
  bool run(std::string_view source);

  guest& guest_;
  const image_options& options_;
  std::vector<std::string_view> sources_;
  /// What the prelude shares with the globals.
  js_value shared_ = js_undefined;
  /// Where the engine's own stack began.
  uint32_t own_stack_pointer_ = 0;
  builtin_code::table builtin_code_;
  // Here, because a trap runs no destructors.
  std::string text_;
  std::string name_;
};

} // namespace vmsystem::engine::detail
