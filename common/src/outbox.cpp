// Bodies of outbox.hpp.
#include "outbox.hpp"

#include <sys/socket.h>

#include <cerrno>
#include <utility>

#include "ancillary.hpp"

namespace uds::detail {

void Outbox::append(std::string_view request, Descriptors descriptors) {
  const std::uint64_t begin = appended();
  bytes_ += request;
  if (!descriptors.empty()) rides_.push_back({begin, appended(), std::move(descriptors)});
}

void Outbox::clear() {
  bytes_.clear();
  rides_.clear();
}

ssize_t Outbox::send_some(int socket) {
  const std::string_view bytes = bytes_;
  ssize_t count = 0;
  if (!rides_.empty() && rides_.front().begin == sent_) {
    const Ride& ride = rides_.front();
    count = send_with_descriptors(socket, bytes.substr(0, ride.end - sent_), ride.descriptors);
    if (count > 0) rides_.pop_front();
  } else {
    const std::size_t size = rides_.empty() ? bytes.size() : rides_.front().begin - sent_;
    do count = ::send(socket, bytes.data(), size, MSG_DONTWAIT | MSG_NOSIGNAL);
    while (count < 0 && errno == EINTR);
  }
  if (count > 0) {
    sent_ += static_cast<std::uint64_t>(count);
    bytes_.erase(0, static_cast<std::size_t>(count));
  }
  return count;
}

}  // namespace uds::detail
