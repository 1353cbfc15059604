// One run, or what a command would execute, laid out for people: a name and what is to be said of
// it in each line. Pure.
//
// What the daemon leaves out is left out.
#pragma once

#include "uds/json.hpp"

#include <chrono>
#include <string>

namespace udsctl {

/// What `run.show` answers. `now`: since the epoch.
std::string sheet_of_run(const uds::Json& run, std::chrono::milliseconds now);
/// What `explain` answers: the command line as a shell would take it, then the rest.
std::string explanation_of(const uds::Json& data);

}  // namespace udsctl
