// A daemon with an Asio event loop that gets a control socket: how much it has done, and a way to
// stop it.
//
//   asio_daemon SOCKET
//
// Everything happens on the one thread that runs the loop, so the handlers use the worker as it is.
#include <boost/asio/io_context.hpp>
#include <boost/asio/signal_set.hpp>
#include <boost/asio/steady_timer.hpp>
#include <chrono>
#include <csignal>
#include <cstdint>
#include <iostream>
#include <utility>

#include "uds/uds.hpp"

namespace {

/// What the daemon is there for: one round of work after the other.
class Worker {
 public:
  explicit Worker(boost::asio::io_context& loop) : timer_(loop) { work(); }
  [[nodiscard]] std::uint64_t rounds() const { return rounds_; }

 private:
  void work() {
    ++rounds_;
    timer_.expires_after(std::chrono::milliseconds(10));
    timer_.async_wait([this](const boost::system::error_code& error) {
      if (!error) work();
    });
  }

  boost::asio::steady_timer timer_;
  std::uint64_t rounds_ = 0;
};

}  // namespace

int main(int argc, char** argv) {
  if (argc != 2) {
    std::cerr << "usage: asio_daemon SOCKET\n";
    return 64;
  }
  boost::asio::io_context loop(1);
  Worker worker(loop);

  // [embed]
  auto socket = uds::SocketBuilder(argv[1]).permissions(0660).listen();
  if (!socket) {
    std::cerr << socket.error().message() << '\n';
    return 1;
  }
  uds::Server server(loop.get_executor());
  server.identify("asio_daemon", "1.0");
  const auto stop = [&] { server.drain([&] { loop.stop(); }); };

  auto status = uds::Command("demo.status").summary("How many rounds are done");
  server.commands().add(std::move(status), [&](uds::Call&) {
    uds::Json data = uds::Json::object();
    data["rounds"] = worker.rounds();
    return uds::Response::ok(std::move(data));
  });
  auto end = uds::Command("demo.stop").summary("End").access(uds::Access::admins());
  server.commands().add(std::move(end), [&](uds::Call&) {
    stop();
    return uds::Response::ok("stopping", nullptr);
  });
  server.serve(*std::move(socket));
  // [embed]

  // [signals]
  boost::asio::signal_set signals(loop, SIGINT, SIGTERM);
  signals.async_wait([&](const boost::system::error_code& error, int) {
    if (!error) stop();
  });
  loop.run();
  // [signals]
}
