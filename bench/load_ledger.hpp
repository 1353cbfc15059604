// The ledger of one connection: every request that was sent, and what came back for it.
//
// A request gets any number of PROCESSING and then exactly one final response, numbered from 1
// without a gap. Whatever else happens is told to the tally as a violation. Pure bookkeeping: no
// socket, no clock.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <map>
#include <string>
#include <string_view>

#include "load_reply.hpp"
#include "load_tally.hpp"

namespace uds_load {

class Ledger {
 public:
  using Time = std::chrono::steady_clock::time_point;

  /// `number` names the connection in violations. The tally must outlive the ledger.
  Ledger(Tally& tally, std::uint64_t number) : tally_(tally), number_(number) {}

  /// The next request was sent; the ids are 1, 2, 3 ...
  void sent(Time when);
  /// A whole response, without its terminator.
  void received(std::string_view text, Time when);
  /// The server closed the connection: by `eof` or `reset`, with `rest` bytes of an unfinished
  /// response. `expected`: closing is allowed, and so are requests that the server has not read.
  void closed(std::string_view how, std::size_t rest, bool expected);
  /// The run is over and the connection still open.
  void abandoned();

  [[nodiscard]] std::size_t in_flight() const noexcept { return in_flight_.size(); }

 private:
  struct Entry {
    Time sent;
    std::uint64_t seq = 0;  // of its last response
  };

  void finish(const Reply& reply, const Entry& entry, Time when);
  void unattributed(const Reply& reply);
  void violation(const std::string& what);
  void violation(std::uint64_t id, const std::string& what);

  Tally& tally_;
  std::uint64_t number_;
  std::uint64_t last_id_ = 0;
  std::uint64_t newest_answered_ = 0;  // the highest id with a response
  std::string explanation_;            // the code of the last response that names no request
  std::map<std::uint64_t, Entry> in_flight_;
};

}  // namespace uds_load
