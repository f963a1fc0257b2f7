#include "vmsystem/app/library_fetch.hpp"

#include "vmsystem/app/child_program.hpp"
#include "vmsystem/app/whole_file.hpp"
#include "vmsystem/models/text.hpp"
#include "vmsystem/pipeline/integrity.hpp"
#include "vmsystem/pipeline/library_cache.hpp"

#include <algorithm>
#include <cerrno>
#include <filesystem>
#include <regex>
#include <system_error>
#include <vector>

#include <stdlib.h>

namespace vmsystem {

namespace {

namespace fs = std::filesystem;

constexpr std::size_t max_archive_bytes = 128u << 20;

/// Of what npm prints, and of a list of an archive's files.
constexpr std::size_t max_text_bytes = 8u << 20;

/// Of what npm says about an error.
constexpr std::size_t max_reason_bytes = 400;

failure not_fetched(const npm_script& wanted, const std::string& why) {
  return fail(ec::library_not_found, wanted.package + '@' + wanted.version
                                       + " cannot be fetched: " + why);
}

/// A folder for the time of a download.
class scratch_folder {
public:
  scratch_folder() {
    std::error_code error;
    auto name = (fs::temp_directory_path(error) / "vm-system.XXXXXX").string();
    if (!error && ::mkdtemp(name.data()) != nullptr)
      path_ = name;
  }
  scratch_folder(const scratch_folder&) = delete;
  scratch_folder& operator=(const scratch_folder&) = delete;
  ~scratch_folder() {
    std::error_code ignored;
    if (!path_.empty())
      fs::remove_all(path_, ignored);
  }
  /// Empty when it could not be made.
  [[nodiscard]] const std::string& path() const noexcept {
    return path_;
  }

private:
  std::string path_;
};

/// What npm said, on one line and without where it was in its own code.
std::string reason_of(const program_result& ran) {
  constexpr std::string_view prefix = "npm error ";
  std::string result;
  std::string_view rest = ran.err;
  while (!rest.empty() && result.size() < max_reason_bytes) {
    auto line = cut(rest, '\n');
    if (line.find("    at ") != std::string_view::npos)
      continue;
    if (line.substr(0, prefix.size()) == prefix)
      line.remove_prefix(prefix.size());
    result += result.empty() ? "" : "; ";
    result += line.substr(0, max_reason_bytes);
  }
  return result.empty() ? "exit status " + std::to_string(ran.status) : result;
}

/// Lets npm put the package's archive into `folder`.
/// @returns the archive's path.
expected<std::string> pack(const npm_script& wanted,
                           const std::string& folder) {
  const auto ran
    = run_program({"npm", "pack", wanted.package + '@' + wanted.version,
                   "--ignore-scripts", "--loglevel=error",
                   "--no-update-notifier", "--pack-destination", folder},
                  folder, max_text_bytes);
  if (!ran)
    return not_fetched(wanted, ran.error().message
                                 + "; install npm, which comes with Node.js");
  if (ran.value().status != 0)
    return not_fetched(wanted,
                       "npm failed: " + reason_of(ran.value())
                         + "; check the network and `npm config get registry`");
  std::error_code error;
  for (const auto& file : fs::directory_iterator{folder, error})
    if (file.path().extension() == ".tgz")
      return file.path().string();
  return not_fetched(wanted, "npm left no archive");
}

expected<void> check_archive(const npm_script& wanted,
                             const std::string& archive) {
  if (wanted.archive_integrity.empty())
    return success();
  const auto bytes = read_whole_file(archive, max_archive_bytes);
  if (!bytes)
    return not_fetched(wanted, bytes.error().message);
  const auto found = integrity_of(bytes.value());
  if (found == wanted.archive_integrity)
    return success();
  return not_fetched(wanted, "the registry's archive is not the one that this "
                             "program was written for: its integrity is "
                               + found + ", not " + wanted.archive_integrity
                               + "; check `npm config get registry`");
}

/// The archive's name for the wanted file: packages have one folder at the top,
/// mostly `package`.
std::string member_of(std::string_view list, const std::string& file) {
  while (!list.empty()) {
    const auto member = cut(list, '\n');
    const auto slash = member.find('/');
    if (slash != std::string_view::npos && member.substr(slash + 1) == file)
      return std::string{member};
  }
  return {};
}

expected<std::string> tar(const npm_script& wanted,
                          const std::vector<std::string>& arguments,
                          const std::string& folder, std::size_t max_bytes) {
  std::vector<std::string> all{"tar"};
  all.insert(all.end(), arguments.begin(), arguments.end());
  auto ran = run_program(all, folder, max_bytes);
  if (!ran)
    return not_fetched(wanted, ran.error().message);
  if (ran.value().status != 0)
    return not_fetched(wanted, "tar failed: " + reason_of(ran.value()));
  return std::move(ran.value().out);
}

expected<std::string> extract(const npm_script& wanted,
                              const std::string& archive,
                              const std::string& folder) {
  auto list = tar(wanted, {"-tzf", archive}, folder, max_text_bytes);
  if (!list)
    return list;
  const auto member = member_of(list.value(), wanted.file);
  if (member.empty())
    return not_fetched(wanted, "the package has no file " + wanted.file);
  return tar(wanted, {"-xzOf", archive, "--", member}, folder,
             max_library_bytes);
}

} // namespace

expected<npm_script> parse_npm_package(std::string_view text) {
  static const std::regex name{
    "(@[a-z0-9][a-z0-9._~-]*/)?[a-zA-Z0-9][a-zA-Z0-9._~-]*"};
  static const std::regex version{
    "[0-9]+\\.[0-9]+\\.[0-9]+([-+][0-9A-Za-z.+-]*)?"};
  npm_script result;
  const auto at = text.rfind('@');
  if (at != std::string_view::npos && at != 0) {
    result.package = text.substr(0, at);
    result.version = text.substr(at + 1);
  }
  if (text.size() > 256 || !std::regex_match(result.package, name)
      || !std::regex_match(result.version, version))
    return fail(ec::validation_error,
                '"' + std::string{text}
                  + "\" is not NAME@VERSION with one exact version, such as "
                    "lodash@4.17.21");
  return result;
}

expected<std::string> fetch_script(const npm_script& wanted) {
  const scratch_folder folder;
  if (folder.path().empty())
    return not_fetched(wanted, "there is no folder for temporary files");
  auto archive = pack(wanted, folder.path());
  if (!archive)
    return archive;
  if (auto outcome = check_archive(wanted, archive.value()); !outcome)
    return outcome.error();
  return extract(wanted, archive.value(), folder.path());
}

} // namespace vmsystem
