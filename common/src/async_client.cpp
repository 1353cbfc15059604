// The coroutines of uds/asio.hpp's client: thin loops around ClientChannel, which does the work.
//
// A coroutine here waits for two things only: the timer of its request, and the pause between two
// attempts to connect.
#include "uds/asio.hpp"

#include "client_channel.hpp"
#include "connector.hpp"

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/cancellation_state.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/system/system_error.hpp>

#include <utility>

namespace asio = boost::asio;

namespace uds {
namespace {

using detail::ClientChannel;
using detail::PendingReply;

void throw_if_cancelled(const asio::cancellation_state& state) {
  if (state.cancelled() != asio::cancellation_type::none)
    throw boost::system::system_error(asio::error::operation_aborted);
}

/// Until something happened to `pending`. Its owners are parameters, so that they live as long as
/// the frame. A frame that dies with its io_context must not touch the channel: hence no guard
/// object.
Task<void> wait_for_news(std::shared_ptr<ClientChannel> channel,
                         std::shared_ptr<PendingReply> pending) {
  const asio::cancellation_state cancellation = co_await asio::this_coro::cancellation_state;
  throw_if_cancelled(cancellation);
  channel->park(*pending);
  co_await pending->timer.async_wait(asio::as_tuple(asio::use_awaitable));
  channel->unpark(*pending);
  throw_if_cancelled(cancellation);
}

}  // namespace

Replies::Replies(std::shared_ptr<ClientChannel> channel, std::shared_ptr<PendingReply> pending)
    : channel_(std::move(channel)), pending_(std::move(pending)) {}
Replies::Replies(Replies&&) noexcept = default;
Replies& Replies::operator=(Replies&&) noexcept = default;
Replies::~Replies() = default;

const RequestId& Replies::id() const noexcept {
  return pending_->id;
}

Task<std::optional<Response>> Replies::next() {
  while (!ended_) {
    if (auto response = pending_->take()) {
      ended_ = response->final();
      co_return response;
    }
    if (pending_->failure) failure_ = pending_->failure;
    if (!failure_ && pending_->expired()) failure_ = Error(Errc::Deadline);
    ended_ = failure_.has_value();
    if (ended_) break;
    co_await wait_for_news(channel_, pending_);
  }
  co_return std::nullopt;
}

Client::Client(std::shared_ptr<ClientChannel> channel) : channel_(std::move(channel)) {}

Task<Result<Client>> Client::connect(std::string path, ClientOptions options) {
  auto connector = detail::Connector::open(path, options.connect_timeout, options.server_uids);
  if (!connector) co_return std::move(connector).error();
  const asio::any_io_executor executor = co_await asio::this_coro::executor;
  for (;;) {
    const auto connected = connector->attempt();
    if (!connected) co_return connected.error();
    if (*connected) break;
    asio::steady_timer timer(executor, connector->pause());
    co_await timer.async_wait(asio::use_awaitable);
  }
  co_return Client(
      std::make_shared<ClientChannel>(executor, connector->take(), std::move(options)));
}

Task<Result<Client>> Client::connect(std::string path, std::chrono::milliseconds timeout) {
  return connect(std::move(path), ClientOptions().with_connect_timeout(timeout));
}

Task<Replies> Client::send(Request request) {
  return send(std::move(request), Descriptors());
}

Task<Replies> Client::send(Request request, Descriptors descriptors) {
  const auto channel = channel_;
  const auto pending = channel->start(std::move(request), std::move(descriptors));
  while (!channel->is_written(*pending) && !pending->expired())
    co_await wait_for_news(channel, pending);
  co_return Replies(channel, pending);
}

}  // namespace uds
