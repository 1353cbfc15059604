// A blocking client that shows progress and cancels its request on Ctrl-C.
//
//   blocking_client SOCKET COMMAND [ARGUMENTS]
//
// ARGUMENTS is a JSON object. Exit: 0 OK, 1 no answer, 2 the server answered ERROR. SIGINT is
// blocked and comes through a descriptor, so it can interrupt a wait and nothing else.
#include <sys/signalfd.h>

#include <csignal>
#include <iostream>
#include <utility>

#include "uds/client.hpp"
#include "uds/fd.hpp"

namespace {

void show(const uds::Response& reply) {
  std::cout << to_string(reply.status());
  if (const auto& progress = reply.progress())
    std::cout << ' ' << progress->current << '/' << progress->total.value_or(0);
  std::cout << ' ' << reply.message() << std::endl;
}

int fail(const uds::Error& error) {
  std::cerr << error.message() << '\n';
  return 1;
}

// [conversation]
int converse(uds::BlockingClient& client, uds::Request request) {
  auto sent = client.send(std::move(request));
  if (!sent && !sent.error().is(uds::Errc::Interrupted)) return fail(sent.error());
  for (;;) {
    const auto reply = client.next();
    if (reply) {
      show(*reply);
      if (reply->final()) return reply->status() == uds::Status::Ok ? 0 : 2;
    } else if (reply.error().is(uds::Errc::Interrupted)) {
      client.interrupt_on(-1);  // once is enough; the final response is still to come
      if (auto told = client.cancel(); !told) return fail(told.error());
    } else {
      return fail(reply.error());
    }
  }
}
// [conversation]

}  // namespace

int main(int argc, char** argv) {
  if (argc != 3 && argc != 4) {
    std::cerr << "usage: blocking_client SOCKET COMMAND [ARGUMENTS]\n";
    return 64;
  }
  auto arguments = uds::parse_json(argc == 4 ? argv[3] : "{}");
  if (!arguments) {
    std::cerr << "ARGUMENTS is no JSON: " << arguments.error().reason << '\n';
    return 64;
  }
  // [connect]
  sigset_t signals;
  sigemptyset(&signals);
  sigaddset(&signals, SIGINT);
  sigprocmask(SIG_BLOCK, &signals, nullptr);
  const uds::Fd interrupt(::signalfd(-1, &signals, SFD_CLOEXEC));

  auto client = uds::BlockingClient::connect(argv[1]);
  if (!client) return fail(client.error());
  client->interrupt_on(interrupt.get());
  return converse(*client, uds::Request(argv[2], *std::move(arguments)));
  // [connect]
}
