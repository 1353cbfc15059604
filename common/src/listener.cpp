// Bodies of listener.hpp.
#include "listener.hpp"

#include <fcntl.h>
#include <poll.h>
#include <sys/socket.h>

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <cerrno>
#include <chrono>
#include <new>
#include <system_error>
#include <thread>
#include <utility>

#include "spawn.hpp"

namespace uds::detail {

namespace asio = boost::asio;
using Acceptor = asio::local::stream_protocol::acceptor;

namespace {

constexpr int kAcceptsPerTurn = 16;
constexpr std::chrono::milliseconds kRest{100};
constexpr auto kTuple = asio::as_tuple(asio::use_awaitable);

Fd open_spare() {
  return Fd(::open("/dev/null", O_RDONLY | O_CLOEXEC));
}

int duplicate(int descriptor) {
  const int copy = ::fcntl(descriptor, F_DUPFD_CLOEXEC, 3);
  if (copy < 0)
    throw std::system_error(errno, std::generic_category(),
                            "cannot duplicate the listening socket");
  return copy;
}

/// Whether somebody waits to be accepted. An accept that finds nobody makes a socket and throws it
/// away, which costs many times what asking costs.
bool somebody_waits(int listener) {
  pollfd ready{listener, POLLIN, 0};
  return ::poll(&ready, 1, 0) != 0;  // after a failure accept says more
}

}  // namespace

Listener::Listener(std::shared_ptr<ServerCore> core, ListeningSocket socket)
    : core_(std::move(core)),
      socket_(std::move(socket)),
      acceptor_(core_->executor(), asio::local::stream_protocol(),
                duplicate(socket_.native_handle())),
      rest_(core_->executor()),
      spare_(open_spare()) {}

/// A server that accepts nothing any more is of no use, so this tries until it works, even though
/// the thread then waits.
void Listener::start() {
  while (!closed_ && !accepting_) {
    try {
      accepting_ = true;
      auto done = [self = shared_from_this()](std::exception_ptr error) {
        self->accepting_ = false;
        if (error && !self->starting_ && !self->core_->closed()) self->start();
      };
      starting_ = true;
      spawn_supervised(core_->executor(), run(), asio::cancellation_slot(), std::move(done));
    } catch (const std::bad_alloc&) {
      accepting_ = false;
    }
    starting_ = false;
    if (!accepting_) std::this_thread::sleep_for(kRest);
  }
}

Task<void> Listener::run() {
  const auto self = shared_from_this();
  while (!closed_) {
    co_await acceptor_.async_wait(Acceptor::wait_read, kTuple);
    if (closed_ || accept_some()) continue;
    rest_.expires_after(kRest);
    co_await rest_.async_wait(kTuple);
  }
}

bool Listener::accept_some() {
  if (!spare_) spare_ = open_spare();
  for (int i = 0; i < kAcceptsPerTurn; ++i) {
    Fd descriptor(
        ::accept4(acceptor_.native_handle(), nullptr, nullptr, SOCK_CLOEXEC | SOCK_NONBLOCK));
    const int error = errno;
    if (descriptor) {
      if (!welcome(std::move(descriptor))) return false;
      if (!somebody_waits(acceptor_.native_handle())) return true;
    } else if (error == EAGAIN) {
      return true;
    } else if (error != ECONNABORTED && error != EINTR) {
      core_->log_limited(LogLimiter::kNobody, "accept",
                         LogRecord(LogLevel::Warn, "cannot accept; trying again in a moment")
                             .field("reason", std::generic_category().message(error)));
      if (error == EMFILE || error == ENFILE) shed_one();
      return false;
    }
  }
  return true;
}

/// False when there was no memory for a session; the connection is then closed, and the others go
/// on.
bool Listener::welcome(Fd descriptor) {
  try {
    core_->welcome(std::move(descriptor));
    return true;
  } catch (const std::exception& error) {
    core_->log_limited(LogLimiter::kNobody, "setup",
                       LogRecord(LogLevel::Warn, "a connection could not be set up")
                           .field("reason", error.what()));
    return false;
  }
}

/// Gives up the spare descriptor to accept one caller and tell it `busy`.
void Listener::shed_one() {
  spare_.reset();
  const Fd descriptor(
      ::accept4(acceptor_.native_handle(), nullptr, nullptr, SOCK_CLOEXEC | SOCK_NONBLOCK));
  if (descriptor) core_->refuse(descriptor, "descriptors");
}

void Listener::close() {
  if (std::exchange(closed_, true)) return;
  boost::system::error_code ignored;
  acceptor_.close(ignored);
  rest_.cancel();
  socket_.close();
}

}  // namespace uds::detail
