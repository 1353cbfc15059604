// What udsd-exec wrote of a run: facts at its beginning, a result at its end. And the final
// response that a result becomes. Pure.
//
// Both files are read as untrusted text would be: what is no such file is nothing.
#pragma once

#include <sys/types.h>

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "uds/json.hpp"
#include "uds/message.hpp"

namespace udsd {

struct RunRecord {
  std::string run;
  std::string command;
  uid_t caller = static_cast<uid_t>(-1);  ///< who started it
  std::string caller_name;
  std::int64_t accepted_ms = 0;  ///< since the epoch
  bool detach = false;
  bool kill_on_disconnect = true;
  std::chrono::milliseconds disconnect_grace{0};
  bool idempotent = false;
  uds::Json all;  ///< every fact, as `run.show` tells it
};

/// Nothing where `text` are no facts.
std::optional<RunRecord> parse_run_record(std::string_view text);

struct RunEnding {
  bool started = false;
  std::string outcome;
  std::optional<int> exit;
  std::optional<int> signal;
  uds::Json all;  ///< what clients get as `data`
};

/// Nothing where `text` is no result.
std::optional<RunEnding> parse_run_ending(std::string_view text);
/// The result of a run that nobody answers for any more and that has none.
RunEnding lost_ending(const std::string& run);

/// The answer where udsd-exec has refused to start a run. `code`: of the protocol; one that is not
/// known counts as internal.
uds::Response refusal_response(std::string_view code, std::string message, const std::string& rule);
/// The answer to whoever watches `run` when udsd stops and the run goes on.
uds::Response stopping_response(const std::string& run);
/// The same for a run that still waits for its turn, and will not begin.
uds::Response stopping_before_start();

/// OK for a command that ended with 0, else the ERROR.
uds::Response final_response(const RunRecord& facts, const RunEnding& result);

}  // namespace udsd
