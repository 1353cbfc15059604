// Descriptors with requests: the value, which request they belong to, and the way through a real
// server. No descriptor may be left over, whatever a caller sends.
#include "uds/descriptors.hpp"

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <cstring>
#include <filesystem>
#include <random>

#include "ancillary.hpp"
#include "descriptor_inbox.hpp"
#include "outbox.hpp"
#include "server_fixture.hpp"
#include "uds/client.hpp"

namespace {

using namespace std::chrono_literals;
using uds::BlockingClient;
using uds::Call;
using uds::Command;
using uds::Descriptors;
using uds::Fd;
using uds::Json;
using uds::Request;
using uds::Response;
using uds::Task;
using uds::detail::DescriptorInbox;
using uds::detail::Outbox;
using uds::detail::Passed;
using uds_test::RawClient;
using uds_test::TestServer;

std::size_t open_descriptors() {
  const auto all = std::filesystem::directory_iterator("/proc/self/fd");
  return static_cast<std::size_t>(std::distance(begin(all), end(all)));
}

bool is_open(int number) {
  return ::fcntl(number, F_GETFD) >= 0;
}

/// An open file that holds `text`, to be read from its beginning.
Fd file_of(std::string_view text) {
  Fd file(::memfd_create("test", MFD_CLOEXEC));
  EXPECT_EQ(::pwrite(file.get(), text.data(), text.size(), 0), static_cast<ssize_t>(text.size()));
  return file;
}

Descriptors files_of(std::initializer_list<const char*> texts) {
  Descriptors out;
  for (const char* text : texts) out.add(file_of(text));
  return out;
}

std::string content_of(const Fd& file) {
  std::array<char, 64> room{};
  const ssize_t size = ::pread(file.get(), room.data(), room.size(), 0);
  return size < 0 ? "unreadable" : std::string(room.data(), static_cast<std::size_t>(size));
}

Passed passed(std::initializer_list<const char*> texts) {
  Passed out;
  out.descriptors = files_of(texts);
  return out;
}

TEST(Descriptors, FitFourAndCloseWhatDoesNotFit) {
  Descriptors some = files_of({"a", "b", "c", "d"});
  Fd fifth = file_of("e");
  const int number = fifth.get();
  EXPECT_FALSE(some.add(std::move(fifth)));
  EXPECT_FALSE(is_open(number));
  EXPECT_EQ(some.size(), 4U);
}

TEST(Descriptors, AreTakenInOrder) {
  Descriptors some = files_of({"a", "b"});
  EXPECT_EQ(content_of(some.take()), "a");
  EXPECT_EQ(content_of(some.take()), "b");
  EXPECT_FALSE(some.take());
}

TEST(Descriptors, MoveLeavesNothingBehind) {
  Descriptors some = files_of({"a"});
  Descriptors other = std::move(some);
  EXPECT_EQ(some.size(), 0U);  // NOLINT(bugprone-use-after-move)
  EXPECT_EQ(other.size(), 1U);
  const int number = other[0];
  other = Descriptors();
  EXPECT_FALSE(is_open(number));
}

TEST(DescriptorInbox, GivesThemToTheFrameOfTheLastByte) {
  DescriptorInbox inbox;
  inbox.add(29, passed({"second"}));  // a read of two frames: [0, 10) and [10, 30)
  EXPECT_TRUE(inbox.take(0, 10).descriptors.empty());
  EXPECT_EQ(content_of(inbox.take(10, 30).descriptors.take()), "second");
  EXPECT_EQ(inbox.held(), 0U);
}

TEST(DescriptorInbox, HoldsThoseOfAnIncompleteFrameAndOfTheNext) {
  DescriptorInbox inbox;
  inbox.add(14, passed({"first"}));   // the frame [10, 20) has begun
  inbox.add(24, passed({"second"}));  // its end came with the beginning of [20, 30)
  EXPECT_EQ(content_of(inbox.take(10, 20).descriptors.take()), "first");
  EXPECT_EQ(content_of(inbox.take(20, 30).descriptors.take()), "second");
}

TEST(DescriptorInbox, ClosesASecondSetForOneFrame) {
  DescriptorInbox inbox;
  for (const std::uint64_t last_byte : {4U, 5U, 6U, 7U}) inbox.add(last_byte, passed({"x"}));
  EXPECT_EQ(inbox.held(), 2U);
  EXPECT_EQ(inbox.take(0, 10).descriptors.size(), 1U);
  EXPECT_EQ(inbox.held(), 0U);
}

TEST(DescriptorInbox, ClosesWhatCameBetweenFrames) {
  DescriptorInbox inbox;
  inbox.add(5, passed({"x"}));
  EXPECT_TRUE(inbox.take(6, 20).descriptors.empty());
  EXPECT_EQ(inbox.held(), 0U);
}

TEST(Outbox, SendsARequestWithDescriptorsInAWriteOfItsOwn) {
  std::array<int, 2> ends{};
  ASSERT_EQ(::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends.data()), 0);
  const Fd left(ends[0]);
  const Fd right(ends[1]);
  Outbox outbox;
  outbox.append("one\n", {});
  outbox.append("two\n", files_of({"2"}));
  outbox.append("three\n", {});
  outbox.append("four\n", files_of({"4"}));
  while (!outbox.empty()) ASSERT_GT(outbox.send_some(left.get()), 0);

  std::array<char, 64> room{};
  std::vector<std::pair<std::string, std::string>> reads;
  for (int i = 0; i < 2; ++i) {
    Passed with;
    const ssize_t size = uds::detail::receive_with_descriptors(right.get(), room, with);
    ASSERT_GT(size, 0);
    reads.emplace_back(std::string(room.data(), static_cast<std::size_t>(size)),
                       content_of(with.descriptors.take()));
  }
  const std::vector<std::pair<std::string, std::string>> expected{{"one\ntwo\n", "2"},
                                                                  {"three\nfour\n", "4"}};
  EXPECT_EQ(reads, expected);
}

// --- through a server ------------------------------------------------------------------------

Response read_descriptors(Call& call) {
  Json contents = Json::array();
  while (const Fd file = call.take_fd()) {
    EXPECT_EQ(::fcntl(file.get(), F_GETFD), FD_CLOEXEC);
    contents.push_back(content_of(file));
  }
  return Response::ok(std::move(contents));
}

Task<Response> hold(Call& call) {
  co_await call.processing("held");
  co_await uds::sleep_for(1h);
  co_return Response::ok();
}

void add_descriptor_commands(uds::Server& server) {
  server.commands().add(Command("fd.read").descriptors(1, 4), read_descriptors);
  server.commands().add(Command("fd.hold").descriptors(0, 2), hold);
}

/// sendmsg() with any number of descriptors, all of them standard input.
void send_raw(int socket, std::string_view text, std::size_t count) {
  std::vector<char> control(CMSG_SPACE(count * sizeof(int)));
  iovec bytes{const_cast<char*>(text.data()), text.size()};
  msghdr message{};
  message.msg_iov = &bytes;
  message.msg_iovlen = 1;
  message.msg_control = control.data();
  message.msg_controllen = control.size();
  cmsghdr* const header = CMSG_FIRSTHDR(&message);
  header->cmsg_level = SOL_SOCKET;
  header->cmsg_type = SCM_RIGHTS;
  header->cmsg_len = CMSG_LEN(count * sizeof(int));
  const std::vector<int> numbers(count, STDIN_FILENO);
  std::memcpy(CMSG_DATA(header), numbers.data(), count * sizeof(int));
  ssize_t sent = 0;
  // Without privileges only so many may be under way: the server has to take some first.
  do sent = ::sendmsg(socket, &message, MSG_NOSIGNAL);
  while (sent < 0 && errno == ETOOMANYREFS);
  EXPECT_EQ(sent, static_cast<ssize_t>(text.size())) << std::strerror(errno);
}

BlockingClient connect(const TestServer& server) {
  auto client = BlockingClient::connect(server.path());
  if (!client) throw std::runtime_error(client.error().message());
  return *std::move(client);
}

TEST(ServerDescriptors, HandlerGetsWhatTheClientSent) {
  TestServer server({}, add_descriptor_commands);
  auto client = connect(server);
  ASSERT_TRUE(client.send(Request("fd.read"), files_of({"one", "two"})));
  const auto response = client.next();
  ASSERT_TRUE(response);
  EXPECT_EQ(response->data(), Json({"one", "two"}));
}

TEST(ServerDescriptors, CoroutineClientSendsThemToo) {
  TestServer server({}, add_descriptor_commands);
  boost::asio::io_context io;
  Json seen;
  const auto ask = [&]() -> Task<void> {
    auto client = co_await uds::Client::connect(server.path(), 5s);
    Descriptors files = files_of({"here"});
    auto replies = co_await client->send(Request("fd.read"), std::move(files));
    const auto reply = co_await replies.next();
    if (reply) seen = reply->data();
  };
  uds::spawn(io.get_executor(), ask(), [](std::exception_ptr error) { EXPECT_FALSE(error); });
  io.run();
  EXPECT_EQ(seen, Json({"here"}));
}

TEST(ServerDescriptors, BelongToTheRequestTheyWereSentWith) {
  TestServer server({}, add_descriptor_commands);
  RawClient client = server.connect();
  Outbox outbox;
  for (int round = 0; round < 100; ++round) {
    const std::string number = std::to_string(round);
    outbox.append(R"({"cmd":"ping","id":"p"})"
                  "\n",
                  {});
    outbox.append(R"({"cmd":"fd.read","id":")" + number + "\"}\n", files_of({number.c_str()}));
    outbox.append(R"({"cmd":"fd.read","id":"none"})"
                  "\n",
                  {});
  }
  while (!outbox.empty()) outbox.send_some(client.descriptor());
  for (int round = 0; round < 100; ++round) {
    EXPECT_EQ(client.reply()["id"], "p");
    const Json answer = client.reply();
    EXPECT_EQ(answer["id"], std::to_string(round));
    EXPECT_EQ(answer["data"], Json::array({answer["id"]}));
    const Json none = client.reply();
    EXPECT_EQ(none["error"]["code"], "bad_request");
    EXPECT_EQ(none["error"]["field"], "descriptors");
  }
}

TEST(ServerDescriptors, ComeWithARequestOfManyPieces) {
  TestServer server({}, add_descriptor_commands);
  RawClient client = server.connect();
  const std::string text = R"({"cmd":"fd.read","id":1,"x-pad":")" + std::string(200'000, 'x') +
                           "\"}\n{\"cmd\":\"ping\",\"id\":2}\n";
  send_raw(client.descriptor(), text.substr(0, 1), 2);
  client.send(text.substr(1));
  EXPECT_EQ(client.reply()["data"].size(), 2U);
  EXPECT_EQ(client.reply()["id"], 2);
}

TEST(ServerDescriptors, TooManyAreRefused) {
  TestServer server({}, add_descriptor_commands);
  RawClient client = server.connect();
  send_raw(client.descriptor(), "{\"cmd\":\"fd.read\",\"id\":1}\n", 5);
  const Json answer = client.reply();
  EXPECT_EQ(answer["error"]["code"], "bad_request");
  EXPECT_EQ(answer["error"]["field"], "descriptors");
}

TEST(ServerDescriptors, OneSuchRequestAtATime) {
  TestServer server({}, add_descriptor_commands);
  RawClient client = server.connect();
  send_raw(client.descriptor(), "{\"cmd\":\"fd.hold\",\"id\":1}\n", 2);
  EXPECT_EQ(client.reply()["status"], "PROCESSING");
  send_raw(client.descriptor(), "{\"cmd\":\"fd.read\",\"id\":2}\n", 1);
  EXPECT_EQ(client.reply()["error"]["limit"], "requests_with_descriptors");
  client.line(R"({"cmd":"cancel","id":3,"args":{"id":1}})");
  // The cancelled one's final and the answer to cancel may come in either order.
  for (int i = 0; i < 2; ++i) EXPECT_EQ(client.reply()["seq"].is_number(), true);
  send_raw(client.descriptor(), "{\"cmd\":\"fd.read\",\"id\":4}\n", 1);
  EXPECT_EQ(client.reply()["status"], "OK");
}

TEST(ServerDescriptors, AreChargedToTheirUser) {
  uds::Limits limits;
  limits.descriptors_per_uid = 3;
  TestServer server(limits, add_descriptor_commands);
  RawClient first = server.connect();
  send_raw(first.descriptor(), "{\"cmd\":\"fd.hold\",\"id\":1}\n", 2);
  EXPECT_EQ(first.reply()["status"], "PROCESSING");
  EXPECT_EQ(server.on_loop([](uds::Server& s) { return s.usage_of(::geteuid()).descriptors; }), 2U);
  RawClient second = server.connect();
  send_raw(second.descriptor(), "{\"cmd\":\"fd.read\",\"id\":1}\n", 2);
  EXPECT_EQ(second.reply()["error"]["limit"], "descriptors_per_uid");
  first.close();
  EXPECT_TRUE(server.eventually([](uds::Server& s) { return s.usage().descriptors == 0; }));
  send_raw(second.descriptor(), "{\"cmd\":\"fd.read\",\"id\":2}\n", 2);
  EXPECT_EQ(second.reply()["status"], "OK");
}

TEST(ServerDescriptors, HelpAndHelloSayWhoTakesThem) {
  TestServer server({}, add_descriptor_commands);
  RawClient client = server.connect();
  client.line(R"({"cmd":"help","args":{"command":"fd.hold"}})");
  EXPECT_EQ(client.reply()["data"]["descriptors"], (Json{{"min", 0}, {"max", 2}}));
  client.line(R"({"cmd":"hello"})");
  EXPECT_EQ(client.reply()["data"]["features"], Json({"descriptors"}));
}

/// 10 000 messages with 1 to 253 descriptors (253 is the kernel's most), to commands that take some
/// and to others, whole, in halves and broken, from callers that stay and that vanish.
void flood_with_descriptors(const uds_test::TestServer::Setup& setup) {
  TestServer server({}, setup);
  std::mt19937 random(20);
  const auto below = [&random](std::size_t end) { return random() % end; };
  constexpr std::array<const char*, 5> kTexts{
      "{\"cmd\":\"ping\",\"id\":1}\n", "{\"cmd\":\"fd.read\",\"id\":1}\n",
      "{\"cmd\":\"fd.hold\",\"id\":1}\n{\"cmd\":\"ping\"}\n", "{\"cmd\":", "\n\n"};
  // Connections are accepted in their order: one that has its answer has none before it.
  const auto wait_for_all = [&server] {
    RawClient last = server.connect();
    last.line(R"({"cmd":"ping"})");
    last.frame();
    last.close();
    ASSERT_TRUE(server.eventually([](uds::Server& s) { return s.connections() == 0; }));
  };
  wait_for_all();
  const std::size_t before = open_descriptors();
  for (int connection = 0; connection < 500; ++connection) {
    RawClient client = server.connect();
    for (int message = 0; message < 20; ++message)
      send_raw(client.descriptor(), kTexts.at(below(kTexts.size())), 1 + below(253));
    if (connection % 2 == 0) client.half_close();
    if (connection % 4 == 0) {
      client.line(R"({"cmd":"ping"})");
      client.frame();
    }
  }
  wait_for_all();
  EXPECT_EQ(server.on_loop([](uds::Server& s) { return s.usage().descriptors; }), 0U);
  EXPECT_EQ(open_descriptors(), before);
}

TEST(ServerDescriptors, NoneIsLeftOfTenThousandMessages) {
  flood_with_descriptors(add_descriptor_commands);
}

TEST(ServerDescriptors, NoneIsLeftWhereNoCommandTakesAny) {
  flood_with_descriptors({});
}

}  // namespace
