// Runs, audit records and permissions as tables and lines for people. Pure.
//
// What the daemon leaves out stays empty.
#pragma once

#include "uds/json.hpp"

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace udsctl {

/// The `runs` of `data` as a table. `now`: since the epoch.
std::string table_of_runs(const uds::Json& data, std::chrono::milliseconds now);
/// Audit records as a table.
std::string table_of_records(const std::vector<uds::Json>& records);
/// Who ran it, of a run or a record: the name, or the uid where that is all there is.
std::string caller_of(const uds::Json& run);
/// How it ended: "exit 3", "signal 15", "output limit"; empty for what has not ended.
std::string ending_of(const uds::Json& run);
/// An unsigned number that `object` has.
std::optional<std::uint64_t> count_of(const uds::Json& object, std::string_view name);
/// A number of milliseconds that `object` has, as a person reads it; empty where there is none.
std::string duration_of(const uds::Json& object, std::string_view name);
/// A member as a person reads it; empty where there is none.
std::string shown_member(const uds::Json& object, std::string_view name);
/// What `can-i` answers: yes or no, and why.
std::string permission_of(const uds::Json& data);

}  // namespace udsctl
