// A daemon with a loop around poll(2) that gets a control socket, without Boost.Asio.
//
//   poll_daemon SOCKET
//
// The loop waits for three descriptors: a timer for the daemon's work, signals, and the server,
// which brings its own. Handlers run within server.poll(), on the thread of the loop.
#include <poll.h>
#include <sys/signalfd.h>
#include <sys/timerfd.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <csignal>
#include <cstdint>
#include <cstring>
#include <iostream>
#include <utility>

#include "uds/fd.hpp"
#include "uds/uds.hpp"

namespace {

/// Readable on SIGINT and SIGTERM, which do nothing else any more.
uds::Fd open_signals() {
  sigset_t signals;
  sigemptyset(&signals);
  sigaddset(&signals, SIGINT);
  sigaddset(&signals, SIGTERM);
  sigprocmask(SIG_BLOCK, &signals, nullptr);
  return uds::Fd(::signalfd(-1, &signals, SFD_CLOEXEC));
}

/// Readable every 10 ms.
uds::Fd open_timer() {
  uds::Fd timer(::timerfd_create(CLOCK_MONOTONIC, TFD_CLOEXEC));
  const itimerspec every{{0, 10'000'000}, {0, 10'000'000}};
  ::timerfd_settime(timer.get(), 0, &every, nullptr);
  return timer;
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 2) {
    std::cerr << "usage: poll_daemon SOCKET\n";
    return 64;
  }
  const uds::Fd signals = open_signals();
  const uds::Fd timer = open_timer();
  std::uint64_t rounds = 0;  // the daemon's work

  // [serve]
  auto socket = uds::SocketBuilder(argv[1]).permissions(0660).listen();
  if (!socket) {
    std::cerr << socket.error().message() << '\n';
    return 1;
  }
  uds::Server server;
  auto status = uds::Command("demo.status").summary("How many rounds are done");
  server.commands().add(std::move(status), [&](uds::Call&) {
    uds::Json data = uds::Json::object();
    data["rounds"] = rounds;
    return uds::Response::ok(std::move(data));
  });
  server.serve(*std::move(socket));
  // [serve]

  // [poll]
  std::array<pollfd, 3> waited{pollfd{server.native_handle(), POLLIN, 0},
                               pollfd{signals.get(), POLLIN, 0}, pollfd{timer.get(), POLLIN, 0}};
  auto& [control, signal, work] = waited;
  bool done = false;
  while (!done) {
    if (::poll(waited.data(), waited.size(), -1) < 0) {
      std::cerr << "poll: " << std::strerror(errno) << '\n';
      return 1;
    }
    if (control.revents != 0) server.poll();
    if (signal.revents != 0) {
      signal.fd = -1;  // once is enough
      server.drain([&] { done = true; });
    }
    if (work.revents != 0) {
      std::uint64_t expired = 0;
      if (::read(timer.get(), &expired, sizeof expired) > 0) rounds += expired;
    }
  }
  // [poll]
}
