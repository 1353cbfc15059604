// Keeps a flood of one user out of the log: the first record of a kind is written, the others are
// counted, and the count is written once a period.
//
// Pure: the owner says when a period is over. Bounded, whoever calls: beyond kMost entries, new
// users share one entry a kind.
#pragma once

#include <sys/types.h>

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace uds::detail {

class LogLimiter {
 public:
  static constexpr std::size_t kMost = 1024;
  /// Stands for no user in particular.
  static constexpr uid_t kNobody = static_cast<uid_t>(-1);

  struct HeldBack {
    uid_t uid;
    std::string kind;
    std::uint64_t count;
  };

  /// Whether a record is to be written. `kind` is one of the program's own words: there are few.
  bool admit(uid_t uid, std::string_view kind) {
    Key key(uid, kind);
    auto entry = entries_.find(key);
    if (entry == entries_.end()) {
      if (entries_.size() >= kMost) key.first = kNobody;
      const auto [position, first] = entries_.try_emplace(std::move(key), 0);
      if (first) return true;
      entry = position;
    }
    ++entry->second;
    return false;
  }
  /// Ends a period: what was held back in it. Kinds that were quiet begin anew.
  std::vector<HeldBack> end_period() {
    std::vector<HeldBack> out;
    for (auto entry = entries_.begin(); entry != entries_.end();) {
      if (entry->second == 0) {
        entry = entries_.erase(entry);
        continue;
      }
      out.push_back({entry->first.first, entry->first.second, std::exchange(entry->second, 0)});
      ++entry;
    }
    return out;
  }
  [[nodiscard]] bool empty() const noexcept { return entries_.empty(); }

 private:
  using Key = std::pair<uid_t, std::string>;
  std::map<Key, std::uint64_t> entries_;
};

}  // namespace uds::detail
