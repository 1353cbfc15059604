// A run: opens the connections, serves them in one event loop (epoll), and ends when everything is
// answered, when the server has closed, or when nothing comes any more.
//
// It owns the connections; the tally belongs to the caller.
#pragma once

#include <csignal>

#include "load_options.hpp"
#include "load_tally.hpp"

namespace uds_load {

/// Returns how long it took, from the first request to the last response. `stop` becoming true ends
/// the sending. Throws CannotConnect, and std::system_error for other failures.
std::chrono::duration<double> run(const Options& options, Tally& tally,
                                  const volatile std::sig_atomic_t& stop);

class CannotConnect : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

}  // namespace uds_load
