// One connection of uds-bench: what is under way on it, and when it was sent.
//
// It counts line ends and looks at nothing else. A system call that fails ends the program, since
// nothing could be measured any more.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "bench_options.hpp"
#include "bench_result.hpp"

namespace uds_bench {

[[noreturn]] void die(const char* what);

class Connection {
 public:
  /// Connects. `request` is what is sent each time, its terminator included.
  Connection(const Options& options, std::string_view request);
  Connection(const Connection&) = delete;
  Connection& operator=(const Connection&) = delete;
  ~Connection();

  [[nodiscard]] int socket() const { return socket_; }
  /// One request that does not count, so that the server has accepted. From then on nothing blocks.
  void warm_up();

  /// Sends `count` requests at once.
  void send(std::size_t count);
  /// Sends what the socket takes of them.
  void flush();
  /// Takes what is there, and says how many answers it completes.
  std::size_t receive(Latencies& latencies);
  /// Asks for `spin` whether something is there, before it waits as receive() does.
  std::size_t receive_spinning(std::chrono::microseconds spin, Latencies& latencies);

  [[nodiscard]] std::uint64_t done() const { return done_; }
  [[nodiscard]] std::uint64_t bytes() const { return bytes_; }

 private:
  std::size_t take(std::string_view piece, Latencies& latencies);

  int socket_;
  std::uint64_t lines_per_answer_;
  std::size_t request_size_;
  std::string batch_;                       // the request, as often as may be under way
  std::size_t unsent_ = 0;                  // of the end of batch_
  std::vector<Clock::time_point> sent_at_;  // a ring
  std::uint64_t next_ = 0;
  std::uint64_t done_ = 0;
  std::uint64_t bytes_ = 0;
  std::uint64_t lines_ = 0;  // of the answer that is coming
};

}  // namespace uds_bench
