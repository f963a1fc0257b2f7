#include "vmsystem/engine/instance.hpp"
#include "vmsystem/engine/thread.hpp"
#include "vmsystem/tests/must.hpp"
#include "vmsystem/tests/temp_folder.hpp"

#include <boost/test/unit_test.hpp>

#include <chrono>
#include <filesystem>
#include <fstream>
#include <memory>
#include <optional>
#include <sstream>
#include <string>
#include <string_view>
#include <vector>

// Cases of `cases/*.txt`: files of a worktree, scripts that run in it one after
// the other in one session, and what they print and end with.
//
//   == the case's name [option ...]       options: sloppy, no-esm, no-absolute,
//                                         expose=NAME, fs=GRANT, no-exec,
//                                         no-programs, wall=MS
//   -- file PATH, -- outside PATH, -- link PATH TARGET
//   -- run PATH, -- startup PATH, -- snippet
//   -- prints                             lines that the runs before printed
//   -- ours WHY                           Node, which filled the case, differs
//   -- value PREVIEW, -- error TEXT       how the last run ended; the message
//                                         has the text

namespace fs = std::filesystem;
using namespace vmsystem;
using namespace vmsystem::engine;
using vmsystem::test::must;
using vmsystem::test::temp_folder;

namespace {

class line_sink : public event_sink {
public:
  std::optional<end_reason> console(console_level,
                                    std::string_view text) noexcept override {
    lines.append(text).append(1, '\n');
    return std::nullopt;
  }

  std::string lines;
};

struct step {
  std::string verb;
  std::string argument;
  std::string body;
};

struct module_case {
  std::string name;
  std::vector<std::string> words;
  std::vector<step> steps;
};

std::vector<module_case> read_cases(const fs::path& path) {
  std::ifstream file{path};
  std::vector<module_case> cases;
  for (std::string line; std::getline(file, line);) {
    if (line.rfind("== ", 0) == 0) {
      cases.push_back({line.substr(3), {}, {}});
      std::istringstream words{line};
      for (std::string word; words >> word;)
        cases.back().words.push_back(word);
    } else if (line.rfind("-- ", 0) == 0) {
      const auto space = line.find(' ', 3);
      cases.back().steps.push_back(
        {line.substr(3, space == std::string::npos ? space : space - 3),
         space == std::string::npos ? "" : line.substr(space + 1),
         {}});
    } else if (!cases.empty() && !cases.back().steps.empty()) {
      auto& last = cases.back().steps.back();
      if (!line.empty() || last.verb != "prints")
        last.body.append(line).append(1, '\n');
    }
  }
  return cases;
}

/// What the cases of the module `exec` may run.
program_grant programs_of_cases() {
  program_grant grant;
  grant.programs
    = {"sh",  "cat",  "env",       "yes",        "printf",
       "pwd", "sort", "/bin/echo", "/nowhere/x", "no-such-program"};
  grant.environment = {{"LANG", "C"}, {"GREETING", "hello"}, {"PATH", "/bin"}};
  grant.max_output_bytes = 100000;
  return grant;
}

image_options options_of(const module_case& one) {
  image_options options;
  options.mem_mb = 64;
  options.modules.allow_exec = true;
  options.modules.programs = programs_of_cases();
  for (const auto& word : one.words) {
    if (word == "sloppy")
      options.runtime.strict = false;
    if (word == "no-esm")
      options.runtime.esm = false;
    if (word == "no-absolute")
      options.modules.resolver.allow_absolute_repo_imports = false;
    if (word.rfind("expose=", 0) == 0)
      options.modules.exposed.push_back(word.substr(7));
    if (word == "no-exec")
      options.modules.allow_exec = false;
    if (word == "no-programs")
      options.modules.programs = {};
    if (word == "fs=read")
      options.modules.files = {{false, {"."}}};
    if (word == "fs=data")
      options.modules.files = {{false, {"."}}, {true, {"data", "log.txt"}}};
    if (word == "fs=only-data")
      options.modules.files = {{true, {"data"}}};
  }
  return options;
}

/// A worktree and a session in it.
class session {
public:
  explicit session(const module_case& one)
    : instance_{must(instance::clone(must(image::build(options_of(one)))))} {
    fs::create_directory(outer_ / "work");
    for (const auto& word : one.words)
      if (word.rfind("wall=", 0) == 0)
        wall_limit_ = std::chrono::milliseconds{std::stoi(word.substr(5))};
  }

  void play(const step& next) {
    BOOST_TEST_CONTEXT(next.verb << ' ' << next.argument) {
      if (next.verb == "file")
        put(fs::path{"work"} / next.argument, next.body);
      else if (next.verb == "outside")
        put(next.argument, next.body);
      else if (next.verb == "link")
        link(next.argument);
      else if (next.verb == "run")
        run(next, script_role::file);
      else if (next.verb == "startup")
        run(next, script_role::startup_file);
      else if (next.verb == "snippet")
        run(next, script_role::snippet);
      else if (next.verb == "prints")
        BOOST_TEST(std::exchange(sink_.lines, {}) == next.body);
      else if (next.verb == "value")
        BOOST_TEST(ending() == next.argument);
      else if (next.verb == "error")
        BOOST_TEST(ending().find(next.argument) != std::string::npos, ending());
      else
        BOOST_TEST((next.verb == "ours"), "unknown step");
    }
  }

  ~session() {
    BOOST_TEST(sink_.lines == "");
  }

private:
  void put(const fs::path& path, const std::string& text) {
    fs::create_directories((outer_.path() / path).parent_path());
    outer_.put(path.string(), text);
  }

  void link(const std::string& argument) {
    const auto space = argument.find(' ');
    const auto path = outer_.path() / "work" / argument.substr(0, space);
    fs::create_directories(path.parent_path());
    fs::create_symlink(argument.substr(space + 1), path);
  }

  void run(const step& next, script_role role) {
    if (!next.body.empty() && role != script_role::snippet)
      put(fs::path{"work"} / next.argument, next.body);
    const auto folder = outer_ / "work";
    std::string text;
    if (role != script_role::snippet) {
      std::ifstream file{outer_.path() / "work" / next.argument};
      text.assign(std::istreambuf_iterator<char>{file}, {});
    }
    run_options options;
    options.role = role;
    options.source = role == script_role::snippet ? next.body : text;
    options.file_name
      = role == script_role::snippet ? "<repl>" : next.argument.c_str();
    options.worktree = folder;
    options.wall_limit = wall_limit_;
    options.sink = &sink_;
    outcome_ = instance_->run(options);
  }

  [[nodiscard]] std::string ending() const {
    if (outcome_.waiting)
      return "waits";
    return outcome_.reason == end_reason::ok
             ? outcome_.value.preview
             : outcome_.error.message + '\n' + outcome_.error.stack;
  }

  temp_folder outer_;
  std::unique_ptr<instance> instance_;
  std::chrono::nanoseconds wall_limit_ = run_options{}.wall_limit;
  line_sink sink_;
  run_outcome outcome_;
};

struct guarded_main_thread {
  thread_guard guard = must(thread_guard::make());
};

void play_all(const std::string& file, std::size_t at_least) {
  const auto cases = read_cases(fs::path{VMSYSTEM_MODULE_CASES} / file);
  BOOST_TEST(cases.size() >= at_least);
  for (const auto& one : cases) {
    BOOST_TEST_CONTEXT(one.name) {
      session in{one};
      for (const auto& next : one.steps)
        in.play(next);
    }
  }
}

} // namespace

BOOST_TEST_GLOBAL_FIXTURE(guarded_main_thread);

BOOST_AUTO_TEST_SUITE(module_cases)

BOOST_AUTO_TEST_CASE(built_in_modules) {
  play_all("builtin.txt", 3);
}

BOOST_AUTO_TEST_CASE(commonjs) {
  play_all("commonjs.txt", 20);
}

BOOST_AUTO_TEST_CASE(es_modules) {
  play_all("esm.txt", 20);
}

// Filled by expect_node.js.
BOOST_AUTO_TEST_CASE(they_do_as_in_node) {
  play_all("node.txt", 65);
}

BOOST_AUTO_TEST_CASE(files) {
  play_all("fs.txt", 10);
}

BOOST_AUTO_TEST_CASE(databases_of_scripts) {
  play_all("database.txt", 11);
}

BOOST_AUTO_TEST_CASE(programs_of_scripts) {
  play_all("exec.txt", 20);
}

BOOST_AUTO_TEST_CASE(stacks_show_nothing_of_the_loader) {
  session in{{"a stack", {}, {}}};
  in.play({"run", "main.js", "require('./nope')"});
  in.play({"error", "nope.json\n    at <eval> (main.js:1:1)", {}});
  in.play({"file", "bad.js", "throw new Error('bad');\n"});
  in.play({"run", "main.js", "require('./bad')"});
  in.play({"error", "(bad.js:1:72)\n    at <eval> (main.js:1:1)", {}});
}

// Each module is loaded while the one before is.
BOOST_AUTO_TEST_CASE(deep_chains_end_with_an_error_that_can_be_caught) {
  session in{{"a chain", {}, {}}};
  constexpr int length = 3000;
  for (int i = 0; i < length; ++i) {
    const auto at = std::to_string(i);
    const auto next = std::to_string(i + 1);
    in.play({"file", "c/" + at + ".js",
             "module.exports = 1 + require('./" + next + "');\n"});
    in.play({"file", "m/" + at + ".mjs",
             "import n from './" + next + ".mjs'; export default n + 1;\n"});
  }
  in.play(
    {"file", "c/" + std::to_string(length) + ".js", "module.exports = 0"});
  in.play({"file", "m/" + std::to_string(length) + ".mjs", "export default 0"});
  for (const char* first : {"./c/0.js", "./m/0.mjs"}) {
    in.play({"run", "main.mjs",
             "const m = await import('" + std::string{first}
               + "').catch((e) => ({ default: e.name }));\n"
                 "export default typeof m.default;\n"});
    in.play({"value", "string", {}});
  }
  in.play({"run", "short.mjs",
           "const m = await import('./m/2990.mjs');\n"
           "export default m.default + require('./c/2990.js');\n"});
  in.play({"value", "20", {}});
}

BOOST_AUTO_TEST_SUITE_END()
