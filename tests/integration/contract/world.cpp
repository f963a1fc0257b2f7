#include "world.hpp"

#include <atomic>
#include <cctype>
#include <filesystem>
#include <stdexcept>

namespace vmsystem::test {

namespace {

const std::string endless = "for (;;);";

const std::map<std::string, std::string>& files() {
  static const std::map<std::string, std::string> all{
    {"ok.js", "'ok'"},
    {"echo.js", "({args: __ARGS__, env: __ENV__})"},
    {"define.js", "globalThis.defined = 'by the startup file'"},
    {"throws.js", "throw new Error('thrown on purpose')"},
    {"endless.js", endless},
    {"folder/a_file_with_a_long_name.js",
     "function fails() {\n  throw new Error('here');\n}\nfails();"},
  };
  return all;
}

std::string unique_name() {
  static std::atomic<uint64_t> count{0};
  return "name-" + std::to_string(++count);
}

std::string in_upper_case(std::string text) {
  for (auto& character : text)
    character
      = static_cast<char>(std::toupper(static_cast<unsigned char>(character)));
  return text;
}

std::string without_hyphens(const std::string& text) {
  std::string result;
  for (const char character : text)
    if (character != '-')
      result += character;
  return result;
}

} // namespace

world::world(const test_daemon& server)
  : server_{server}, control_{server.connect()} {}

world::~world() {
  for (const auto& session : busy_)
    control_.begin("DELETE", "/api/v1/sessions/" + session);
  for (std::size_t i = 0; i < busy_.size(); ++i)
    static_cast<void>(control_.receive());
}

std::string world::expand(std::string_view text) {
  std::string result;
  while (!text.empty()) {
    const auto begin = text.find('<');
    const auto end = text.find('>', begin);
    if (end == std::string_view::npos)
      break;
    result += text.substr(0, begin);
    result += value_of(std::string{text.substr(begin + 1, end - begin - 1)});
    text.remove_prefix(end + 1);
  }
  return result.append(text);
}

std::string world::value_of(const std::string& name) {
  if (name.rfind("x*", 0) == 0)
    return std::string(std::stoul(name.substr(2)), 'x');
  if (const auto colon = name.find(':'); colon != std::string::npos) {
    const auto id = value_of(name.substr(0, colon));
    return name.substr(colon) == ":upper" ? in_upper_case(id)
                                          : without_hyphens(id);
  }
  if (const auto at = values_.find(name); at != values_.end())
    return at->second;
  auto value = make(name);
  values_[name] = value;
  return value;
}

std::string world::make(const std::string& name) {
  const std::string base = "/api/v1/templates/";
  if (name == "name" || name == "template_name")
    return unique_name();
  if (name == "missing")
    return "0123abcd-0000-7000-8000-00000000dead";
  if (name == "template")
    return made_by_post("/api/v1/templates",
                        "{\"name\":" + json_quoted(value_of("template_name"))
                          + '}');
  if (name == "capability")
    return made_by_post(base + value_of("template") + "/capabilities",
                        R"({"kind":"env","name":"HOME"})");
  if (name == "startup_file")
    return made_by_post(base + value_of("template") + "/startup-files",
                        R"({"path":"ok.js"})");
  if (name == "worktree")
    return make_worktree();
  if (name == "session")
    return make_session(control_, value_of("template"), value_of("worktree"));
  if (name == "closed") {
    auto id
      = make_session(control_, value_of("template"), value_of("worktree"));
    ask(control_, "DELETE", "/api/v1/sessions/" + id);
    return id;
  }
  if (name == "execution")
    return run_snippet(control_, value_of("session"), "1+1").field("id").text();
  if (name == "batch")
    return make_batch();
  if (name == "busy")
    return make_busy(endless);
  if (name == "short")
    return make_busy("const end = Date.now() + 300; while (Date.now() < end);");
  if (name == "running")
    return wait_for_running(control_, value_of("busy"));
  if (name == "crowded")
    return make_crowded();
  throw std::runtime_error{"nothing is called <" + name + '>'};
}

std::string world::made_by_post(const std::string& target,
                                const std::string& body) {
  return ask(control_, "POST", target, body).field("id").text();
}

std::string world::make_worktree() {
  worktree_ = std::make_unique<temp_folder>();
  for (const auto& [path, text] : files())
    write_file(*worktree_ / path, text);
  std::filesystem::create_symlink("/etc/hostname", *worktree_ / "leaves.js");
  std::filesystem::create_symlink("ok.js", *worktree_ / "stays.js");
  return worktree_->path().string();
}

std::string world::make_batch() {
  auto id = made_by_post(
    "/api/v1/batches",
    R"({"template_id":")" + value_of("template")
      + R"(","jobs":[{"id":"two","input":"1+1"},{"input":"throw 1"}]})");
  wait_for_batch(control_, id);
  return id;
}

void world::run_in_background(const std::string& session, std::string_view code,
                              uint32_t wait_ms) {
  background_.push_back(server_.connect());
  background_.back().begin("POST", "/api/v1/executions/repl",
                           repl_body(session, code, wait_ms));
}

std::string world::make_busy(std::string_view code) {
  const auto patient
    = make_template(control_, R"({"wall_ms":60000,"cpu_ms":60000})");
  auto id = make_session(control_, patient);
  busy_.push_back(id);
  run_in_background(id, code, 0);
  static_cast<void>(wait_for_running(control_, id));
  return id;
}

std::string world::make_crowded() {
  auto id = make_busy(endless);
  run_in_background(id, "1", 60000);
  // The server reads in the order of arrival: once it has answered these, it
  // knows of the request above.
  for (int i = 0; i < 3; ++i)
    ask(control_, "GET", "/api/v1/runtime/summary");
  return id;
}

} // namespace vmsystem::test
