// Which descriptors belong to which request. Pure: counts bytes, reads nothing.
//
// A request with descriptors is sent in a write of its own, and they are a barrier: the read that
// gets them ends with bytes of that write (unix(7)). So they belong to the frame that holds the
// last byte of that read. Before each read at most one frame is incomplete, so at most two sets
// wait here: that frame's, and those of the read.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <utility>

#include "ancillary.hpp"

namespace uds::detail {

class DescriptorInbox {
 public:
  /// `passed` came with a read whose last byte has this position in the stream. A second set for
  /// the same frame is closed: the first byte brings them all.
  void add(std::uint64_t last_byte, Passed passed) {
    if (passed.descriptors.empty() && !passed.truncated && !passed.refused) return;
    if (used_ == sets_.size())
      --used_;  // no frame ended since: it belongs to the frame of the first
    sets_.at(used_++) = {last_byte, std::move(passed)};
  }
  /// What came with the frame of the bytes [begin, end); what came before it, with nothing, is
  /// closed.
  Passed take(std::uint64_t begin, std::uint64_t end) {
    Passed out;
    bool found = false;
    while (used_ > 0 && sets_.front().last_byte < end) {
      Set set = std::exchange(sets_[0], std::move(sets_[1]));
      --used_;
      if (!found && set.last_byte >= begin) {
        out = std::move(set.passed);
        found = true;
      }
    }
    return out;
  }
  void clear() {
    for (Set& set : sets_) set.passed.descriptors.clear();
    used_ = 0;
  }
  /// How many descriptors wait.
  [[nodiscard]] std::size_t held() const noexcept {
    return sets_[0].passed.descriptors.size() + sets_[1].passed.descriptors.size();
  }

 private:
  struct Set {
    std::uint64_t last_byte = 0;
    Passed passed;
  };
  std::array<Set, 2> sets_;
  std::size_t used_ = 0;
};

}  // namespace uds::detail
