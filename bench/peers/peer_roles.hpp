// What a program of a peer can be: the server, or the client that puts load on it; for D-Bus also
// what starts the bus.
//
// Each peer defines these in its own way, and is a program of its own; peer_main.cpp is shared.
#pragma once

#include <string>

#include "bench_options.hpp"
#include "bench_result.hpp"

namespace uds_peer {

/// Serves at `path` until a signal ends the process.
void serve(const std::string& path);

/// Puts the load that `options` ask for on the server; starts the stopwatch when all is connected.
void run_load(const uds_bench::Options& options, uds_bench::Stopwatch& watch,
              uds_bench::Result& result);

/// The size of udsd's request and answer for a ping, so that a peer moves as many bytes.
inline const std::string kQuestion(24, 'q');
inline const std::string kAnswer(50, 'a');

}  // namespace uds_peer
