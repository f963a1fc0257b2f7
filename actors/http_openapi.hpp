#pragma once

#include <string_view>
#include <vector>

namespace vmsystem {

/// The OpenAPI 3.1 document of the HTTP API, docs/openapi.json, as the only
/// element.
[[nodiscard]] std::vector<std::string_view> openapi_documents();

} // namespace vmsystem
