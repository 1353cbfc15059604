// A client as a coroutine: sends one request, shows what comes, and gives up after a time.
//
//   async_client SOCKET COMMAND TIME
//
// TIME is such as 500ms or 10s. Exit: 0 OK, 1 no answer, 2 the server answered ERROR.
#include <boost/asio/io_context.hpp>
#include <chrono>
#include <exception>
#include <iostream>
#include <string>
#include <utility>

#include "uds/asio.hpp"
#include "uds/units.hpp"

namespace {

int fail(const uds::Error& error) {
  std::cerr << error.message() << '\n';
  return 1;
}

int show(const uds::Response& reply) {
  std::cout << to_string(reply.status()) << ' ' << reply.message() << std::endl;
  return reply.status() == uds::Status::Error ? 2 : 0;
}

// [ask]
uds::Task<void> ask(std::string path, std::string command, std::chrono::milliseconds patience,
                    int& status) {
  uds::ClientOptions options;
  options.with_connect_timeout(patience);
  options.with_call_timeout(patience + std::chrono::seconds(3));  // if the server hangs
  auto client = co_await uds::Client::connect(std::move(path), std::move(options));
  if (!client) {
    status = fail(client.error());
    co_return;
  }
  uds::Request request(std::move(command));
  request.with_timeout(patience);  // the server ends it
  uds::Replies replies = co_await client->send(std::move(request));
  while (auto reply = co_await replies.next()) status = show(*reply);
  if (replies.failure()) status = fail(*replies.failure());
}
// [ask]

}  // namespace

int main(int argc, char** argv) {
  const auto patience = uds::parse_duration(argc == 4 ? argv[3] : "");
  if (!patience) {
    std::cerr << "usage: async_client SOCKET COMMAND TIME\n";
    return 64;
  }
  int status = 1;
  // [spawn]
  boost::asio::io_context loop(1);
  uds::spawn(loop.get_executor(), ask(argv[1], argv[2], *patience, status),
             [](const std::exception_ptr& error) {
               if (error) std::rethrow_exception(error);
             });
  loop.run();
  // [spawn]
  return status;
}
