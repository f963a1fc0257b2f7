#include "vmsystem/engine/modules/package_json.hpp"

#include "vmsystem/models/json_reader.hpp"

#include <optional>
#include <utility>

namespace vmsystem::engine::detail {

namespace {

using simdjson::dom::element;
using simdjson::dom::element_type;
using simdjson::dom::object;

/// Nesting of conditions and of lists of targets.
constexpr int max_depth = 16;

bool is_invalid_segment(std::string_view segment) {
  return segment.empty() || segment == "." || segment == ".."
         || segment == "node_modules";
}

/// Whether a path, behind its `./`, stays inside its package.
bool stays_inside(std::string_view path) {
  for (;;) {
    const auto slash = path.find('/');
    if (is_invalid_segment(path.substr(0, slash)))
      return false;
    if (slash == std::string_view::npos)
      return true;
    path.remove_prefix(slash + 1);
  }
}

void replace_stars(std::string& text, std::string_view by) {
  for (auto at = text.find('*'); at != std::string::npos;
       at = text.find('*', at + by.size()))
    text.replace(at, 1, by);
}

/// How targets are looked up.
struct target_search {
  import_kind kind;
  /// Whether a target may name another package, as in `imports`.
  bool others;
  /// What the pattern's `*` stands for.
  std::string_view star;

  [[nodiscard]] bool holds(std::string_view condition) const {
    return condition == "default" || condition == "node"
           || condition == (kind == import_kind::import ? "import" : "require");
  }

  [[nodiscard]] std::optional<std::string>
  text_target(std::string_view target) const {
    std::string path{target};
    replace_stars(path, star);
    if (target.substr(0, 2) == "./")
      return stays_inside(std::string_view{path}.substr(2))
               ? std::optional{std::move(path)}
               : std::nullopt;
    const bool names_package = others && !target.empty()
                               && target.front() != '.' && target.front() != '/'
                               && target.front() != '#';
    return names_package ? std::optional{std::move(path)} : std::nullopt;
  }

  /// The path of a target; nothing when it names none.
  /// @param decided set when no later alternative counts.
  [[nodiscard]] std::optional<std::string> find(element target, bool& decided,
                                                int depth = 0) const {
    if (depth > max_depth)
      return std::nullopt;
    switch (target.type()) {
      case element_type::STRING:
        decided = true;
        return text_target(std::string_view{target});
      case element_type::NULL_VALUE:
        decided = true;
        return std::nullopt;
      case element_type::ARRAY:
        for (const auto one : simdjson::dom::array{target}) {
          bool ignored = false;
          if (auto found = find(one, ignored, depth + 1))
            return found;
        }
        decided = true;
        return std::nullopt;
      case element_type::OBJECT:
        for (const auto [condition, next] : object{target}) {
          if (!holds(condition))
            continue;
          auto found = find(next, decided, depth + 1);
          if (decided || found)
            return found;
        }
        return std::nullopt;
      default:
        return std::nullopt;
    }
  }
};

/// A key of `exports` or `imports` that fits.
struct match {
  element target;
  std::string_view star;
};

/// The key itself, or the pattern with the longest text before its `*`.
std::optional<match> find_key(const object& map, std::string_view wanted) {
  std::optional<match> best;
  std::size_t best_base = 0;
  std::size_t best_size = 0;
  for (const auto [key, target] : map) {
    if (key == wanted && wanted.find('*') == std::string_view::npos)
      return match{target, {}};
    const auto star = key.find('*');
    if (star == std::string_view::npos)
      continue;
    const auto base = key.substr(0, star);
    const auto tail = key.substr(star + 1);
    if (wanted.size() < key.size() || wanted.substr(0, base.size()) != base
        || wanted.substr(wanted.size() - tail.size()) != tail)
      continue;
    if (best
        && (base.size() < best_base
            || (base.size() == best_base && key.size() <= best_size)))
      continue;
    best_base = base.size();
    best_size = key.size();
    best = match{target, wanted.substr(base.size(), wanted.size() - base.size()
                                                      - tail.size())};
  }
  return best;
}

/// Whether the keys are subpaths rather than conditions.
bool has_subpaths(const object& map) {
  for (const auto [key, ignored] : map)
    return !key.empty() && key.front() == '.';
  return false;
}

failure not_there(const package_json& package, std::string_view field,
                  std::string_view wanted) {
  return fail(ec::file_not_found, "package \"" + package.name + "\" has no \""
                                    + std::string{wanted} + "\" in its \""
                                    + std::string{field} + '"');
}

} // namespace

expected<package_json> parse_package_json(std::string text) {
  auto root = parse_json(text);
  if (!root)
    return std::move(root).error();
  object fields;
  if (root.value().get(fields))
    return fail(ec::invalid_request, "it is no JSON object");
  package_json package;
  const auto read = [&](const char* key, std::string& to) {
    std::string_view value;
    if (!fields[key].get(value))
      to = value;
  };
  std::string type;
  read("name", package.name);
  read("main", package.main);
  read("type", type);
  package.is_module = type == "module";
  package.is_commonjs = type == "commonjs";
  element exports;
  package.has_exports = !fields["exports"].get(exports) && !exports.is_null();
  package.text = std::move(text);
  return package;
}

expected<std::string> find_export(const package_json& package,
                                  std::string_view subpath, import_kind kind) {
  auto root = parse_json(package.text);
  if (!root)
    return std::move(root).error();
  element exports;
  if (root.value()["exports"].get(exports))
    return not_there(package, "exports", subpath);
  target_search search{kind, false, {}};
  auto target = exports;
  object map;
  const bool subpaths = !exports.get(map) && has_subpaths(map);
  if (subpaths) {
    const auto found = find_key(map, subpath);
    if (!found)
      return not_there(package, "exports", subpath);
    target = found->target;
    search.star = found->star;
  } else if (subpath != ".") {
    return not_there(package, "exports", subpath);
  }
  bool decided = false;
  auto path = search.find(target, decided);
  if (!path)
    return not_there(package, "exports", subpath);
  return std::move(*path);
}

expected<std::string> find_import(const package_json& package,
                                  std::string_view specifier,
                                  import_kind kind) {
  auto root = parse_json(package.text);
  if (!root)
    return std::move(root).error();
  object map;
  if (root.value()["imports"].get(map))
    return not_there(package, "imports", specifier);
  const auto found = find_key(map, specifier);
  if (!found)
    return not_there(package, "imports", specifier);
  bool decided = false;
  auto path
    = target_search{kind, true, found->star}.find(found->target, decided);
  if (!path)
    return not_there(package, "imports", specifier);
  return std::move(*path);
}

} // namespace vmsystem::engine::detail
