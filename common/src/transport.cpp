// Bodies of transport.hpp.
#include "transport.hpp"

#include <fcntl.h>
#include <sys/socket.h>

#include <boost/asio/bind_cancellation_slot.hpp>
#include <cerrno>
#include <utility>

namespace uds::detail {

namespace asio = boost::asio;

Transport::Transport(const asio::any_io_executor& executor, Fd descriptor)
    : socket_(executor, asio::local::stream_protocol(), descriptor.get()) {
  static_cast<void>(descriptor.release());
}

boost::system::error_code Transport::receive(std::span<char> room, Passed& passed,
                                             std::size_t& size) {
  const ssize_t count = receive_with_descriptors(socket_.native_handle(), room, passed);
  size = count > 0 ? static_cast<std::size_t>(count) : 0;
  if (count == 0) return asio::error::eof;
  if (count > 0 || errno == EAGAIN) return {};
  return {errno, boost::system::system_category()};
}

Result<Fd> Transport::duplicate() {
  Fd copy(::fcntl(socket_.native_handle(), F_DUPFD_CLOEXEC, 0));
  if (!copy) return Error::from_errno("cannot duplicate the connection", errno);
  return copy;
}

[[gnu::hot]] Transport::Sent Transport::send_now(std::string_view bytes, std::size_t& sent) {
  sent = 0;
  while (sent < bytes.size()) {
    const ssize_t count = ::send(socket_.native_handle(), bytes.data() + sent, bytes.size() - sent,
                                 MSG_DONTWAIT | MSG_NOSIGNAL);
    if (count >= 0)
      sent += static_cast<std::size_t>(count);
    else if (errno == EAGAIN)
      return Sent::Blocked;
    else if (errno != EINTR)
      return Sent::Broken;
  }
  return Sent::All;
}

ssize_t Transport::receive_now(std::span<char> room) {
  ssize_t count = 0;
  do count = ::recv(socket_.native_handle(), room.data(), room.size(), MSG_DONTWAIT);
  while (count < 0 && errno == EINTR);
  return count;
}

void Transport::when_writable(std::function<void()> ready) {
  socket_.async_wait(Socket::wait_write,
                     [ready = std::move(ready)](const boost::system::error_code&) { ready(); });
}

void Transport::watch_hangup(std::function<void()> gone) {
  auto done = [gone = std::move(gone)](const boost::system::error_code& error) {
    if (error != asio::error::operation_aborted) gone();
  };
  socket_.async_wait(Socket::wait_error,
                     asio::bind_cancellation_slot(hangup_.slot(), std::move(done)));
}

void Transport::unwatch_hangup() {
  hangup_.emit(asio::cancellation_type::terminal);
}

void Transport::interrupt() {
  boost::system::error_code ignored;
  socket_.cancel(ignored);
}

void Transport::shutdown_send() {
  boost::system::error_code ignored;
  socket_.shutdown(Socket::shutdown_send, ignored);
}

void Transport::shutdown_receive() {
  boost::system::error_code ignored;
  socket_.shutdown(Socket::shutdown_receive, ignored);
}

void Transport::close() {
  boost::system::error_code ignored;
  socket_.close(ignored);
}

}  // namespace uds::detail
