// Body of policy_questions.hpp.
#include "commands/policy_questions.hpp"

namespace udsd {

uds::Result<ArgumentTexts, std::string> judge_arguments(const Declaration& declared,
                                                        uds::Json args) {
  const auto violations = declared.arguments().check(args);
  if (!violations.empty()) {
    const auto& first = violations.front();
    const std::string where = first.pointer.empty() ? "" : first.pointer.substr(1) + " ";
    return where + first.message;
  }
  return declared.texts(args);
}

}  // namespace udsd
