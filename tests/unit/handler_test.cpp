// What a handler learns of its request from a running server, beside arguments and caller: why it
// is to end, and the connection itself.
#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/socket.h>
#include <unistd.h>

#include <string>

#include "server_fixture.hpp"

namespace {

using namespace std::chrono_literals;
using uds::Call;
using uds::Command;
using uds::Json;
using uds::Response;
using uds::Task;
using uds_test::TestServer;

/// Answers why it was asked to unwind.
Task<Response> tells_why(Call& call) {
  try {
    co_await call.processing("waiting");
    co_await uds::sleep_for(1h);
  } catch (const boost::system::system_error&) {
  }
  co_await boost::asio::this_coro::reset_cancellation_state();
  const bool deadline = call.ending() == uds::Ending::Deadline;
  co_return Response::ok(deadline ? "deadline" : "other", nullptr);
}

/// Whom a duplicate of the connection belongs to, as the kernel says.
Response asks_kernel(Call& call) {
  const auto copy = call.duplicate_connection();
  ucred credentials{};
  socklen_t size = sizeof credentials;
  if (!copy || (::fcntl(copy->get(), F_GETFD) & FD_CLOEXEC) == 0 ||
      ::getsockopt(copy->get(), SOL_SOCKET, SO_PEERCRED, &credentials, &size) != 0)
    return Response::error(uds::Code::Internal, "no duplicate");
  Json data = Json::object();
  data["pid"] = credentials.pid;
  return Response::ok(std::move(data));
}

void add_commands(uds::Server& server) {
  auto& commands = server.commands();
  commands.add(Command("t.why"), tells_why);
  commands.add(Command("t.kernel"), asks_kernel);
  commands.add(Command("t.remove"),
               [&commands](Call&) { return Response::ok(commands.remove("t.why")); });
}

TEST(Handler, LearnsWhyItIsToEndAndOutlivesItsCommand) {
  TestServer server({}, add_commands);
  auto client = server.connect();
  client.line(R"({"cmd":"t.why","id":1,"timeout_ms":100})");
  EXPECT_EQ(client.reply()["message"], "waiting");
  client.line(R"({"cmd":"t.remove","id":2})");
  EXPECT_EQ(client.reply()["data"], true);
  EXPECT_EQ(client.reply()["message"], "deadline");
  client.line(R"({"cmd":"t.why","id":3})");
  EXPECT_EQ(client.reply()["error"]["code"], "unknown_command");
}

TEST(Handler, DuplicateOfAConnectionTellsWhoCalls) {
  TestServer server({}, add_commands);
  auto client = server.connect();
  client.line(R"({"cmd":"t.kernel","id":1})");
  EXPECT_EQ(client.reply()["data"]["pid"], ::getpid());
  client.half_close();
  EXPECT_TRUE(client.at_end());
}

}  // namespace
