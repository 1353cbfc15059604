// The client's end of one connection of the fuzz target `session`. It keeps what it has sent and
// what came back, and knows what may come back.
//
// Owns its socket. Never waits: what the kernel does not take or have now is left alone.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <utility>

#include "uds/fd.hpp"
#include "uds/limits.hpp"

namespace uds_fuzz {

class SessionClient {
 public:
  /// `socket`: one end of a pair whose other end the server has, with these limits.
  SessionClient(uds::Fd socket, const uds::Limits& limits)
      : socket_(std::move(socket)), limits_(limits) {}

  void send(std::string_view bytes);
  /// The same, with that many copies of a descriptor, at most 5, which ride with the first byte.
  void send_with_descriptors(std::string_view bytes, std::size_t count);
  void half_close();
  /// Receives no more, as by shutdown(2).
  void stop_reading();
  void close() { socket_.reset(); }
  /// Takes up to `most` bytes of what is there. False if nothing was.
  bool read(std::size_t most);

  [[nodiscard]] bool open() const { return static_cast<bool>(socket_); }
  /// Still wants its answers, and has not seen the end of them.
  [[nodiscard]] bool waiting() const { return open() && !deaf_ && !ended_; }
  /// Has seen the end of its answers.
  [[nodiscard]] bool satisfied() const { return open() && !deaf_ && ended_; }
  [[nodiscard]] std::string_view received() const { return received_; }

  /// Checks all that was received against all that was sent. `complete`: everything that was sent
  /// must have got its answer.
  void check_answers(bool complete) const;

 private:
  uds::Fd socket_;
  uds::Limits limits_;
  std::string sent_;
  std::string received_;
  bool deaf_ = false;
  bool ended_ = false;
};

}  // namespace uds_fuzz
