// One request in one function: no event loop, no thread, and an end to every wait.
//
//   call SOCKET COMMAND
//
// Exit: 0 OK, 1 no answer, 2 the server answered ERROR.
#include <chrono>
#include <iostream>

#include "uds/client.hpp"

int main(int argc, char** argv) {
  if (argc != 3) {
    std::cerr << "usage: call SOCKET COMMAND\n";
    return 64;
  }
  // [call]
  const auto show = [](const uds::Response& step) { std::cout << step.message() << std::endl; };
  uds::ClientOptions options;
  options.with_call_timeout(std::chrono::seconds(10));
  const auto reply = uds::call(argv[1], uds::Request(argv[2]), show, options);
  if (!reply) {  // nobody answered
    std::cerr << reply.error().message() << '\n';
    return 1;
  }
  if (reply->status() == uds::Status::Error) {  // the server said no, and why
    std::cerr << reply->code() << ": " << reply->message() << '\n';
    return 2;
  }
  std::cout << reply->message() << ' ' << uds::to_json_text(reply->data()) << '\n';
  // [call]
}
