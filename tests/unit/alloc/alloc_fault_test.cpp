// Allocations that fail, one after the other, while a server holds a fixed conversation.
//
// Only the thread of a server that is told to fails: the clients and GoogleTest do not. Expected is
// what a lack of memory may cost: a request is answered with an ERROR or its connection is closed;
// the process lives, nothing waits for ever, the accounts come back to zero, and later requests are
// answered.
#include <gtest/gtest.h>

#include <array>
#include <atomic>
#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>
#include <cstdio>
#include <cstdlib>
#include <exception>
#include <map>
#include <set>

#include "server_fixture.hpp"
#include "uds/schema.hpp"
#include "unit/alloc/allocations.hpp"
#include "write_queue.hpp"

namespace {

using namespace std::chrono_literals;
using uds::Call;
using uds::Command;
using uds::Json;
using uds::Response;
using uds::Task;
using uds_test::AllocationPlan;
using uds_test::RawClient;

/// Nothing in the conversation takes longer; who waits so long waits for ever.
constexpr auto kHang = 15s;
/// A sweep ends when so many conversations went wrong: each may have waited for kHang.
constexpr long kEnough = 8;

Task<Response> stream(Call& call) {
  for (int i = 0; i < 3; ++i) {
    Response step = Response::processing("step");
    co_await call.processing(step);
    co_await uds::sleep_for(1ms);
  }
  co_return Response::ok("streamed", nullptr);
}
Task<Response> doze(Call& /*call*/) {
  co_await uds::sleep_for(30ms);
  co_return Response::ok("awake", nullptr);
}
Task<Response> sleep(Call& /*call*/) {
  co_await uds::sleep_for(1h);
  co_return Response::ok("awake", nullptr);
}
Task<Response> endless(Call& call) {
  const std::string text(1000, 'x');
  for (;;) {
    Response step = Response::processing(text);
    co_await call.processing(step);
  }
}

uds::Limits limits() {
  uds::Limits out;
  out.message_bytes = 4096;
  out.queued_bytes = 4096;
  out.partial_message = 20ms;
  out.stalled_reader = 40ms;
  return out;
}

/// A server on a thread of its own whose loop goes on after an exception, as udsd's does.
class Server {
 public:
  explicit Server(uds::LogLevel level)
      : server_(io_.get_executor(), limits(), uds::Log(level, [](const uds::LogRecord&) {})) {
    auto& commands = server_.commands();
    commands.add(Command("t.stream").streaming(), stream);
    commands.add(Command("t.doze"), doze);
    commands.add(Command("t.sleep"), sleep);
    commands.add(Command("t.endless").streaming(), endless);
    commands.add(Command("t.name-that-needs-memory"), [](Call&) { return Response::ok(); });
    commands.add(Command("t.echo").arg("v", uds::schema::string().pattern("^[a-z]*$")),
                 [](Call& call) { return Response::ok("echo", call.args()); });
    auto socket = uds::SocketBuilder(path()).listen();
    if (!socket) throw std::runtime_error(socket.error().message());
    server_.serve(*std::move(socket));
    thread_ = std::thread([this] { run(); });
  }
  ~Server() {
    boost::asio::post(io_, [this] { io_.stop(); });
    thread_.join();
  }

  [[nodiscard]] std::string path() const { return directory_.path() + "/s.sock"; }

  /// Runs `function` on the server's thread. Allocates on this thread only.
  template <class F>
  auto on_loop(F function) {
    std::promise<decltype(function(server_))> promise;
    auto future = promise.get_future();
    boost::asio::post(io_, [&] { promise.set_value(function(server_)); });
    if (future.wait_for(kHang) != std::future_status::ready) {
      ADD_FAILURE() << "the loop stands still";
      std::abort();  // `promise` must not go away under the loop
    }
    return future.get();
  }
  void fail(AllocationPlan* next) {
    on_loop([next](uds::Server&) { return uds_test::allocation_plan = next; });
  }
  [[nodiscard]] bool eventually(const std::function<bool(uds::Server&)>& condition) {
    const auto limit = std::chrono::steady_clock::now() + kHang;
    while (!on_loop(condition)) {
      if (std::chrono::steady_clock::now() > limit) return false;
      std::this_thread::sleep_for(1ms);
    }
    return true;
  }

 private:
  void run() {
    for (;;) {
      try {
        io_.run();
        return;
      } catch (const std::exception&) {  // the next round goes on with what is left
      }
    }
  }

  uds_test::TempDir directory_;
  boost::asio::io_context io_{1};
  // The loop goes on when nothing is left of the server.
  boost::asio::executor_work_guard<boost::asio::io_context::executor_type> work_{
      io_.get_executor()};
  uds::Server server_;
  std::thread thread_;
};

/// What went wrong in one conversation, said by any of its threads.
class Complaints {
 public:
  void add(const std::string& text) {
    const std::lock_guard lock(mutex_);
    text_ += text + "\n";
  }
  void unless(bool right, const std::string& text) {
    if (!right) add(text);
  }
  [[nodiscard]] const std::string& text() const noexcept { return text_; }

 private:
  std::mutex mutex_;
  std::string text_;
};

/// What a client got until end of file.
struct Heard {
  std::map<std::string, std::string> finals;  // id to code, "ok" for OK
  std::string text;
};

std::string code_of(const Json& reply) {
  return reply.contains("error") ? reply["error"]["code"].get<std::string>() : "ok";
}

/// Reads to the end of file and checks that there is one, and what must hold for any answer.
Heard listen(RawClient& client, Complaints& complaints, char terminator = '\n') {
  Heard heard;
  std::map<std::string, int> seq;
  for (;;) {
    if (client.silent(kHang)) {
      complaints.add("neither an answer nor an end: " + heard.text);
      return heard;
    }
    const auto frame = client.frame(terminator);
    if (!frame) return heard;
    heard.text += *frame + "\n";
    const Json reply = Json::parse(*frame, nullptr, false);
    const std::string id = reply.is_object() ? reply["id"].dump() : "";
    const bool numbered = reply.is_object() && reply.contains("seq");
    // Several requests may have no id; the next one starts at 1 again.
    if (numbered && id == "null" && reply["seq"] == 1) seq[id] = 0;
    if (id.empty() || (numbered && reply["seq"] != ++seq[id]) ||
        (id != "null" && heard.finals.contains(id))) {
      complaints.add("a wrong answer: " + heard.text);
      return heard;
    }
    if (reply["status"] != "PROCESSING") heard.finals[id] = code_of(reply);
  }
}

/// What a client may hear about `id`: one of `right`, an ERROR for the lack of memory, or nothing.
void check(const Heard& heard, Complaints& complaints, const std::string& id,
           std::set<std::string> right) {
  const auto final = heard.finals.find(id);
  if (final == heard.finals.end()) return;  // the connection was closed instead
  right.insert({"internal", "busy"});
  complaints.unless(right.contains(final->second),
                    "a wrong answer to " + id + ": " + final->second + "\n" + heard.text);
}

void many_requests(Server& server, Complaints& complaints) {
  RawClient client(server.path());
  client.send(R"({"id":1,"cmd":"ping"})"
              "\n"
              R"({"id":2,"cmd":"t.echo","args":{"v":"abc"}})"
              "\n"
              R"({"id":3,"cmd":"t.stream"})"
              "\n"
              R"({"id":4,"cmd":"help"})"
              "\n"
              R"({"id":5,"cmd":"hello"})"
              "\n"
              R"({"id":6,"cmd":"t.doze"})"
              "\n"
              R"({"id":7,"cmd":"t.doze","timeout_ms":5})"
              "\n"
              R"({"id":8,"cmd":"cancel","args":{"id":6}})"
              "\n"
              R"({"id":9,"cmd":"pimg"})"
              "\n"
              R"({"id":10,"cmd":"t.echo","args":{"v":"ABC"}})"
              "\n"
              R"({"id":11,"cmd":"t.stream"})"
              "\n"
              R"({"id":12,"cmd":"ping","no":1})"
              "\n"
              R"({"id":13,"cmd":"t.name-that-needs-memory"})"
              "\n"
              "nonsense\n");
  client.half_close();
  const Heard heard = listen(client, complaints);
  for (const char* id : {"1", "2", "3", "4", "5", "11", "13"}) check(heard, complaints, id, {"ok"});
  check(heard, complaints, "6", {"cancelled", "ok"});
  check(heard, complaints, "7", {"deadline_exceeded", "ok"});
  check(heard, complaints, "8", {"ok", "not_found"});
  check(heard, complaints, "9", {"unknown_command"});
  check(heard, complaints, "10", {"invalid_args"});
  check(heard, complaints, "12", {"bad_request"});
}

void requests_in_order(Server& server, Complaints& complaints) {
  RawClient client(server.path());
  client.send(R"({"cmd":"t.stream"})"
              "\n"
              R"({"cmd":"ping"})"
              "\n");
  client.half_close();
  const Heard heard = listen(client, complaints);
  check(heard, complaints, "null", {"ok"});
}

void one_that_is_too_large(Server& server, Complaints& complaints) {
  RawClient client(server.path());
  client.line(R"({"cmd":"ping"})");
  client.line(std::string(5000, 'x'));
  const Heard heard = listen(client, complaints);
  // On a busy machine the message may also take longer to be read than it may take to arrive.
  check(heard, complaints, "null", {"ok", "too_large", "bad_frame"});
}

/// Holds the conversation while `failure` is in force. All of its parts run at the same time.
void converse(Server& server, AllocationPlan& failure, Complaints& complaints) {
  // Connected before, so that it is not the accepting that fails.
  RawClient bystander(server.path());
  bystander.line(R"({"id":1,"cmd":"ping"})");
  complaints.unless(bystander.reply()["status"] == "OK", "no answer before it began");
  server.fail(&failure);
  bystander.line(R"({"id":2,"cmd":"t.doze"})");

  RawClient unfinished(server.path());
  unfinished.send(R"({"cmd":)");
  RawClient stalled(server.path(), 1);
  stalled.line(R"({"id":1,"cmd":"t.endless"})");
  {
    RawClient leaving(server.path());
    leaving.line(R"({"id":1,"cmd":"t.doze"})");
    leaving.line(R"({"cmd":"t.doze"})");
  }
  std::thread first([&] { many_requests(server, complaints); });
  std::thread second([&] { requests_in_order(server, complaints); });
  one_that_is_too_large(server, complaints);
  first.join();
  second.join();
  check(listen(unfinished, complaints, '\0'), complaints, "null", {"bad_frame"});
  bystander.half_close();
  check(listen(bystander, complaints), complaints, "2", {"ok"});
  server.fail(nullptr);
}

/// Everything is over, the reader that takes nothing too, nothing is left of it, and the server is
/// as good as new.
void check_afterwards(Server& server, Complaints& complaints) {
  complaints.unless(server.eventually([](uds::Server& now) { return now.connections() == 0; }),
                    "a session is stuck, or counted although it is gone");
  const uds::Usage held = server.on_loop([](uds::Server& now) { return now.usage(); });
  complaints.unless(held.connections == 0, "a connection stays in the accounts");
  complaints.unless(held.requests_in_flight == 0, "a request stays in the accounts");
  complaints.unless(held.buffered_bytes == 0, "buffered bytes stay in the accounts");

  RawClient later(server.path());
  later.line(R"({"id":1,"cmd":"t.stream"})");
  later.line(R"({"id":2,"cmd":"ping"})");
  later.line(R"({"id":3,"cmd":"t.sleep","timeout_ms":5})");
  later.half_close();
  const Heard heard = listen(later, complaints);
  const std::map<std::string, std::string> right{
      {"1", "ok"}, {"2", "ok"}, {"3", "deadline_exceeded"}};
  complaints.unless(heard.finals == right, "later requests are not answered: " + heard.text);
  std::atomic<bool> drained = false;
  server.on_loop([&drained](uds::Server& now) {
    now.drain([&drained] { drained = true; });
    return true;
  });
  complaints.unless(server.eventually([&drained](uds::Server&) { return drained.load(); }),
                    "it does not drain");
}

/// Holds a conversation for each allocation that fails, until none does. It mostly waits, so
/// several are held at once.
void sweep(uds::LogLevel level) {
  std::set_terminate(uds_test::show_plan_and_abort);
  std::atomic<long> next = 1;
  std::atomic<long> most = 0;
  std::atomic<long> spared = 0;
  std::atomic<long> failed = 0;
  std::atomic<bool> over = false;
  const auto work = [&] {
    while (!over) {
      AllocationPlan failure{.number = next++};
      Complaints complaints;
      {
        Server server(level);
        converse(server, failure, complaints);
        check_afterwards(server, complaints);
      }
      most = std::max(most.load(), failure.seen);
      spared += failure.spared;
      if (failure.seen < failure.number) over = true;
      if (complaints.text().empty()) continue;
      ADD_FAILURE() << "allocation " << failure.number << ": " << complaints.text();
      failure.show();
      if (++failed >= kEnough) over = true;
    }
  };
  std::array<std::thread, 8> workers;
  for (auto& worker : workers) worker = std::thread(work);
  for (auto& worker : workers) worker.join();
  std::printf("swept %ld of at most %ld allocations; %ld in the destructor of json did not fail\n",
              next.load() - 1, most.load(), spared.load());
  EXPECT_GT(next.load(), 100);
}

TEST(AllocationFaults, EachOneCostsOneConnectionAtMost) {
  sweep(uds::LogLevel::Debug);
}

TEST(AllocationFaults, EachOneCostsOneConnectionAtMostWhereQuickRequestsAreCountedTogether) {
  sweep(uds::LogLevel::Info);
}

TEST(AllocationFaults, AResponseIsWrittenWholeOrNotAtAll) {
  const auto response = Response::progress(1, 2, std::string(200, 'u'), std::string(5000, 'm'));
  const uds::RequestId id(std::string(36, 'i'));
  const std::string before = "what was there";
  std::string whole = before;
  response.append_to(whole, id, 1);
  for (AllocationPlan failure{.number = 1, .for_good = true};; ++failure.number) {
    std::string out = before;
    failure.seen = 0;
    uds_test::allocation_plan = &failure;
    try {
      response.append_to(out, id, 1);
    } catch (const std::bad_alloc&) {
    }
    uds_test::allocation_plan = nullptr;
    EXPECT_EQ(out, whole.substr(0, out.size()));  // the queue takes back what is too much
    if (failure.seen < failure.number) break;
  }
}

TEST(AllocationFaults, AnIdIsCopiedWholeOrNotAtAll) {
  const uds::RequestId other(std::string(36, 'i'));
  uds::RequestId id(5);
  AllocationPlan failure{.number = 1, .for_good = true};
  uds_test::allocation_plan = &failure;
  bool failed = false;
  try {
    id = other;
  } catch (const std::bad_alloc&) {
    failed = true;
  }
  uds_test::allocation_plan = nullptr;
  EXPECT_TRUE(failed);
  EXPECT_EQ(id, uds::RequestId(5));
}

TEST(AllocationBudget, AQueueKeepsTheMemoryOfAStreamWhileItRuns) {
  uds::detail::WriteQueue queue(std::size_t{64} << 10);
  /// How often memory is asked for while so many bytes are queued and sent.
  const auto send = [&queue](std::size_t size, std::size_t piece = 1000) {
    const std::string line(piece, 'x');
    AllocationPlan count;
    uds_test::allocation_plan = &count;
    for (std::size_t queued = 0; queued < size; queued += line.size())
      queue.append_text(line, uds::Framing::Lf);
    uds_test::allocation_plan = nullptr;
    queue.consume(queue.pending().size());
    return count.seen;
  };
  EXPECT_GT(send(65'000), 0);
  EXPECT_EQ(send(65'000), 0);
  for (const std::size_t piece : std::array<std::size_t, 5>{100, 1'000, 8'300, 16'500, 32'700}) {
    queue.release();
    send(65'600, piece);
    EXPECT_EQ(send(65'600, piece), 0) << piece;
  }
  queue.trim();
  EXPECT_GT(send(15'000), 0);
  queue.trim();
  EXPECT_EQ(send(15'000), 0);
  queue.release();
  EXPECT_GT(send(15'000), 0);
  EXPECT_GT(send(500'000), 0);
  EXPECT_GT(send(15'000), 0) << "a stream keeps no more than its mark asks for";
}

TEST(AllocationBudget, APingOnAWarmConnectionAllocatesNothing) {
  constexpr long kPings = 2000;
  Server server(uds::LogLevel::Info);
  RawClient client(server.path());
  const auto ping = [&client](long times) {
    for (long i = 0; i < times; ++i) {
      client.line(R"({"id":"42","cmd":"ping"})");
      ASSERT_TRUE(client.frame());
    }
  };
  ping(100);
  AllocationPlan count;
  server.fail(&count);  // it only counts: no allocation has the number 0
  ping(kPings);
  server.fail(nullptr);
  // What the server does once a second may fall into this time, and is not the ping's.
  EXPECT_LT(count.seen, kPings / 20);
}

}  // namespace
