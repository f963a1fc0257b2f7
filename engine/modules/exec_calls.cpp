#include "vmsystem/engine/modules/exec_calls.hpp"

#include "vmsystem/engine/modules/answers.hpp"
#include "vmsystem/engine/modules/resolver.hpp"
#include "vmsystem/engine/script_errors.hpp"
#include "vmsystem/engine/supervision.hpp"
#include "vmsystem/engine/utf8.hpp"

#include <algorithm>
#include <climits>
#include <cstring>
#include <utility>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

namespace vmsystem::engine::detail {

namespace {

constexpr std::string_view not_allowed = "EXEC_NOT_ALLOWED";

/// Where programs are that are listed by their bare name.
constexpr std::array<std::string_view, 3> program_folders{"/usr/local/bin/",
                                                          "/usr/bin/", "/bin/"};

/// What a script finds as the `code` of an error.
std::string_view code_of(ec code) {
  switch (code) {
    case ec::file_not_found:
      return "ENOENT";
    case ec::invalid_path:
      return "EACCES";
    case ec::payload_too_large:
      return "E2BIG";
    case ec::validation_error:
      return "ERR_INVALID_ARG_VALUE";
    default:
      return "EIO";
  }
}

std::string in_quotes(std::string_view text) {
  return '"' + std::string{text} + '"';
}

/// Names that decide which code a program runs: scripts never set them.
bool is_loader_name(std::string_view name) {
  return name == "PATH" || name.rfind("LD_", 0) == 0;
}

bool is_program(const std::string& path) {
  struct stat found {};
  return stat(path.c_str(), &found) == 0 && S_ISREG(found.st_mode)
         && access(path.c_str(), X_OK) == 0;
}

uint32_t whole_number(js_value value) {
  return tag_of(value) == js_tag::integer ? payload_of(value) : 0;
}

} // namespace

void exec_calls::end_run() noexcept {
  environment_ = {};
  input_ = {};
  text_bytes_ = 0;
  opened_ = descriptor{};
  call_ = {};
  result_ = program_result{};
}

js_value exec_calls::call(guest& owner, const worktree* files,
                          uint32_t argument_count, uint32_t arguments) {
  const given_values given
    = take_arguments<std::tuple_size_v<given_values>>(owner, argument_count,
                                                      arguments);
  if (static_cast<exec_operation>(payload_of(given[0])) != exec_operation::run)
    return make_value(js_tag::boolean, settings_.allow_exec ? 1u : 0u);
  end_run();
  auto value = js_exception;
  if (take(owner, given))
    value = prepare(files) ? run(owner) : throw_error(owner, message_, code_);
  if (!is_exception(value)) {
    const auto as_bytes = static_cast<std::size_t>(exec_argument::as_bytes);
    value = answer(owner, is_true(given[as_bytes]));
  }
  end_run();
  return value;
}

bool exec_calls::take(guest& owner, const given_values& given) {
  const auto value = [&given](exec_argument which) {
    return given[static_cast<std::size_t>(which)];
  };
  command_.clear();
  folder_.clear();
  const auto folder = value(exec_argument::folder);
  const auto input = value(exec_argument::input);
  if (!owner.append_text(value(exec_argument::command), command_, PATH_MAX)
      || !take_texts(owner, value(exec_argument::arguments), call_.arguments)
      || !take_texts(owner, value(exec_argument::environment), environment_)
      || (is_string(folder)
          && !owner.append_text(folder, folder_, PATH_MAX + 1))
      || (is_string(input) && !owner.append_text(input, input_))) {
    owner.call(Z_qwZ_JS_ThrowOutOfMemory, owner.layout.context);
    return false;
  }
  const auto& grant = settings_.programs;
  call_.timeout = grant.timeout;
  call_.max_output_bytes = grant.max_output_bytes;
  if (const auto ms = whole_number(value(exec_argument::timeout)); ms != 0)
    call_.timeout = std::min(call_.timeout, std::chrono::milliseconds{ms});
  if (const auto most = whole_number(value(exec_argument::max_output));
      most != 0)
    call_.max_output_bytes
      = std::min<std::size_t>(call_.max_output_bytes, most);
  call_.input = input_;
  return !is_object(input) || take_bytes(owner, input);
}

// The list was made by our own code. What is too long is cut off, and refused
// later.
bool exec_calls::take_texts(guest& owner, js_value list,
                            std::vector<std::string>& to) {
  for (uint32_t i = 0; text_bytes_ <= max_program_text_bytes; ++i) {
    const auto text = item_of(owner, list, i);
    const bool taken
      = is_string(text)
        && owner.append_text(text, to.emplace_back(),
                             max_program_text_bytes + 1 - text_bytes_);
    owner.free_value(text);
    if (!taken)
      return !is_string(text);
    text_bytes_ += to.back().size() + 1;
  }
  return true;
}

// Nothing of the guest runs from here until the program has ended.
bool exec_calls::take_bytes(guest& owner, js_value input) {
  const auto bytes = bytes_of(owner, input);
  if (bytes)
    call_.input = *bytes;
  else
    throw_error(owner,
                "The \"input\" argument must be of type string or a Uint8Array",
                "ERR_INVALID_ARG_TYPE");
  return bytes.has_value();
}

bool exec_calls::refuse(std::string_view code, std::string message) {
  code_ = code;
  message_.clear();
  append_valid_utf8(message_, code_ + ": " + std::move(message), SIZE_MAX);
  return false;
}

bool exec_calls::prepare(const worktree* files) {
  if (!settings_.allow_exec)
    return refuse(not_allowed, "this server runs no programs: it was started "
                               "without --allow-exec");
  if (text_bytes_ > max_program_text_bytes)
    return refuse("E2BIG", "the arguments and the environment have more than "
                             + std::to_string(max_program_text_bytes)
                             + " bytes");
  return find_program() && set_environment() && open_folder(files);
}

bool exec_calls::find_program() {
  const auto& listed = settings_.programs.programs;
  if (listed.empty())
    return refuse(not_allowed,
                  "the template allows no programs: it has no capability of "
                  "the kind \"module\" with the name \"exec\" whose "
                  "configuration lists them, as {\"programs\":[\"sort\"]}");
  if (std::find(listed.begin(), listed.end(), command_) == listed.end())
    return refuse(not_allowed,
                  in_quotes(command_)
                    + " is not among the programs that the template's "
                      "capability \"exec\" lists; name one as it stands there");
  if (command_.rfind('/', 0) == 0) {
    call_.path = command_;
    return true;
  }
  for (const auto folder : program_folders) {
    call_.path = std::string{folder} + command_;
    if (is_program(call_.path))
      return true;
  }
  return refuse("ENOENT", "there is no program " + in_quotes(command_)
                            + " in /usr/local/bin, /usr/bin or /bin");
}

bool exec_calls::set_environment() {
  auto variables = settings_.programs.environment;
  for (std::size_t i = 0; i + 1 < environment_.size(); i += 2) {
    const auto& name = environment_[i];
    const auto at
      = std::find_if(variables.begin(), variables.end(),
                     [&](const auto& one) { return one.first == name; });
    if (at == variables.end())
      return refuse(not_allowed,
                    in_quotes(name)
                      + " is not in the environment that the template's "
                        "capability \"exec\" lists");
    if (is_loader_name(name))
      return refuse(not_allowed, in_quotes(name) + " cannot be set by scripts");
    at->second = environment_[i + 1];
  }
  for (const auto& [name, value] : variables)
    call_.environment.push_back(name + '=' + value);
  return true;
}

bool exec_calls::open_folder(const worktree* files) {
  auto path = join_path("", folder_);
  if (path && path->empty())
    *path = ".";
  auto error = !path ? EACCES : ENOENT;
  if (path && files != nullptr)
    error = files->open_file(*path, O_RDONLY | O_DIRECTORY, 0, opened_);
  if (error == EXDEV || error == ELOOP)
    error = EACCES;
  call_.folder = opened_.get();
  if (error == 0)
    return true;
  const char* const code = strerrorname_np(error);
  return refuse(code == nullptr ? "EIO" : code,
                std::string{std::strerror(error)} + ", cwd "
                  + in_quotes(folder_.empty() ? "/" : folder_));
}

js_value exec_calls::run(guest& owner) {
  call_.stop = stop_of(owner);
  owner.active->begin_host();
  result_ = run_program(call_);
  owner.active->end_host();
  if (owner.active->poll() || was_stopped(owner))
    return owner.throw_stop();
  if (result_)
    return js_undefined;
  refuse(code_of(result_.error().code), result_.error().message);
  return throw_error(owner, message_, code_);
}

js_value exec_calls::output(guest& owner, std::string& from, bool as_bytes) {
  if (as_bytes)
    return new_bytes(owner, from);
  message_.clear();
  append_valid_utf8(message_, from, SIZE_MAX);
  from = {};
  return owner.new_string(message_);
}

js_value exec_calls::answer(guest& owner, bool as_bytes) {
  auto& result = result_.value();
  const auto list
    = list_of(owner,
              make_value(js_tag::integer, static_cast<uint32_t>(result.end)));
  auto code = make_value(js_tag::integer, static_cast<uint32_t>(result.code));
  if (result.end == program_end::signalled) {
    const char* const name = sigabbrev_np(result.code);
    message_ = "SIG";
    message_ += name == nullptr ? std::to_string(result.code) : name;
    code = owner.new_string(message_);
  }
  if (is_object(list) && append(owner, list, 1, code)
      && append(owner, list, 2, output(owner, result.output, as_bytes))
      && append(owner, list, 3, output(owner, result.errors, as_bytes)))
    return list;
  owner.free_value(list);
  return owner.call(Z_qwZ_JS_ThrowOutOfMemory, owner.layout.context);
}

} // namespace vmsystem::engine::detail
