// spawn() and sleep_for(): every way a coroutine can end must reach the completion function exactly
// once.
//
// Self-cancellation without a suspension is the case in which plain co_spawn of Asio 1.81 ends the
// process.
#include "spawn.hpp"

#include "uds/asio.hpp"

#include <gtest/gtest.h>

#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/system/system_error.hpp>

#include <memory>
#include <stdexcept>
#include <string>
#include <vector>

namespace {

using namespace std::chrono_literals;
namespace asio = boost::asio;

uds::Task<void> nothing() {
  co_return;
}

uds::Task<void> fail() {
  throw std::runtime_error("as planned");
  co_return;
}

uds::Task<void> long_sleep() {
  co_await uds::sleep_for(1h);
}

uds::Task<void> sleep_then_fail() {
  co_await uds::sleep_for(1ms);
  co_await fail();
}

uds::Task<void> cancel_self(asio::cancellation_signal& signal) {
  signal.emit(asio::cancellation_type::terminal);
  co_return;
}

uds::Task<void> cancel_self_then_await(asio::cancellation_signal& signal) {
  signal.emit(asio::cancellation_type::terminal);
  co_await uds::sleep_for(1h);
}

std::string kind(const std::exception_ptr& failure) {
  if (!failure) return "none";
  try {
    std::rethrow_exception(failure);
  } catch (const boost::system::system_error& error) {
    return error.code() == asio::error::operation_aborted ? "aborted" : "system";
  } catch (const std::runtime_error& error) {
    return error.what();
  }
}

class Spawn : public testing::Test {
 protected:
  std::function<void(std::exception_ptr)> note() {
    return [this](std::exception_ptr failure) { ended.push_back(kind(failure)); };
  }

  asio::io_context io{1};
  std::vector<std::string> ended;
};

TEST_F(Spawn, ReportsANormalEndOnce) {
  uds::spawn(io.get_executor(), nothing(), note());
  io.run();
  EXPECT_EQ(ended, std::vector<std::string>{"none"});
}

TEST_F(Spawn, HandsExceptionsToTheCompletionFunction) {
  uds::spawn(io.get_executor(), fail(), note());
  uds::spawn(io.get_executor(), sleep_then_fail(), note());
  io.run();
  EXPECT_EQ(ended, (std::vector<std::string>{"as planned", "as planned"}));
}

TEST_F(Spawn, CancellationEndsASleep) {
  asio::cancellation_signal signal;
  asio::post(io, [&] {
    uds::detail::spawn(io.get_executor(), long_sleep(), signal.slot(), note());
    asio::post(io, [&] { signal.emit(asio::cancellation_type::terminal); });
  });
  io.run();
  EXPECT_EQ(ended, std::vector<std::string>{"aborted"});
}

TEST_F(Spawn, SurvivesACoroutineThatCancelsItself) {
  asio::cancellation_signal first;
  asio::cancellation_signal second;
  asio::post(io, [&] {
    uds::detail::spawn(io.get_executor(), cancel_self(first), first.slot(), note());
    uds::detail::spawn(io.get_executor(), cancel_self_then_await(second), second.slot(), note());
  });
  io.run();
  EXPECT_EQ(ended, (std::vector<std::string>{"none", "aborted"}));
}

TEST_F(Spawn, TheSignalMayDieInTheCompletionFunction) {
  auto signal = std::make_unique<asio::cancellation_signal>();
  auto done = [&](std::exception_ptr failure) {
    ended.push_back(kind(failure));
    signal.reset();
  };
  asio::post(io, [&] {
    uds::detail::spawn(io.get_executor(), long_sleep(), signal->slot(), done);
    asio::post(io, [&] { signal->emit(asio::cancellation_type::terminal); });
  });
  io.run();
  EXPECT_EQ(ended, std::vector<std::string>{"aborted"});
}

TEST_F(Spawn, DestroyingTheContextFreesASuspendedTask) {
  auto context = std::make_unique<asio::io_context>(1);
  uds::spawn(context->get_executor(), long_sleep(), note());
  context->poll();
  context.reset();
  EXPECT_TRUE(ended.empty());
}

}  // namespace
