// The options of a client that puts load on a server: uds-bench, and the clients of the peers.
//
// A plain value and its parser; it opens and measures nothing.
#pragma once

#include <sys/types.h>

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

namespace uds_bench {

struct Options {
  std::string socket;
  std::vector<pid_t> servers;         ///< whose CPU time counts
  double seconds = 1;                 ///< after which no further request begins
  std::uint64_t requests = 0;         ///< likewise, after so many of one connection; 0: no limit
  std::size_t connections = 1;        ///< above 1, requests and answers must fit a socket buffer
  std::size_t outstanding = 1;        ///< requests under way on each
  std::uint64_t lines = 1;            ///< that end an answer
  std::chrono::microseconds spin{0};  ///< how long one connection asks before it blocks
  bool epoll = false;                 ///< wait as for many connections, even for one
  bool reconnect = false;             ///< a connection for each request
};

extern const char kUsage[];

/// Throws std::invalid_argument, which says what is wrong.
Options parse_options(int argc, const char* const* argv);

}  // namespace uds_bench
