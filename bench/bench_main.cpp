// uds-bench: one load against one server on a Unix socket, as fast as the server answers.
//
// It speaks lines: sends the request that comes on standard input, and takes so many line ends for
// its answer. It parses nothing and checks nothing (uds-load does), so that little of the time is
// its own. Prints one line of JSON: requests, seconds, percentiles of the latency, and the CPU time
// that the server used.
#include <unistd.h>

#include <array>
#include <cstdio>
#include <stdexcept>
#include <string>

#include "bench_loads.hpp"
#include "bench_options.hpp"
#include "bench_result.hpp"

namespace {

std::string read_all(int descriptor) {
  std::string text;
  std::array<char, 65'536> piece{};
  for (ssize_t size = 0; (size = ::read(descriptor, piece.data(), piece.size())) > 0;)
    text.append(piece.data(), static_cast<std::size_t>(size));
  return text;
}

}  // namespace

int main(int argc, char** argv) {
  uds_bench::Options options;
  try {
    options = uds_bench::parse_options(argc, argv);
  } catch (const std::invalid_argument& wrong) {
    std::fprintf(stderr, "uds-bench: %s\nusage: uds-bench %s", wrong.what(), uds_bench::kUsage);
    return 64;
  }
  const std::string request = read_all(STDIN_FILENO);
  uds_bench::Result result;
  uds_bench::Stopwatch watch(options.servers, options.seconds);
  uds_bench::run(options, request, watch, result);
  watch.report(result);
}
