#include "vmsystem/engine/modules/resolver.hpp"
#include "vmsystem/tests/must.hpp"
#include "vmsystem/tests/temp_folder.hpp"

#include <boost/test/unit_test.hpp>

#include <filesystem>
#include <string>
#include <utility>
#include <vector>

namespace fs = std::filesystem;
using namespace vmsystem::engine;
using namespace vmsystem::engine::detail;
using vmsystem::test::must;
using vmsystem::test::temp_folder;

namespace {

/// A worktree of files, each with its text.
class files {
public:
  void put(const std::string& path, const std::string& text = "") {
    fs::create_directories((outer_.path() / "work" / path).parent_path());
    outer_.put("work/" + path, text);
  }

  void link(const std::string& target, const std::string& path) {
    fs::create_directories((outer_.path() / "work" / path).parent_path());
    fs::create_symlink(target, outer_.path() / "work" / path);
  }

  [[nodiscard]] const temp_folder& outer() const {
    return outer_;
  }

  /// The module's name and, in brackets, its format when that is not
  /// `script`; or the error's message.
  [[nodiscard]] std::string
  resolve(const std::string& specifier, const std::string& importer = "main.js",
          import_kind kind = import_kind::require) const {
    fs::create_directories(outer_.path() / "work");
    const auto folder = must(worktree::open(outer_ / "work"));
    auto found = resolver{settings, &folder}.resolve(specifier, importer, kind);
    if (!found)
      return found.error().message;
    static const char* const formats[]
      = {"", " (commonjs)", " (esm)", " (json)", " (builtin)", " (native)"};
    return found.value().name
           + formats[static_cast<std::size_t>(found.value().format)];
  }

  /// Whether it cannot be found, and the message has the text.
  [[nodiscard]] bool refuses(const std::string& specifier,
                             const std::string& because,
                             const std::string& importer = "main.js") const {
    const auto message = resolve(specifier, importer);
    const bool refused = message.rfind("IMPORT_RESOLUTION_FAILED: ", 0) == 0
                         && message.find(because) != std::string::npos;
    if (!refused)
      BOOST_TEST_MESSAGE(specifier << " gave " << message);
    return refused;
  }

  module_settings settings;

private:
  temp_folder outer_;
};

} // namespace

BOOST_FIXTURE_TEST_SUITE(the_resolver, files)

BOOST_AUTO_TEST_CASE(finds_relative_files_with_and_without_their_ending) {
  put("lib/a.js");
  put("lib/b.mjs");
  put("lib/c.json");
  put("lib/d.cjs");
  BOOST_TEST(resolve("./lib/a.js") == "lib/a.js");
  BOOST_TEST(resolve("./lib/a") == "lib/a.js");
  BOOST_TEST(resolve("./lib/b") == "lib/b.mjs (esm)");
  BOOST_TEST(resolve("./c", "lib/a.js") == "lib/c.json (json)");
  BOOST_TEST(resolve("../lib/d.cjs", "lib/a.js") == "lib/d.cjs (commonjs)");
  BOOST_TEST(resolve("./lib/../lib//a") == "lib/a.js");
  BOOST_TEST(
    refuses("./lib/d", "tried lib/d, lib/d.js, lib/d.mjs, lib/d.json"));
}

BOOST_AUTO_TEST_CASE(tries_the_endings_of_the_template_in_their_order) {
  put("x.ts");
  put("x.js");
  settings.resolver.extensions = {".ts", ".js"};
  BOOST_TEST(resolve("./x") == "x.ts");
  settings.resolver.extensions = {};
  BOOST_TEST(refuses("./x", "tried x, x.json"));
}

BOOST_AUTO_TEST_CASE(takes_absolute_paths_from_the_root_when_allowed) {
  put("lib/x.js");
  BOOST_TEST(resolve("/lib/x.js", "deep/er/y.js") == "lib/x.js");
  settings.resolver.allow_absolute_repo_imports = false;
  BOOST_TEST(refuses("/lib/x.js", "does not allow"));
}

BOOST_AUTO_TEST_CASE(takes_urls_of_files) {
  put("lib/x y.js");
  BOOST_TEST(resolve("file:///lib/x%20y.js?v=1") == "lib/x y.js");
  BOOST_TEST(refuses("file:///lib%2Fx%20y.js", "no URL"));
  BOOST_TEST(refuses("file:///lib/%00", "no URL"));
  BOOST_TEST(refuses("file://host/lib/x.js", "no URL"));
  BOOST_TEST(refuses("file:///../x", "no URL"));
  BOOST_TEST(url_of_path("lib/x y.js") == "file:///lib/x%20y.js");
}

BOOST_AUTO_TEST_CASE(finds_folders_by_their_package_or_index) {
  put("a/index.js");
  put("b/package.json", R"({"main":"lib"})");
  put("b/lib/index.js");
  put("c/package.json", R"({"main":"gone.js"})");
  put("c/index.js");
  put("index.js");
  put("a.js");
  BOOST_TEST(resolve("./a") == "a.js");
  BOOST_TEST(resolve("./a/") == "a/index.js");
  BOOST_TEST(resolve("./b") == "b/lib/index.js");
  BOOST_TEST(resolve("./c") == "c/index.js");
  BOOST_TEST(resolve(".") == "index.js");
  BOOST_TEST(resolve("..", "a/x.js") == "index.js");
}

BOOST_AUTO_TEST_CASE(looks_upwards_in_node_modules_and_then_in_the_roots) {
  put("node_modules/far/index.js");
  put("node_modules/near/index.js");
  put("lib/node_modules/near/main.js");
  put("lib/node_modules/near/package.json", R"({"main":"./main.js"})");
  put("node_modules/@scope/pkg/index.js");
  put("node_modules/@scope/pkg/sub/x.js");
  put("src/own.js");
  BOOST_TEST(resolve("far", "lib/deep/x.js") == "node_modules/far/index.js");
  BOOST_TEST(resolve("near") == "node_modules/near/index.js");
  BOOST_TEST(resolve("near", "lib/x.js") == "lib/node_modules/near/main.js");
  BOOST_TEST(resolve("far", "node_modules/near/index.js")
             == "node_modules/far/index.js");
  BOOST_TEST(resolve("@scope/pkg") == "node_modules/@scope/pkg/index.js");
  BOOST_TEST(resolve("@scope/pkg/sub/x") == "node_modules/@scope/pkg/sub/x.js");
  BOOST_TEST(resolve("src/own") == "src/own.js");
  BOOST_TEST(refuses("own", "tried node_modules/own"));
  settings.resolver.roots = {"src"};
  BOOST_TEST(resolve("own") == "src/own.js");
}

BOOST_AUTO_TEST_CASE(keeps_the_endings_of_packages) {
  put("node_modules/p/index.js");
  settings.resolver.extensions = {".ts"};
  BOOST_TEST(resolve("p") == "node_modules/p/index.js");
}

BOOST_AUTO_TEST_CASE(obeys_exports) {
  put("node_modules/p/package.json", R"({
    "name": "p", "main": "./old.js", "exports": {
      ".": {"import": "./new.mjs", "require": "./new.cjs"},
      "./deep/*": "./lib/*.js",
      "./deep/er/*": "./er/*.js",
      "./deep/secret": null,
      "./list": [{"browser": "./no.js"}, "./lib/a.js"],
      "./nested": {"node": {"import": "./no.mjs"}, "default": "./lib/a.js"},
      "./out": "./../../../main.js",
      "./out2": "../x.js",
      "./modules": "./node_modules/q/index.js",
      "./gone": "./gone.js"
    }})");
  for (const char* path : {"new.mjs", "new.cjs", "old.js", "lib/a.js",
                           "er/b.js", "node_modules/q/index.js"})
    put(std::string{"node_modules/p/"} + path);
  put("main.js");
  const std::string p = "node_modules/p/";
  BOOST_TEST(resolve("p") == p + "new.cjs (commonjs)");
  BOOST_TEST(resolve("p", "main.js", import_kind::import)
             == p + "new.mjs (esm)");
  BOOST_TEST(resolve("p/deep/a") == p + "lib/a.js");
  BOOST_TEST(resolve("p/deep/er/b") == p + "er/b.js");
  BOOST_TEST(resolve("p/list") == p + "lib/a.js");
  BOOST_TEST(resolve("p/nested") == p + "lib/a.js");
  for (const char* hidden :
       {"p/old.js", "p/deep/secret", "p/out", "p/out2", "p/modules", "p/none",
        "p/deep/../../../../main", "p/package.json"})
    BOOST_TEST(refuses(hidden, ""), hidden);
  BOOST_TEST(refuses("p/gone", "tried node_modules/p/gone.js"));
  BOOST_TEST(resolve("p/deep/a", p + "new.cjs") == p + "lib/a.js");
}

BOOST_AUTO_TEST_CASE(obeys_the_short_forms_of_exports) {
  put("node_modules/a/package.json", R"({"exports":"./x.js"})");
  put("node_modules/a/x.js");
  put("node_modules/b/package.json",
      R"({"exports":{"import":"./y.mjs","default":"./x.js"}})");
  put("node_modules/b/x.js");
  BOOST_TEST(resolve("a") == "node_modules/a/x.js");
  BOOST_TEST(resolve("b") == "node_modules/b/x.js");
  BOOST_TEST(refuses("a/x.js", "has no"));
}

BOOST_AUTO_TEST_CASE(obeys_imports_and_a_package_s_own_name) {
  put("package.json", R"({"name":"me","exports":{"./x":"./x.js"},
    "imports":{"#x":"./x.js","#dep/*":"dep/*","#up":"../x.js"}})");
  put("x.js");
  put("node_modules/dep/a.js");
  BOOST_TEST(resolve("#x", "lib/y.js") == "x.js");
  BOOST_TEST(resolve("#dep/a") == "node_modules/dep/a.js");
  BOOST_TEST(resolve("me/x") == "x.js");
  BOOST_TEST(refuses("#up", "has no"));
  BOOST_TEST(refuses("#none", "has no"));
}

BOOST_AUTO_TEST_CASE(reads_the_type_of_the_nearest_package) {
  put("package.json", R"({"type":"module"})");
  put("x.js");
  put("node_modules/p/index.js");
  put("cjs/package.json", R"({"type":"commonjs"})");
  put("cjs/x.js");
  BOOST_TEST(resolve("./x.js") == "x.js (esm)");
  BOOST_TEST(resolve("p") == "node_modules/p/index.js");
  BOOST_TEST(resolve("./cjs/x.js") == "cjs/x.js (commonjs)");
}

BOOST_AUTO_TEST_CASE(follows_links_of_packages_to_where_they_are) {
  put("node_modules/.store/p@1/node_modules/p/index.js");
  put("node_modules/.store/p@1/node_modules/q/index.js");
  link(".store/p@1/node_modules/p", "node_modules/p");
  const std::string at = "node_modules/.store/p@1/node_modules/";
  BOOST_TEST(resolve("p") == at + "p/index.js");
  BOOST_TEST(resolve("q", at + "p/index.js") == at + "q/index.js");
  BOOST_TEST(refuses("q", ""));
}

BOOST_AUTO_TEST_CASE(never_leaves_the_worktree) {
  put("a/x.js");
  outer().put("secret.js", "");
  link("../secret.js", "link.js");
  link("..", "up");
  link((outer().path() / "secret.js").string(), "absolute.js");
  for (const char* specifier : {"../secret.js",
                                "../secret",
                                "./../secret.js",
                                "a/../../secret",
                                "./a/../../secret.js",
                                "/../secret.js",
                                "..",
                                "../..",
                                "./link.js",
                                "./link",
                                "./up/secret.js",
                                "/up/secret.js",
                                "./absolute.js",
                                "up",
                                "./up",
                                "@x/../../secret.js",
                                "..\\secret.js",
                                "%2e%2e/secret.js",
                                "./%2e%2e/secret.js",
                                "file:///%2e%2e/secret.js",
                                "/proc/self/cwd/secret.js",
                                "/etc/passwd",
                                "...",
                                "../work/../secret"})
    BOOST_TEST(refuses(specifier, ""), specifier);
  BOOST_TEST(refuses("./link.js", "leaves the worktree"));
  BOOST_TEST(refuses(std::string{"./a/x.js\0.json", 14}, "no specifier"));
  BOOST_TEST(refuses("", "no specifier"));
  BOOST_TEST(refuses(std::string(5000, 'x'), "no specifier"));
}

BOOST_AUTO_TEST_CASE(says_what_is_wrong_with_a_package) {
  put("node_modules/bad/package.json", "{\"main\":");
  put("node_modules/bad/index.js");
  put("node_modules/list/package.json", "[]");
  put("node_modules/big/package.json",
      "{\"x\":\"" + std::string(2u << 20, 'x') + "\"}");
  put("node_modules/odd/package.json",
      R"({"main":7,"type":[],"name":{},"exports":false})");
  put("node_modules/odd/index.js");
  put("node_modules/deep/package.json",
      R"({"exports":)" + std::string(500, '[') + std::string(500, ']') + "}");
  put("node_modules/away/package.json", R"({"main":"../../../secret"})");
  BOOST_TEST(refuses("bad", "node_modules/bad/package.json cannot be read"));
  BOOST_TEST(refuses("list", "it is no JSON object"));
  BOOST_TEST(refuses("big", "larger than 1 MiB"));
  BOOST_TEST(refuses("odd", "has no"));
  BOOST_TEST(refuses("deep", "has no"));
  BOOST_TEST(refuses("away", ""));
}

BOOST_AUTO_TEST_CASE(gives_native_modules_to_those_that_may_have_them) {
  put("node_modules/fs/index.js");
  BOOST_TEST(resolve("fs").rfind("MODULE_NOT_ALLOWED: ", 0) == 0);
  BOOST_TEST(resolve("node:database").rfind("MODULE_NOT_ALLOWED: ", 0) == 0);
  BOOST_TEST(resolve("node:http").rfind("MODULE_NOT_ALLOWED: ", 0) == 0);
  settings.exposed = {"fs"};
  BOOST_TEST(resolve("fs") == "fs (native)");
  BOOST_TEST(resolve("node:fs/promises") == "fs/promises (native)");
}

BOOST_AUTO_TEST_SUITE_END()
