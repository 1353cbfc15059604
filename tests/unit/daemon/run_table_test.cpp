// The runs that go on, with a udsd-exec that the test plays: who asks for a run whose name is on
// disk, and has not arrived here, waits for it.
#include "runs/run_table.hpp"

#include <gtest/gtest.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <boost/asio/io_context.hpp>
#include <chrono>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <memory>
#include <optional>
#include <string>
#include <utility>

#include "shared/packets.hpp"
#include "shared/run_files.hpp"
#include "uds/asio.hpp"

namespace udsd {
namespace {

namespace fs = std::filesystem;

constexpr const char* kUnnamed = "0123456789abcdef0123";
constexpr uid_t kCaller = 7;

class RunTableTest : public testing::Test {
 protected:
  RunTableTest()
      : path_(make_directory()), table_(io_.get_executor(), path_, {path_ + "/exec", {}}) {
    listener_ = uds::Fd(::socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0));
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    const std::string name = path_ + "/exec";
    std::memcpy(address.sun_path, name.c_str(), name.size() + 1);
    EXPECT_EQ(::bind(listener_.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address),
              0);
    EXPECT_EQ(::listen(listener_.get(), 1), 0);
  }
  ~RunTableTest() override { fs::remove_all(path_); }

  /// Starts a run of `command` that udsd-exec has not accepted yet.
  RunTable::RunPtr start(const std::string& command) {
    auto declared = std::make_shared<Declaration>(
        ExecTemplate::make({{{*ExecTemplate::Element::parse("/bin/true")}, false}}).value());
    declared->name = command;
    RunTable::Order order;
    order.declaration = std::move(declared);
    order.caller = kCaller;
    auto run = table_.start(std::move(order));
    EXPECT_TRUE(run);
    exec_ = uds::Fd(::accept4(listener_.get(), nullptr, nullptr, SOCK_CLOEXEC));
    return run ? *run : nullptr;
  }

  /// What udsd-exec has on disk before it says that it has accepted the run.
  void write_facts(const std::string& command) const {
    const fs::path directory = fs::path(path_) / run_files::kRuns / kUnnamed;
    fs::create_directories(directory);
    std::ofstream(directory / run_files::kFacts)
        << R"({"run":")" << kUnnamed << R"(","command":")" << command
        << R"(","caller":{"uid":7,"user":"ann"},"accepted_ms":5,"detach":false,)"
        << R"("on_disconnect":"kill","disconnect_grace_ms":0,"idempotent":false})" << '\n';
  }

  void ask() {
    uds::spawn(io_.get_executor(), look(), [](std::exception_ptr error) { EXPECT_FALSE(error); });
    run_loop();
  }
  void say(const exec_messages::Message& message) {
    ASSERT_TRUE(send_packet(exec_.get(), message));
    io_.restart();
    EXPECT_EQ(io_.run_one_for(std::chrono::seconds(5)), 1U) << "the packet";
    run_loop();
  }
  void run_loop() {
    io_.restart();
    io_.poll();
  }

  boost::asio::io_context io_;
  std::string path_;
  RunTable table_;
  std::optional<RunTable::RunPtr> found_;  // once there is an answer

 private:
  static std::string make_directory() {
    std::string name = testing::TempDir() + "uds-run-table-XXXXXX";
    return ::mkdtemp(name.data()) == nullptr ? std::string() : name;
  }
  uds::Task<void> look() {
    RunTable::RunPtr run = co_await table_.find_or_adopt(kUnnamed);
    found_ = std::move(run);
  }

  uds::Fd listener_;
  uds::Fd exec_;
};

TEST_F(RunTableTest, WhoAsksForARunWithoutANameYetWaitsForIt) {
  const auto started = start("t.x");
  write_facts("t.x");
  ask();
  EXPECT_FALSE(found_) << "it may be the one that is about to get its name";
  say(exec_messages::Accepted{kUnnamed});
  ASSERT_TRUE(found_);
  EXPECT_EQ(*found_, started);
}

TEST_F(RunTableTest, ARunThatIsRefusedIsWaitedForNoLonger) {
  const auto started = start("t.x");
  write_facts("t.x");
  ask();
  EXPECT_FALSE(found_);
  say(exec_messages::Refused{"busy", "later", ""});
  ASSERT_TRUE(found_);
  EXPECT_EQ(*found_, nullptr) << "nobody answers for the one on disk";
}

TEST_F(RunTableTest, AnotherCommandsRunIsNotWaitedFor) {
  const auto started = start("t.other");
  write_facts("t.x");
  ask();
  ASSERT_TRUE(found_);
  EXPECT_EQ(*found_, nullptr);
}

TEST_F(RunTableTest, WhoeverWaitsIsAnsweredWhenUdsdStops) {
  const auto started = start("t.x");
  write_facts("t.x");
  ask();
  EXPECT_FALSE(found_);
  table_.close();
  run_loop();
  ASSERT_TRUE(found_);
  EXPECT_EQ(*found_, nullptr);
}

}  // namespace
}  // namespace udsd
