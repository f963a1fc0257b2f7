#include "vmsystem/app/repl_lines.hpp"

#include <iostream>

namespace vmsystem {

namespace {

class stdin_lines : public repl_lines {
public:
  repl_input next(const std::string&) override {
    repl_input input;
    if (!std::getline(std::cin, input.text))
      return input;
    if (!input.text.empty() && input.text.back() == '\r')
      input.text.pop_back();
    input.kind = repl_input_kind::line;
    return input;
  }
};

} // namespace

std::unique_ptr<repl_lines> plain_lines() {
  return std::make_unique<stdin_lines>();
}

} // namespace vmsystem
