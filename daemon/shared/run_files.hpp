// Where the files of runs are below a state directory, and what each holds. Names only.
//
// udsd-exec writes them all; udsd only reads. A run's directory appears whole: it is made under
// another name, which begins with a dot, and then renamed.
#pragma once

namespace udsd::run_files {

inline constexpr const char* kRuns = "runs";             ///< the directory of all runs
inline constexpr const char* kAudit = "audit.log";       ///< NDJSON, append-only
inline constexpr const char* kAuditLock = "audit.lock";  ///< held by whoever appends to it

// In the directory of a run.
/// Written once, at acceptance: a line of JSON for udsd, and lines that udsd-exec reads without a
/// parser of JSON (KeepFacts). One file, since each costs a wait for the disk.
inline constexpr const char* kFacts = "facts";
inline constexpr const char* kOutput = "output";       ///< the spool, see spool.hpp
inline constexpr const char* kResult = "result.json";  ///< there once nothing of the run is left
/// Locked (flock(2), exclusive) while a process answers for the run. Free, without a result: the
/// run was lost.
inline constexpr const char* kLock = "lock";
/// A SOCK_SEQPACKET socket that speaks exec_messages.hpp, while the run goes on.
inline constexpr const char* kControl = "control";

}  // namespace udsd::run_files
