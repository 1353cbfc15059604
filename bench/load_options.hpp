// The command line of uds-load, read once into a plain value. Touches no socket.
#pragma once

#include <chrono>
#include <cstdint>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

namespace uds_load {

enum class ExitCode { Clean = 0, Difference = 1, Usage = 64, CannotConnect = 69, OsError = 71 };

class Options {
 public:
  std::string socket;
  std::uint64_t connections = 1;
  std::uint64_t outstanding = 1;          // of each connection
  std::uint64_t requests = 0;             // of each connection; 0: no limit
  std::chrono::milliseconds duration{0};  // of sending; 0: no limit
  std::chrono::milliseconds patience{30'000};
  /// What follows `{"id":N` in each request, with its terminator; they are sent in turn.
  std::vector<std::string> tails;
  char terminator = '\n';
  bool expect_close = false;
  bool json = true;
  bool help = false;
};

class UsageError : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

/// Reads main()'s arguments. Throws UsageError with a sentence for people.
Options parse_options(int argc, char** argv);

std::string_view help_text();

}  // namespace uds_load
