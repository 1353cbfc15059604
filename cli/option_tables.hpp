// The options of udsctl and which verbs have them, as tables. Only data; included by the reader of
// options alone.
#pragma once

#include <array>
#include <string_view>
#include <utility>

#include "options.hpp"

namespace udsctl {

enum Number : int {
  kSocket = 1,
  kUser,
  kServerUid,
  kTimeout,
  kConnectTimeout,
  kRetry,
  kParallel,
  kJson,
  kCollect,
  kField,
  kQuiet,
  kHalfClose,
  kWatch,
  kOnce,
  kInterval,
  kDetach,
  kDetachOnInterrupt,
  kResult,
  kFrom,
  kAll,
  kRunning,
  kCommand,
  kAny,
  kSignal,
  kAs,
  kSince,
  kCaller,
  kRun,
  kHelpOption,
  kVersion
};

/// In the order of Number.
inline constexpr std::array kTable{
    OptionInfo{"--socket", "PATH", "the socket to use"},
    OptionInfo{"--user", "", "use the private instance"},
    OptionInfo{"--server-uid", "USER", "also trust a server run by USER"},
    OptionInfo{"--timeout", "DURATION", "time for each request"},
    OptionInfo{"--connect-timeout", "DURATION", "time for connecting"},
    OptionInfo{"--retry", "N", "repeat up to N times what the daemon says may be repeated"},
    OptionInfo{"--parallel", "N", "requests in flight at once, of send -"},
    OptionInfo{"--json", "[FORMAT]", "JSON on a terminal, too, and for errors"},
    OptionInfo{"--collect", "", "print all responses as one JSON array"},
    OptionInfo{"--field", "POINTER", "print one value of each response that has it"},
    OptionInfo{"--quiet", "", "print only what goes wrong"},
    OptionInfo{"--half-close", "", "for servers that read to end of file"},
    OptionInfo{"--watch", "", "show it again and again"},
    OptionInfo{"--once", "", "print one frame"},
    OptionInfo{"--interval", "DURATION", "time between two views"},
    OptionInfo{"--detach", "", "print the id of the run, and leave it"},
    OptionInfo{"--detach-on-interrupt", "", "Ctrl-C leaves the run, which goes on"},
    OptionInfo{"--result", "FILE", "write the final response to FILE"},
    OptionInfo{"--from", "N", "begin with the event N"},
    OptionInfo{"--all", "", "not only the newest"},
    OptionInfo{"--running", "", "only what has not ended"},
    OptionInfo{"--command", "NAME", "only of one command"},
    OptionInfo{"--any", "", "wait for one of them"},
    OptionInfo{"--signal", "NAME", "the signal to send first, such as INT"},
    OptionInfo{"--as", "USER", "whether USER may, for administrators"},
    OptionInfo{"--since", "DURATION", "how far back"},
    OptionInfo{"--caller", "USER", "only what USER ran"},
    OptionInfo{"--run", "RUN", "only one run"},
    OptionInfo{"--help", "", "show a short description"},
    OptionInfo{"--version", "", "show the version"},
};
static_assert(kTable.size() == kVersion);

/// Options that only some verbs have.
inline constexpr std::array kBelongsTo{
    std::pair{kParallel, std::string_view("send")},
    std::pair{kWatch, std::string_view("stats")},
    std::pair{kOnce, std::string_view("top")},
    std::pair{kInterval, std::string_view("stats")},
    std::pair{kInterval, std::string_view("top")},
    std::pair{kDetach, std::string_view("run")},
    std::pair{kDetachOnInterrupt, std::string_view("run")},
    std::pair{kResult, std::string_view("run")},
    std::pair{kResult, std::string_view("attach")},
    std::pair{kFrom, std::string_view("attach")},
    std::pair{kAll, std::string_view("runs")},
    std::pair{kRunning, std::string_view("runs")},
    std::pair{kCommand, std::string_view("runs")},
    std::pair{kCommand, std::string_view("audit")},
    std::pair{kAny, std::string_view("wait")},
    std::pair{kSignal, std::string_view("cancel")},
    std::pair{kAs, std::string_view("can-i")},
    std::pair{kSince, std::string_view("audit")},
    std::pair{kCaller, std::string_view("audit")},
    std::pair{kRun, std::string_view("audit")},
};

/// Verbs whose output is their own, and not responses of a daemon.
inline constexpr std::array<std::string_view, 5> kOwnOutput{"top", "doctor", "completion", "run",
                                                            "attach"};
/// Verbs whose exit status is that of a run.
inline constexpr std::array<std::string_view, 3> kPassStatus{"run", "attach", "wait"};
/// Verbs that take a command of the daemon with what belongs to it.
inline constexpr std::array<std::string_view, 3> kTakeCommand{"run", "can-i", "explain"};
inline constexpr std::array kFormats{kCollect, kField, kQuiet};

}  // namespace udsctl
