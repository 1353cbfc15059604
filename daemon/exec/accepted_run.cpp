// Body of accepted_run.hpp.
#include "exec/accepted_run.hpp"

#include <iostream>

#include "exec/audit.hpp"

namespace udsd {

void write_ending(const AcceptedRun& run, const RunResult& result) {
  const auto now = std::chrono::system_clock::now();
  const auto written = run.directory.write_result(format_result(run.facts.run, result, now));
  if (!written)
    std::cerr << "udsd-exec: run " << run.facts.run << ": "
              << uds::Error::from_errno("the result cannot be stored", written.error()).message()
              << '\n';
  const auto recorded = write_audit(
      run.state,
      end_record(run.facts.run, {run.caller.peer.uid, run.caller.user, run.order.declaration.name},
                 result, now),
      run.order.declaration.audit_may_fall_back);
  if (recorded)
    run.shared->recorded = true;
  else
    std::cerr << "udsd-exec: run " << run.facts.run << ": " << recorded.error() << '\n';
}

}  // namespace udsd
