// One connection of the load: keeps as many requests in flight as it may, and enters what comes
// back into its ledger.
//
// Owns its socket. Never blocks after open(): the event loop calls it when the socket is ready.
#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <string>

#include "load_ledger.hpp"
#include "load_options.hpp"

namespace uds_load {

class Connection {
 public:
  /// Connects, and waits while the server's queue is full. Throws std::system_error.
  Connection(const Options& options, Tally& tally, std::uint64_t number);
  Connection(const Connection&) = delete;
  Connection& operator=(const Connection&) = delete;
  ~Connection();

  /// Sends what may be sent now. False when the socket is full: send again when it is writable.
  bool send();
  /// Takes what has arrived.
  void receive();
  /// Nothing more is begun; what is begun still gets its answer.
  void stop_sending() noexcept { stopping_ = true; }
  /// The run is over, whatever is in flight.
  void abandon();

  [[nodiscard]] int descriptor() const noexcept { return descriptor_; }
  /// Everything is sent and answered, or the server has closed.
  [[nodiscard]] bool done() const;

 private:
  void compose();
  void note_sent(std::size_t bytes, Ledger::Time when);
  void take_frames(Ledger::Time when);
  void end(const char* how);
  void close() noexcept;

  const Options& options_;
  Ledger ledger_;
  int descriptor_ = -1;
  bool stopping_ = false;
  bool broken_ = false;  // the server reads no more; what it sent is still read

  std::uint64_t composed_ = 0;      // the id of the last request in output_
  std::string output_;              // requests not taken by the kernel yet
  std::deque<std::size_t> starts_;  // where in output_ those begin of which no byte is sent
  std::string input_;               // a response that is not complete yet
};

}  // namespace uds_load
