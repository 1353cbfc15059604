// Bodies of uds/call.hpp: everything goes to the host.
#include "uds/call.hpp"

#include <boost/asio/awaitable.hpp>
#include <utility>

#include "call_host.hpp"

namespace uds {

[[gnu::hot]] Call::Call(detail::CallHost& host, Request& request, const Peer& peer, bool admin,
                        Descriptors&& descriptors)
    : host_(host),
      request_(request),
      peer_(peer),
      admin_(admin),
      descriptors_(std::move(descriptors)) {}

const Json& Call::args() const noexcept {
  static const Json none = Json::object();
  return request_.args.is_null() ? none : request_.args;
}

Json Call::take_args() {
  if (request_.args.is_null()) return Json::object();
  return std::exchange(request_.args, nullptr);
}

Task<void> Call::processing(const Response& partial) {
  return host_.emit(partial);
}

Task<void> Call::processing(std::string message) {
  return host_.emit(Response::processing(std::move(message)));
}

Task<void> Call::progress(std::int64_t current, std::optional<std::int64_t> total,
                          std::string unit) {
  return host_.emit(Response::progress(current, total, std::move(unit)));
}

Result<Fd> Call::duplicate_connection() {
  return host_.duplicate_connection();
}

Ending Call::ending() const noexcept {
  return host_.ending();
}

bool Call::cancel(const RequestId& id) {
  return host_.cancel_request(id);
}

}  // namespace uds
