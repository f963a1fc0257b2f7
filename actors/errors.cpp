#include "vmsystem/actors/errors.hpp"

#include "vmsystem/models/type_ids.hpp"

#include <caf/atom.hpp>
#include <caf/make_message.hpp>
#include <caf/sec.hpp>

namespace vmsystem {

namespace {

std::string reason_of(const caf::error& x) {
  if (x.category() == caf::atom("system")) {
    switch (static_cast<caf::sec>(x.code())) {
      case caf::sec::request_timeout:
        return "an actor did not answer in time";
      case caf::sec::request_receiver_down:
        return "the actor that held the request ended";
      default:
        break;
    }
  }
  return to_string(x);
}

} // namespace

caf::error to_error(const failure& x) {
  return caf::make_error(x.code, x.message, x.details.text);
}

failure to_failure(const caf::error& x) {
  if (x.category() != caf::detail::error_factory<ec>::category)
    return fail(ec::internal, reason_of(x));
  failure result;
  result.code = static_cast<ec>(x.code());
  const auto& context = x.context();
  if (context.match_elements<std::string, std::string>()) {
    result.message = context.get_as<std::string>(0);
    result.details.text = context.get_as<std::string>(1);
  } else {
    result.message = std::string{row_of(result.code).when};
  }
  return result;
}

} // namespace vmsystem
