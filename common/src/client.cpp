// BlockingClient and call(): one connection, a poll(2) loop, a deadline for every wait. After a
// request it first looks a few times without sleeping.
//
// Bytes to send are queued here until the socket takes them, so that an interrupted send goes on
// with the next wait. When sending fails the queue is dropped and reading goes on: a server that
// closes early may have said why.
#include "uds/client.hpp"

#include "connector.hpp"
#include "deadline.hpp"
#include "outbox.hpp"
#include "reply_reader.hpp"

#include <poll.h>
#include <sched.h>
#include <sys/socket.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <climits>
#include <span>
#include <string>
#include <utility>

namespace uds {
namespace {

using Clock = std::chrono::steady_clock;
using std::chrono::milliseconds;

/// Most answers fit into the first size, and memory that is never touched costs nothing. An answer
/// that fills it is a long one.
constexpr std::size_t kFirstReadSize = std::size_t{4} << 10;
constexpr std::size_t kReadSize = std::size_t{64} << 10;

/// How long after a request its answer is polled for before this thread sleeps. A processor that
/// went idle takes tens of microseconds to wake, on a virtual machine above all: several times what
/// a server needs to answer. Who has waited for so long loses little by sleeping, too.
constexpr std::chrono::microseconds kSpin{50};

/// poll(2) for at most `wait`; true when something is ready. Signals that interrupt it end nothing.
Result<bool> poll_for(std::span<pollfd> entries, milliseconds wait) {
  const int timeout = wait.count() > INT_MAX ? INT_MAX : static_cast<int>(wait.count());
  const int ready = ::poll(entries.data(), entries.size(), timeout);
  if (ready < 0 && errno != EINTR)
    return Error::from_errno("cannot wait for the server (poll)", errno);
  return ready > 0;
}

}  // namespace

class BlockingClient::Impl {
 public:
  Impl(Fd socket, ClientOptions options)
      : socket_(std::move(socket)),
        options_(std::move(options)),
        reader_(options_.limits, options_.half_close),
        interrupt_(options_.interrupt) {}

  void interrupt_on(int descriptor) { interrupt_ = descriptor; }
  [[nodiscard]] std::string_view last_text() const { return reader_.last_text(); }

  RequestId fresh_id() {
    RequestId id;
    do id = RequestId(++last_id_);
    while (id == current_);
    return id;
  }

  Result<void> send(std::string line, const RequestId& id, Descriptors descriptors) {
    if (auto whole = check_line(line); !whole) return whole;
    if (options_.half_close && used_)
      return Error(Errc::ConnectionLost,
                   "a half-closed connection takes one request only; connect again");
    current_ = id;
    used_ = true;
    set_call_timeout(options_.call_timeout);
    auto written = write(std::move(line), std::move(descriptors));
    spin_until_ = Clock::now() + kSpin;
    return written;
  }

  Result<void> cancel() {
    if (options_.half_close || !current_.present())
      return Error(Errc::NotARequest,
                   "only a request with an id can be cancelled; close the connection instead");
    Json args = Json::object();
    args["id"] = current_.to_json();
    return write(Request("cancel", std::move(args)).with_id(fresh_id()).to_text(), {});
  }

  Result<Response> next() {
    for (;;) {
      auto received = reader_.next();
      if (!received) return fail(std::move(received).error());
      if (*received) {
        if (is_for_current(**received)) return std::move(**received);
        continue;
      }
      auto came = spin();
      if (!came) return std::move(came).error();
      if (*came) continue;
      if (auto waited = wait(POLLIN); !waited) return std::move(waited).error();
      if (auto flushed = flush(); !flushed) return std::move(flushed).error();
      if (auto filled = read_some(); !filled) return std::move(filled).error();
    }
  }

  Result<void> post(std::string line) {
    if (auto whole = check_line(line); !whole) return whole;
    if (!socket_) return lost();
    line += '\n';
    unsent_.append(line, {});
    return flush();
  }

  Result<std::optional<Response>> poll() {
    for (;;) {
      auto received = reader_.next();
      if (!received) return fail(std::move(received).error());
      if (*received) return received;
      if (!socket_) return lost();
      if (auto flushed = flush(); !flushed) return std::move(flushed).error();
      auto came = read_some();
      if (!came) return std::move(came).error();
      if (!*came) return std::optional<Response>();
    }
  }

  [[nodiscard]] bool has_unsent() const noexcept { return !unsent_.empty(); }
  [[nodiscard]] int native_handle() const noexcept { return socket_.get(); }

  void set_call_timeout(std::optional<milliseconds> value) {
    options_.call_timeout = value;
    deadline_.reset();
    if (value) deadline_ = detail::deadline_after(*value);
  }

 private:
  /// An ERROR without an id belongs to no request the server could name: with one request at a
  /// time, to this one.
  [[nodiscard]] bool is_for_current(const Response& response) const {
    if (options_.half_close || response.id() == current_) return true;
    return !response.id().present() && response.status() == Status::Error;
  }

  static Result<void> check_line(std::string_view line) {
    if (line.find_first_of(std::string_view("\n\0", 2)) == std::string_view::npos) return {};
    return Error(Errc::NotARequest,
                 "a request is one line without NUL bytes; write it on one line");
  }

  static Error lost() {
    return {Errc::ConnectionLost, "this connection has failed before; connect again"};
  }

  Error fail(Error error) {
    socket_.reset();
    unsent_.clear();
    return error;
  }

  Result<void> write(std::string line, Descriptors descriptors) {
    if (!socket_) return lost();
    if (!options_.half_close) line += '\n';
    unsent_.append(line, std::move(descriptors));
    end_after_unsent_ = options_.half_close;
    for (;;) {
      if (auto flushed = flush(); !flushed) return flushed;
      if (unsent_.empty()) return {};
      if (auto waited = wait(0); !waited) return waited;
    }
  }

  /// Sends what the socket takes now.
  Result<void> flush() {
    while (!unsent_.empty()) {
      if (unsent_.send_some(socket_.get()) >= 0) continue;
      if (errno == EAGAIN) return {};
      if (errno != EPIPE && errno != ECONNRESET)
        return fail(Error::from_errno("cannot send to the server", errno));
      unsent_.clear();
    }
    if (std::exchange(end_after_unsent_, false)) ::shutdown(socket_.get(), SHUT_WR);
    return {};
  }

  /// True when bytes or the end came, false when nothing is there yet.
  Result<bool> read_some() {
    const std::span<char> room = reader_.prepare(read_size_);
    const ssize_t received = ::recv(socket_.get(), room.data(), room.size(), 0);
    if (received > 0) {
      reader_.commit(static_cast<std::size_t>(received));
      if (static_cast<std::size_t>(received) == room.size()) read_size_ = kReadSize;
    } else if (received == 0 || errno == ECONNRESET) {
      reader_.finish();
    } else if (errno == EAGAIN || errno == EINTR) {
      return false;
    } else {
      return fail(Error::from_errno("cannot receive from the server", errno));
    }
    spin_until_ = {};  // what follows the first bytes may be long in coming: a stream pauses
    return true;
  }

  /// Tries to read until kSpin after the request was sent, never beyond the deadline. Yields before
  /// each try, so that a server on the same processor gets to run. True when something came.
  Result<bool> spin() {
    if (!socket_ || !unsent_.empty()) return false;
    const auto end = deadline_ ? std::min(spin_until_, *deadline_) : spin_until_;
    while (Clock::now() < end) {
      ::sched_yield();
      auto came = read_some();
      if (!came || *came) return came;
    }
    return false;
  }

  /// Waits until the socket is ready for `events`, or for the bytes not yet sent. Errors:
  /// Interrupted, Deadline.
  Result<void> wait(short events) {
    if (!socket_) return lost();
    if (!unsent_.empty()) events = static_cast<short>(events | POLLOUT);
    std::array<pollfd, 2> entries{pollfd{socket_.get(), events, 0}, pollfd{interrupt_, POLLIN, 0}};
    for (;;) {
      const auto ready =
          poll_for(entries, deadline_ ? detail::remaining(*deadline_) : detail::kLongestWait);
      if (!ready) return fail(ready.error());
      if (entries[1].revents != 0) return Errc::Interrupted;
      if (deadline_ && Clock::now() >= *deadline_) return fail(Errc::Deadline);
      if (*ready) return {};
    }
  }

  Fd socket_;
  ClientOptions options_;
  detail::ReplyReader reader_;
  detail::Outbox unsent_;
  bool end_after_unsent_ = false;
  bool used_ = false;
  std::size_t read_size_ = kFirstReadSize;
  Clock::time_point spin_until_;
  int interrupt_;
  std::int64_t last_id_ = 0;
  RequestId current_;
  std::optional<Clock::time_point> deadline_;
};

BlockingClient::BlockingClient(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
BlockingClient::BlockingClient(BlockingClient&&) noexcept = default;
BlockingClient& BlockingClient::operator=(BlockingClient&&) noexcept = default;
BlockingClient::~BlockingClient() = default;

Result<BlockingClient> BlockingClient::connect(const std::string& path, ClientOptions options) {
  auto connector = detail::Connector::open(path, options.connect_timeout, options.server_uids);
  if (!connector) return std::move(connector).error();
  std::array<pollfd, 1> interrupt{pollfd{options.interrupt, POLLIN, 0}};
  for (;;) {
    const auto connected = connector->attempt();
    if (!connected) return connected.error();
    if (*connected) break;
    const auto paused = poll_for(interrupt, connector->pause());
    if (!paused) return paused.error();
    if (*paused) return Errc::Interrupted;
  }
  return BlockingClient(std::make_unique<Impl>(connector->take(), std::move(options)));
}

void BlockingClient::interrupt_on(int descriptor) {
  impl_->interrupt_on(descriptor);
}

Result<RequestId> BlockingClient::send(Request request, Descriptors descriptors) {
  if (!request.id.present()) request.id = impl_->fresh_id();
  if (auto sent = impl_->send(request.to_text(), request.id, std::move(descriptors)); !sent)
    return std::move(sent).error();
  return std::move(request.id);
}

Result<void> BlockingClient::send_text(std::string_view line, const RequestId& id) {
  return impl_->send(std::string(line), id, {});
}
Result<void> BlockingClient::cancel() {
  return impl_->cancel();
}
Result<Response> BlockingClient::next() {
  return impl_->next();
}
std::string_view BlockingClient::last_text() const noexcept {
  return impl_->last_text();
}
Result<void> BlockingClient::post_text(std::string_view line) {
  return impl_->post(std::string(line));
}
bool BlockingClient::has_unsent() const noexcept {
  return impl_->has_unsent();
}
int BlockingClient::native_handle() const noexcept {
  return impl_->native_handle();
}
Result<std::optional<Response>> BlockingClient::poll() {
  return impl_->poll();
}
void BlockingClient::set_call_timeout(std::optional<milliseconds> value) {
  impl_->set_call_timeout(value);
}

Result<Response> call(const std::string& path, Request request,
                      const std::function<void(const Response&)>& on_processing,
                      ClientOptions options) {
  auto client = BlockingClient::connect(path, std::move(options));
  if (!client) return std::move(client).error();
  if (auto sent = client->send(std::move(request)); !sent) return std::move(sent).error();
  for (;;) {
    auto response = client->next();
    if (!response || response->final()) return response;
    if (on_processing) on_processing(*response);
  }
}

}  // namespace uds
