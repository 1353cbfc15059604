// A command that gets an open file from its caller: what the caller could not open, it cannot pass.
//
//   passed_file SOCKET
//
// The command file.size answers with the size of the file, and closes it.
#include <sys/stat.h>

#include <boost/asio/io_context.hpp>
#include <boost/asio/signal_set.hpp>
#include <csignal>
#include <iostream>
#include <utility>

#include "uds/uds.hpp"

namespace {

// [take]
uds::Response size(uds::Call& call) {
  const uds::Fd file = call.take_fd();
  struct stat status{};
  if (::fstat(file.get(), &status) != 0 || !S_ISREG(status.st_mode))
    return uds::Response::error(uds::Code::InvalidArgs, "this is no regular file; pass one");
  uds::Json data = uds::Json::object();
  data["bytes"] = status.st_size;
  return uds::Response::ok(std::move(data));
}
// [take]

}  // namespace

int main(int argc, char** argv) {
  if (argc != 2) {
    std::cerr << "usage: passed_file SOCKET\n";
    return 64;
  }
  auto socket = uds::SocketBuilder(argv[1]).listen();
  if (!socket) {
    std::cerr << socket.error().message() << '\n';
    return 1;
  }
  boost::asio::io_context loop(1);
  uds::Server server(loop.get_executor());
  // [declare]
  auto command = uds::Command("file.size").summary("The size of an open file").descriptors(1, 1);
  server.commands().add(std::move(command), size);
  // [declare]
  server.serve(*std::move(socket));

  boost::asio::signal_set signals(loop, SIGINT, SIGTERM);
  signals.async_wait([&](const boost::system::error_code& error, int) {
    if (!error) server.drain([] {});
  });
  loop.run();
}
