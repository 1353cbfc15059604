// A program that embeds uds: it serves a command of its own and asks it.
//
// One argument: the path of the socket to make. It uses both tiers of headers, and something of
// each library that the static libuds.a leaves to whoever links it: RE2 (the pattern), simdjson
// (the escape in the argument), threads.
#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>
#include <iostream>
#include <string>
#include <thread>
#include <utility>

#include "uds/asio.hpp"
#include "uds/uds.hpp"

static_assert(__cplusplus >= 202002L, "uds asks for C++20");
static_assert(JSON_USE_IMPLICIT_CONVERSIONS == 0, "what uds was compiled with, its users are");
#ifndef BOOST_ASIO_NO_DEPRECATED
#error "what uds was compiled with, its users are"
#endif

namespace {

uds::Task<uds::Response> greet(uds::Call& call) {
  auto name = call.args().at("name").get<std::string>();
  auto work = [name](std::stop_token) { return "hello, " + name; };
  std::string text = co_await uds::blocking(std::move(work));
  co_return uds::Response::ok(std::move(text), nullptr);
}

/// The final message of `greet`, or why there is none.
std::string ask(const std::string& path, const std::string& name) {
  uds::Json args;
  args["name"] = name;
  const auto reply = uds::call(path, uds::Request("consumer.greet", std::move(args)));
  if (!reply) return reply.error().message();
  return reply->status() == uds::Status::Ok ? reply->message() : std::string(reply->code());
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 2) return 64;
  const std::string path = argv[1];
  auto socket = uds::SocketBuilder(path).listen();
  if (!socket) {
    std::cerr << socket.error().message() << '\n';
    return 1;
  }

  boost::asio::io_context loop(1);
  uds::Server server(loop.get_executor());
  uds::Command command("consumer.greet");
  command.arg("name", uds::schema::string().required().pattern("[a-z \"]+"));
  server.commands().add(std::move(command), greet);
  server.serve(*std::move(socket));
  std::thread thread([&loop] { loop.run(); });

  const std::string welcome = ask(path, "\"world\"");
  const std::string refused = ask(path, "WORLD");
  boost::asio::post(loop, [&server] { server.drain([] {}); });
  thread.join();

  std::cout << uds::kVersion << ": " << welcome << "; " << refused << '\n';
  return welcome == "hello, \"world\"" && refused == "invalid_args" ? 0 : 1;
}
