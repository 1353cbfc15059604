// main() of the programs of the peers: which role to take.
#include <cstdio>
#include <exception>
#include <string_view>

#include "peer_roles.hpp"

int main(int argc, char** argv) try {
  if (argc == 3 && std::string_view(argv[1]) == "serve") {
    uds_peer::serve(argv[2]);
    return 0;
  }
  const uds_bench::Options options = uds_bench::parse_options(argc, argv);
  uds_bench::Result result;
  uds_bench::Stopwatch watch(options.servers, options.seconds);
  uds_peer::run_load(options, watch, result);
  watch.report(result);
} catch (const std::exception& failure) {
  std::fprintf(stderr, "%s: %s\nusage: serve PATH, or:\n    %s", argv[0], failure.what(),
               uds_bench::kUsage);
  return 1;
}
