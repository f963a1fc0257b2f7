#pragma once

#include "vmsystem/app/json_value.hpp"

#include <string>
#include <vector>

namespace vmsystem::test {

/// The value at a JSON pointer such as `#/components/schemas/id`; absent when
/// there is none.
[[nodiscard]] json_value resolve(const json_value& document,
                                 const std::string& pointer);

/// Says what is wrong with a JSON schema, by the keywords that `check_value`
/// knows: one that it does not know is a fault.
[[nodiscard]] std::vector<std::string> check_schema(const json_value& document,
                                                    const json_value& schema);

/// Says where `value` does not hold what `schema` asks for; empty when it does.
/// References are resolved in `document`.
[[nodiscard]] std::vector<std::string> check_value(const json_value& document,
                                                   const json_value& schema,
                                                   const json_value& value);

} // namespace vmsystem::test
