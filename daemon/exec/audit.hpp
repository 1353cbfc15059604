// The audit log: who ran what, and how it ended. A line in a file that is only appended to, on disk
// before anything goes on, and a record in the journal.
#pragma once

#include <string>

#include "exec/records.hpp"
#include "exec/state_directory.hpp"
#include "uds/result.hpp"

namespace udsd {

/// Appends `record` to the audit log of `state`, and passes it to the journal. It is recorded where
/// the file has it or, if `journal_is_enough`, where the journal has. Error: a sentence that says
/// what to do; the record is then nowhere, or in the journal only.
uds::Result<void, std::string> write_audit(const StateDirectory& state, const AuditRecord& record,
                                           bool journal_is_enough);

}  // namespace udsd
