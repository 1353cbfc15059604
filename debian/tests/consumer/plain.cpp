// A program without Boost that embeds uds: its own poll loop serves a command, and a thread of it
// asks.
//
// One argument: the path of the socket to make. The pattern and the escape in an argument need RE2
// and simdjson, which the static libuds.a leaves to whoever links it.
#include <poll.h>

#include <iostream>
#include <string>
#include <thread>
#include <utility>

#include "uds/uds.hpp"

static_assert(__cplusplus >= 202002L, "uds asks for C++20");
static_assert(JSON_USE_IMPLICIT_CONVERSIONS == 0, "what uds was compiled with, its users are");
#ifdef BOOST_VERSION
#error "uds/uds.hpp includes Boost"
#endif

namespace {

uds::Response greet(uds::Call& call) {
  return uds::Response::ok("hello, " + call.args().at("name").get<std::string>(), nullptr);
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

  uds::Server server;
  uds::Command command("consumer.greet");
  command.arg("name", uds::schema::string().required().pattern("[a-z \"]+"));
  server.commands().add(std::move(command), greet);
  server.serve(*std::move(socket));

  std::string welcome;
  std::string refused;
  bool drained = false;
  std::thread client([&] {
    welcome = ask(path, "\"world\"");
    refused = ask(path, "WORLD");
    server.post([&] { server.drain([&drained] { drained = true; }); });
  });
  pollfd wait{server.native_handle(), POLLIN, 0};
  while (!drained) {
    if (::poll(&wait, 1, 20'000) != 1) return 1;
    server.poll();
  }
  client.join();

  std::cout << uds::kVersion << ": " << welcome << "; " << refused << '\n';
  return welcome == "hello, \"world\"" && refused == "invalid_args" ? 0 : 1;
}
