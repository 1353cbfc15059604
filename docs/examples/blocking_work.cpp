// A handler that does what blocks on another thread, while the loop goes on.
//
//   blocking_work SOCKET
//
// The command file.count counts the lines of a file. Since it reads with the rights of this
// process, it is for administrators.
#include <algorithm>
#include <array>
#include <boost/asio/io_context.hpp>
#include <boost/asio/signal_set.hpp>
#include <csignal>
#include <cstdint>
#include <fstream>
#include <iostream>
#include <optional>
#include <stop_token>
#include <string>
#include <utility>

#include "uds/asio.hpp"
#include "uds/uds.hpp"

namespace {

// [work]
/// On a thread of the pool: knows neither the Call nor the server. Nothing if the file cannot be
/// read.
std::optional<std::int64_t> count_lines(const std::string& path, const std::stop_token& stop) {
  std::ifstream file(path, std::ios::binary);
  if (!file) return std::nullopt;
  std::int64_t lines = 0;
  std::array<char, 65'536> room;
  while (file && !stop.stop_requested()) {
    file.read(room.data(), room.size());
    lines += std::count(room.data(), room.data() + file.gcount(), '\n');
  }
  return lines;
}

/// On the serving thread.
uds::Task<uds::Response> count(uds::Call& call) {
  const auto path = call.args().at("path").get<std::string>();
  auto work = [path](const std::stop_token& stop) { return count_lines(path, stop); };
  const auto lines = co_await uds::blocking(std::move(work));
  if (!lines)
    co_return uds::Response::error(uds::Code::NotFound, "cannot open this file; correct its path");
  uds::Json data = uds::Json::object();
  data["lines"] = *lines;
  co_return uds::Response::ok(std::move(data));
}
// [work]

}  // namespace

int main(int argc, char** argv) {
  if (argc != 2) {
    std::cerr << "usage: blocking_work SOCKET\n";
    return 64;
  }
  auto socket = uds::SocketBuilder(argv[1]).listen();
  if (!socket) {
    std::cerr << socket.error().message() << '\n';
    return 1;
  }
  boost::asio::io_context loop(1);
  uds::Server server(loop.get_executor());
  uds::Command command("file.count");
  command.summary("Count the lines of a file").access(uds::Access::admins());
  command.arg("path", uds::schema::string().required().pattern("/.*"));
  server.commands().add(std::move(command), count);
  server.serve(*std::move(socket));

  boost::asio::signal_set signals(loop, SIGINT, SIGTERM);
  signals.async_wait([&](const boost::system::error_code& error, int) {
    if (!error) server.drain([] {});
  });
  loop.run();
}
