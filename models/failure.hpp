#pragma once

#include "vmsystem/models/error_code.hpp"
#include "vmsystem/models/json_text.hpp"

#include <boost/outcome/config.hpp>
#include <boost/outcome/result.hpp>

#include <string>
#include <utility>

namespace vmsystem {

/// Why something was refused or failed: what the error envelope says.
struct failure {
  /// The class of the error; decides the HTTP status.
  ec code = ec::internal;
  /// One sentence for a person: names the thing and, where there is one, the
  /// way out.
  std::string message;
  /// A JSON object with the ids and values at hand; absent means `{}`.
  json_text details;
};

/// A `T`, or the failure to make one. Asking for what is not there throws
/// `boost::outcome_v2::bad_result_access`, which is a bug of the caller.
template <class T>
using expected = BOOST_OUTCOME_V2_NAMESPACE::basic_result<
  T, failure,
  BOOST_OUTCOME_V2_NAMESPACE::policy::throw_bad_result_access<failure, void>>;

/// Makes a failure without details.
[[nodiscard]] inline failure fail(ec code, std::string message) {
  return failure{code, std::move(message), {}};
}

/// The success of something that has no value.
[[nodiscard]] inline auto success() {
  return BOOST_OUTCOME_V2_NAMESPACE::success();
}

} // namespace vmsystem
