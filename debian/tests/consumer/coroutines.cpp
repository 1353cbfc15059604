// A program with an Asio of its own that embeds uds: on its one io_context run a timer and a socket
// pair of its own, a server of uds, and a client of uds that asks it.
//
// One argument: the path of the socket to make.
#include <boost/asio/buffer.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/local/connect_pair.hpp>
#include <boost/asio/local/stream_protocol.hpp>
#include <boost/asio/read.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/write.hpp>
#include <chrono>
#include <exception>
#include <iostream>
#include <string>
#include <utility>

#include "uds/asio.hpp"
#include "uds/uds.hpp"

#if defined(BOOST_ASIO_NO_DEPRECATED) || defined(BOOST_ASIO_SEPARATE_COMPILATION)
#error "uds must not choose how its user's Asio is compiled"
#endif

namespace {

namespace asio = boost::asio;
using Socket = asio::local::stream_protocol::socket;

uds::Task<uds::Response> greet(uds::Call& call) {
  auto name = call.args().at("name").get<std::string>();
  auto work = [name](std::stop_token) { return "hello, " + name; };
  std::string text = co_await uds::blocking(std::move(work));
  co_return uds::Response::ok(std::move(text), nullptr);
}

uds::Task<void> ask(std::string path, std::string* answer) {
  uds::Result<uds::Client> client = co_await uds::Client::connect(path, std::chrono::seconds(20));
  if (!client) co_return;
  uds::Json args;
  args["name"] = "\"world\"";
  uds::Request request("consumer.greet", std::move(args));
  uds::Replies replies = co_await client->send(std::move(request));
  while (auto reply = co_await replies.next()) *answer = reply->message();
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 2) return 64;
  const std::string path = argv[1];
  auto listening = uds::SocketBuilder(path).listen();
  if (!listening) {
    std::cerr << listening.error().message() << '\n';
    return 1;
  }

  asio::io_context loop(1);
  uds::Server server(loop.get_executor());
  uds::Command command("consumer.greet");
  command.arg("name", uds::schema::string().required().pattern("[a-z \"]+"));
  server.commands().add(std::move(command), greet);
  server.serve(*std::move(listening));

  Socket ours(loop);
  Socket theirs(loop);
  asio::local::connect_pair(ours, theirs);
  std::string own(4, ' ');
  asio::async_read(ours, asio::buffer(own), [](const boost::system::error_code&, std::size_t) {});
  asio::steady_timer timer(loop, std::chrono::milliseconds(1));
  timer.async_wait([&theirs](const boost::system::error_code&) {
    asio::write(theirs, asio::buffer("tick", 4));
  });

  std::string answer;
  std::exception_ptr failure;
  uds::spawn(loop.get_executor(), ask(path, &answer), [&](std::exception_ptr error) {
    failure = std::move(error);
    server.drain([] {});
  });
  loop.run();

  std::cout << uds::kVersion << ": " << own << "; " << answer << '\n';
  return !failure && own == "tick" && answer == "hello, \"world\"" ? 0 : 1;
}
