// What can-i and explain share: arguments that somebody asks about, without a request to run
// anything. Pure.
#pragma once

#include <string>

#include "declared/declaration.hpp"
#include "declared/exec_template.hpp"
#include "uds/json.hpp"
#include "uds/result.hpp"

namespace udsd {

/// The texts of `args`, checked and completed as those of a request for `declared` would be. Error:
/// what does not fit.
uds::Result<ArgumentTexts, std::string> judge_arguments(const Declaration& declared,
                                                        uds::Json args);

}  // namespace udsd
