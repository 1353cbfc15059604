// Runs, audit records and what a command would execute, laid out for people. Pure.
//
// What the daemon leaves out stays empty.
#pragma once

#include "uds/json.hpp"

#include <chrono>
#include <string>
#include <vector>

namespace udsctl {

/// The `runs` of `data` as a table. `now`: since the epoch.
std::string table_of_runs(const uds::Json& data, std::chrono::milliseconds now);
/// Audit records as a table.
std::string table_of_records(const std::vector<uds::Json>& records);
/// What `explain` answers: the command line as a shell would take it, then the rest.
std::string explanation_of(const uds::Json& data);
/// What `can-i` answers: yes or no, and why.
std::string permission_of(const uds::Json& data);

}  // namespace udsctl
