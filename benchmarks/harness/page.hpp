#pragma once

#include "vmsystem/benchmarks/harness/figure.hpp"

#include <string>
#include <string_view>

namespace vmsystem::bench {

/// `text` for an HTML page: between tags, and in attributes with quotes of
/// either kind. Control characters, which a page must not have, become U+FFFD.
[[nodiscard]] std::string html_escaped(std::string_view text);

/// A page of all that was measured, with a plot of each figure. It is complete
/// in itself: it loads nothing and runs no script.
/// @param heading the circumstances, a few lines.
[[nodiscard]] std::string page_of(std::string_view heading, const outcome& all);

} // namespace vmsystem::bench
