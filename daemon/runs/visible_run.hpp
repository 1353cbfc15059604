// Which runs a caller may see, and which are its own to end.
#pragma once

#include "runs/catalog.hpp"
#include "runs/run_record.hpp"
#include "uds/call.hpp"

namespace udsd {

/// Whether it is the caller's own, or the caller is an administrator.
bool may_end(const uds::Call& call, const RunRecord& facts);
/// The run `name`, if the caller may see it: its own, for an administrator any, and those that the
/// declaration of the command lets it watch.
std::optional<RunRecord> visible_run(const uds::Call& call, const Catalog& catalog,
                                     const RunStore& store, const std::string& name);
/// The ERROR where there is none.
uds::Response no_such_run();

}  // namespace udsd
