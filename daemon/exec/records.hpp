// What is written of a run: its facts, its result, and its two audit records. Pure: values in, text
// out. Values of secret arguments never get here as they are.
#pragma once

#include <sys/types.h>

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "exec/accept.hpp"
#include "exec/caller.hpp"
#include "shared/exec_messages.hpp"

namespace udsd {

/// What is known when a run is accepted.
struct RunFacts {
  std::string run;
  std::chrono::system_clock::time_point accepted;
  std::string request;  ///< its id
  std::optional<std::chrono::milliseconds> timeout;
  bool detach = false;
};

/// How a run ended.
struct RunResult {
  enum class Outcome {
    Exit,
    Signal,
    Timeout,
    Cancelled,
    OutputLimit,
    OutputLost,
    NotStarted,
    Lost
  };
  Outcome outcome = Outcome::Lost;
  bool started = false;
  std::optional<int> exit;    ///< status of the command's own process
  std::optional<int> signal;  ///< that ended it
  std::string reason;         ///< a sentence; empty where exit or signal says it all
  std::string stage;          ///< which step failed, where the command was not started
  int error = 0;              ///< errno of that step
  std::chrono::milliseconds duration{0};
  std::uint64_t bytes_of_stdout = 0;
  std::uint64_t bytes_of_stderr = 0;
  std::uint64_t dropped = 0;
  std::string hash_of_stdout;  ///< empty: not known
  std::string hash_of_stderr;
};

/// The word for it in result.json.
const char* to_string(RunResult::Outcome outcome) noexcept;

/// Whose run it is, where no more is known.
struct RunOwner {
  uid_t uid = 0;
  std::string user;
  std::string command;
};

/// One line of the audit log, and the same as fields for the journal.
struct AuditRecord {
  std::string line;     ///< JSON without a line end
  std::string message;  ///< a sentence
  std::vector<std::pair<std::string, std::string>> fields;
};

/// 2024-05-06T07:08:09.123Z
std::string format_time(std::chrono::system_clock::time_point time);
/// The arguments as a JSON object, secrets as "***".
std::string masked_arguments(const Declaration& declared, const ArgumentTexts& arguments);

/// The first line of a run's facts: JSON, without a line end.
std::string format_facts(const RunFacts& facts, const Caller& caller, const Order& order);
/// The text of result.json.
std::string format_result(const std::string& run, const RunResult& result,
                          std::chrono::system_clock::time_point ended);

AuditRecord start_record(const RunFacts& facts, const Caller& caller, const Order& order);
AuditRecord end_record(const std::string& run, const RunOwner& owner, const RunResult& result,
                       std::chrono::system_clock::time_point ended);

}  // namespace udsd
