// Opens a file and passes it to the command file.size of passed_file.cpp.
//
//   pass_file SOCKET FILE
//
// Exit: 0 OK, 1 no file or no answer, 2 the server answered ERROR.
#include <fcntl.h>

#include <cerrno>
#include <chrono>
#include <cstring>
#include <iostream>
#include <utility>

#include "uds/client.hpp"

int main(int argc, char** argv) {
  if (argc != 3) {
    std::cerr << "usage: pass_file SOCKET FILE\n";
    return 64;
  }
  uds::Fd file(::open(argv[2], O_RDONLY | O_CLOEXEC));
  if (!file) {
    std::cerr << argv[2] << ": " << std::strerror(errno) << '\n';
    return 1;
  }
  // [pass]
  uds::ClientOptions options;
  options.with_call_timeout(std::chrono::seconds(10));
  auto client = uds::BlockingClient::connect(argv[1], options);
  if (!client) {
    std::cerr << client.error().message() << '\n';
    return 1;
  }
  uds::Descriptors files;
  files.add(std::move(file));
  const auto sent = client->send(uds::Request("file.size"), std::move(files));
  const auto reply = sent ? client->next() : uds::Result<uds::Response>(sent.error());
  // [pass]
  if (!reply) {
    std::cerr << reply.error().message() << '\n';
    return 1;
  }
  if (reply->status() == uds::Status::Error) {
    std::cerr << reply->code() << ": " << reply->message() << '\n';
    return 2;
  }
  std::cout << uds::to_json_text(reply->data()) << '\n';
}
