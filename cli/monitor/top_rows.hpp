// The connections that udsctl top lists: their order, which one is selected, and what cancelling
// would end. Pure.
#pragma once

#include "monitor/sample.hpp"

#include "uds/result.hpp"

#include <cstddef>
#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

namespace udsctl {

enum class SortBy { InFlight, Queued, Age, RequestAge, Number, User, Pid };

/// The column after `column`, the first one after the last.
SortBy next_column(SortBy column);
/// As in "sorted by age".
std::string_view to_string(SortBy column);

/// The name of a user or of a process by its number.
using NameOf = std::function<std::string(std::uint64_t)>;

/// Most first where more is worse (in flight, queued, ages), else the least first; equal ones by
/// number.
void sort_connections(std::vector<OpenConnection>& connections, SortBy column, const NameOf& user);

/// Which connection is selected. Stays with the connection as long as there is one of its number,
/// then with the place.
class Selection {
 public:
  /// After `connections` changed, or their order.
  void follow(const std::vector<OpenConnection>& connections);
  /// `steps` down, or up if negative, as far as there are connections.
  void move(const std::vector<OpenConnection>& connections, std::ptrdiff_t steps);
  [[nodiscard]] std::size_t index() const noexcept { return index_; }

 private:
  std::size_t index_ = 0;
  std::uint64_t number_ = 0;  // no connection has it
};

/// A request, for an administrator's `cancel`.
struct CancelTarget {
  std::uint64_t connection;
  uds::RequestId id;
  std::string command;
};
/// The oldest request of `connection` that has an id. The error is a sentence.
uds::Result<CancelTarget, std::string> cancel_target(const OpenConnection& connection);
/// "request 7 (countdown) of connection 3", with everything foreign made visible.
std::string describe(const CancelTarget& target);
/// The request that cancels it.
std::string cancel_request(const CancelTarget& target);

}  // namespace udsctl
