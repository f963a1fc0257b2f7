#include "vmsystem/app/commands.hpp"
#include "vmsystem/models/json_reader.hpp"
#include "vmsystem/models/json_writer.hpp"

namespace vmsystem {

expected<json_text> json_of_flag(std::string_view flag,
                                 const std::string& text) {
  if (auto parsed = parse_json(text); !parsed)
    return fail(ec::validation_error,
                std::string{flag} + ": " + parsed.error().message);
  return json_text{text};
}

expected<json_text> json_of_pairs(std::string_view flag,
                                  const std::vector<std::string>& pairs) {
  json_writer writer;
  writer.begin_object();
  for (const auto& pair : pairs) {
    const auto equals = pair.find('=');
    if (equals == 0 || equals == std::string::npos)
      return fail(ec::validation_error,
                  std::string{flag} + ": \"" + pair + "\" is not KEY=VALUE");
    const auto value = pair.substr(equals + 1);
    writer.key(pair.substr(0, equals));
    if (parse_json(value))
      writer.raw(json_text{value});
    else
      writer.value(std::string_view{value});
  }
  writer.end_object();
  if (!writer.ok())
    return fail(ec::validation_error, std::string{flag} + " is not UTF-8");
  return json_text{writer.text()};
}

} // namespace vmsystem
