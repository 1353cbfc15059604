// All deadlines of a server in one ordered structure, so that one timer serves every request and
// connection.
//
// Pure: the owner asks when the next one is due and calls expire() then. Steady clock only: a
// changed wall clock moves no deadline.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <utility>

namespace uds::detail {

class DeadlineQueue {
 public:
  using Clock = std::chrono::steady_clock;
  /// Names one entry; compares unequal to every other, also to those that have fired.
  using Token = std::pair<Clock::time_point, std::uint64_t>;

  Token add(Clock::time_point at, std::function<void()> fire) {
    const Token token(at, ++last_);
    entries_.emplace(token, std::move(fire));
    return token;
  }
  /// Does nothing if the entry has fired or was removed.
  void remove(const Token& token) { entries_.erase(token); }

  [[nodiscard]] std::optional<Clock::time_point> next() const {
    if (entries_.empty()) return std::nullopt;
    return entries_.begin()->first.first;
  }
  /// Fires, in order, what is due at `now`. A fired function may add and remove entries.
  void expire(Clock::time_point now) {
    while (!entries_.empty() && entries_.begin()->first.first <= now) {
      const auto node = entries_.extract(entries_.begin());
      node.mapped()();
    }
  }

 private:
  std::map<Token, std::function<void()>> entries_;
  std::uint64_t last_ = 0;
};

}  // namespace uds::detail
