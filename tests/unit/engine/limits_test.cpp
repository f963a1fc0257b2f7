#include "support.hpp"

#include <boost/test/unit_test.hpp>

using namespace vmsystem;
using namespace vmsystem::engine;
using namespace vmsystem::engine::test;

namespace {

/// How far a run may go over its time limit on a busy machine.
constexpr milliseconds slack{250};

struct time_case {
  const char* source;
  /// Whether the engine polls; if not, the watchdog must kill it.
  bool polls;
};

const time_case time_cases[] = {
  {"for (;;);", true},
  {"try { for (;;); } catch { for (;;); } finally { for (;;); }", true},
  {"try { for (;;); } finally { 1 }", true},
  {"(async () => { for (;;) await null })()", true},
  {"(async () => { for (;;); })().catch(() => { for (;;); })", true},
  {"const f = () => Promise.resolve().then(f); f()", true},
  {"(async () => { for await (const x of (async function* () {"
   " for (;;) yield 1 })()); })()",
   true},
  {"queueMicrotask(function f() { queueMicrotask(f) })", true},
  {"/(a+)+$/.test('a'.repeat(40) + 'b')", true},
  {"new Proxy({}, { get() { for (;;); } }).x", true},
  {"[3, 1, 2].sort(() => { for (;;); })", true},
  {"({ toString() { for (;;); } }) + ''", true},
  {"JSON.stringify({ toJSON() { for (;;); } })", true},
  {"Array.prototype.reverse.call({ length: 2 ** 53 - 1 })", false},
  {"Array.prototype.copyWithin.call({ length: 2 ** 53 - 1 }, 1)", false},
  {"Array.prototype.join.call({ length: 2 ** 32 })", false},
  {"new Array(1e9) + ''", false},
};

} // namespace

BOOST_AUTO_TEST_SUITE(limits)

BOOST_AUTO_TEST_CASE(the_wall_limit_ends_whatever_runs) {
  for (const auto& one : time_cases) {
    BOOST_TEST_CONTEXT(one.source) {
      runtime scripts;
      scripts.limits.wall_limit = milliseconds{100};
      scripts.limits.cpu_limit = std::chrono::seconds{60};
      const stopwatch time;
      const auto outcome = scripts.run(one.source);
      BOOST_TEST(time.elapsed().count() >= 100);
      BOOST_TEST((time.elapsed() < scripts.limits.wall_limit + slack));
      BOOST_TEST(outcome.reason == end_reason::wall_timeout);
      BOOST_TEST(outcome.error.message == "wall time limit of 100 ms exceeded");
      BOOST_TEST(outcome.wall_us >= 100000u);
      BOOST_TEST(scripts.engine().dead() == !one.polls);
      if (one.polls)
        BOOST_TEST(scripts.eval("6*7") == "42");
      else
        BOOST_TEST(scripts.engine().death_reason() == "killed by the watchdog");
    }
  }
}

BOOST_AUTO_TEST_CASE(the_cpu_limit_ends_whatever_computes) {
  for (const auto& one : time_cases) {
    BOOST_TEST_CONTEXT(one.source) {
      runtime scripts;
      scripts.limits.wall_limit = std::chrono::seconds{20};
      scripts.limits.cpu_limit = milliseconds{50};
      const auto outcome = scripts.run(one.source);
      BOOST_TEST(outcome.reason == end_reason::cpu_timeout);
      BOOST_TEST(outcome.error.message == "CPU time limit of 50 ms exceeded");
      BOOST_TEST(outcome.cpu_us >= 50000u);
      BOOST_TEST(outcome.cpu_us <= outcome.wall_us);
      BOOST_TEST(scripts.engine().dead() == !one.polls);
    }
  }
}

BOOST_AUTO_TEST_CASE(an_endless_loop_says_where_it_was) {
  runtime scripts;
  scripts.limits.wall_limit = milliseconds{30};
  scripts.limits.file_name = "user.js";
  const auto outcome = scripts.run("function spin() { for (;;); }\nspin()");
  BOOST_TEST(outcome.error.stack
             == "    at spin (user.js:1:1)\n    at <eval> (user.js:2:1)");
}

BOOST_AUTO_TEST_CASE(jobs_of_a_stopped_script_do_not_run_in_the_next) {
  runtime scripts;
  scripts.limits.wall_limit = milliseconds{50};
  const auto stopped = scripts.run(
    "const f = () => { globalThis.count = (globalThis.count ?? 0) + 1;"
    " return Promise.resolve().then(f) }; for (let i = 0; i < 100; i++) f();"
    "for (let i = 0; i < 1000; i++) queueMicrotask(() => globalThis.late = i)");
  BOOST_TEST(stopped.reason == end_reason::wall_timeout);
  const auto count = scripts.eval("globalThis.count");
  BOOST_TEST(scripts.eval("globalThis.count") == count);
  BOOST_TEST(scripts.eval("Promise.resolve(1).then((x) => x + 1)") == "2");
}

BOOST_AUTO_TEST_CASE(the_memory_limit_ends_what_grows) {
  static const char* const sources[] = {
    "const a = []; for (;;) a.push({})",
    "const a = []; for (;;) a.push(new ArrayBuffer(1e6))",
    "const a = []; for (let i = 0;; i++) a.push('x'.repeat(1e5) + i)",
    "const m = new Map; for (let i = 0;; i++) m.set(i, [i])",
    "const a = []; for (let i = 0;; i++) a.push(() => i)",
    "'x'.repeat(2 ** 29)",
    "new Uint8Array(2 ** 28)",
    "let a = []; for (;;) a = [a, new Array(1000).fill(a)]",
    "let o = {}; for (let i = 0;; i++) o['k' + i] = i",
    "const p = []; for (;;) p.push(Promise.reject(new Error('x')))",
    "let n = 1n << 30n; const a = []; for (;;) a.push(n <<= 1n)",
  };
  for (const auto* source : sources) {
    BOOST_TEST_CONTEXT(source) {
      auto options = default_options();
      options.mem_mb = 16;
      runtime scripts{options};
      scripts.limits.wall_limit = std::chrono::seconds{20};
      scripts.limits.cpu_limit = std::chrono::seconds{20};
      const auto outcome = scripts.run(source);
      BOOST_TEST(outcome.reason == end_reason::memory_limit);
      BOOST_TEST(outcome.error.message == "memory limit of 16 MiB exceeded");
      BOOST_TEST(outcome.peak_mem_kb <= (16u + 16u) * 1024);
      BOOST_TEST(!scripts.engine().dead());
    }
  }
}

BOOST_AUTO_TEST_CASE(a_caught_lack_of_memory_is_the_scripts_own_business) {
  runtime scripts;
  scripts.limits.wall_limit = std::chrono::seconds{20};
  scripts.limits.cpu_limit = std::chrono::seconds{20};
  BOOST_TEST(scripts.eval("let a = []; try { for (;;) a.push({}) }"
                          "catch (e) { a = null; e.message }")
             == "out of memory");
}

BOOST_AUTO_TEST_CASE(a_full_heap_can_be_emptied_by_the_next_script) {
  runtime scripts;
  scripts.limits.wall_limit = std::chrono::seconds{20};
  scripts.limits.cpu_limit = std::chrono::seconds{20};
  const auto full = scripts.run("var hoard = []; for (;;) hoard.push({})");
  BOOST_TEST(full.reason == end_reason::memory_limit);
  BOOST_TEST(full.peak_mem_kb > 60u * 1024);
  BOOST_TEST(scripts.eval("hoard.length > 1e5") == "true");
  BOOST_TEST(scripts.eval("hoard = null") == "null");
  BOOST_TEST(scripts.run("1").peak_mem_kb < 4096u);
}

BOOST_AUTO_TEST_CASE(too_deep_recursion_is_a_stack_limit) {
  static const char* const sources[] = {
    "function f() { f() } f()",
    "const o = { get x() { return this.x } }; o.x",
    "new Proxy({}, { get(t, k, r) { return r[k] } }).a",
    "({ toString() { return '' + this } }) + ''",
    "const f = () => [2, 1].sort(f); f()",
    "const f = () => 'a'.replace(/a/, f); f()",
    "const o = { toJSON() { return JSON.stringify(o) } }; JSON.stringify(o)",
    "JSON.parse('['.repeat(1e6))",
    "eval('('.repeat(1e6))",
    "new RegExp('(?:'.repeat(1e6))",
    "let a = []; for (let i = 0; i < 1e5; i++) a = [a]; a.flat(Infinity)",
    "let p = {}; for (let i = 0; i < 3e4; i++) p = new Proxy(p, {}); p.x",
  };
  for (const auto* source : sources) {
    BOOST_TEST_CONTEXT(source) {
      runtime scripts;
      const auto outcome = scripts.run(source);
      BOOST_TEST(outcome.reason == end_reason::stack_limit);
      BOOST_TEST(outcome.error.message
                 == "stack limit exceeded: too much recursion");
      BOOST_TEST(!scripts.engine().dead());
      BOOST_TEST(scripts.eval("(function g(n) { return n && 1 + g(n - 1) })"
                              "(500)")
                 == "500");
    }
  }
}

BOOST_AUTO_TEST_CASE(source_that_is_nested_too_deep_is_a_stack_limit) {
  for (const char* unit : {"(", "[", "{", "!", "a=>", "1?1:", "new ", "`${"}) {
    BOOST_TEST_CONTEXT(unit) {
      std::string source;
      for (int i = 0; i < 200000; ++i)
        source += unit;
      runtime scripts;
      const auto outcome = scripts.run(source);
      BOOST_TEST((outcome.reason == end_reason::stack_limit
                  || outcome.reason == end_reason::syntax_error));
      BOOST_TEST(!scripts.engine().dead());
    }
  }
}

BOOST_AUTO_TEST_CASE(recursion_goes_as_deep_as_stack_kb_says) {
  const auto depth = [](uint32_t stack_kb) {
    auto options = default_options();
    options.stack_kb = stack_kb;
    return std::stoi(runtime{options}.eval(
      "let n = 0; function f() { n++; f() } try { f() } catch {} n"));
  };
  BOOST_TEST(depth(256) > 1000);
  BOOST_TEST(depth(512) > 2000);
}

BOOST_AUTO_TEST_CASE(a_huge_source_ends_in_time) {
  std::string source = "0";
  while (source.size() < 30u << 20)
    source += "+1+1+1+1+1+1+1+1+1+1+1+1+1+1+1+1";
  auto options = default_options();
  options.mem_mb = 512;
  runtime scripts{options};
  scripts.limits.wall_limit = milliseconds{100};
  const stopwatch time;
  const auto outcome = scripts.run(source);
  BOOST_TEST((time.elapsed() < scripts.limits.wall_limit + slack));
  BOOST_TEST(outcome.reason == end_reason::wall_timeout);
}

BOOST_AUTO_TEST_CASE(a_source_beyond_the_memory_is_a_memory_limit) {
  auto options = default_options();
  options.mem_mb = 4;
  runtime scripts{options};
  const std::string source(40u << 20, ' ');
  BOOST_TEST(scripts.run(source).reason == end_reason::memory_limit);
  BOOST_TEST(scripts.eval("1") == "1");
}

BOOST_AUTO_TEST_CASE(figures_of_a_run_are_plausible) {
  runtime scripts;
  auto outcome = scripts.run("const a = new Uint8Array(2e7).fill(1); a[5]");
  BOOST_TEST(outcome.peak_mem_kb > 19000u);
  BOOST_TEST(outcome.peak_mem_kb < 30000u);
  outcome
    = scripts.run("const end = Date.now() + 30; while (Date.now() < end);");
  BOOST_TEST(outcome.wall_us >= 29000u);
  BOOST_TEST(outcome.cpu_us > 0u);
  BOOST_TEST(outcome.cpu_us <= outcome.wall_us);
}

BOOST_AUTO_TEST_SUITE_END()
