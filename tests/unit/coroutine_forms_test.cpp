// Pins the forms of co_await that this project relies on: GCC 12 miscompiles others
// (docs/pitfalls.md).
//
// Each value counts its copies and destructions through a shared_ptr; under AddressSanitizer a
// double free or a use after free ends the test.
#include <gtest/gtest.h>

#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "uds/asio.hpp"

namespace {

using uds::Task;

/// A type with a constructor and a non-trivial member, as every type that is passed to a coroutine
/// here.
class Parcel {
 public:
  explicit Parcel(std::shared_ptr<int> content) : content_(std::move(content)) {}
  [[nodiscard]] long owners() const { return content_.use_count(); }

 private:
  std::shared_ptr<int> content_;
};

Task<void> yield() {
  const auto executor = co_await boost::asio::this_coro::executor;
  co_await boost::asio::post(executor, boost::asio::use_awaitable);
}

Task<long> owners_after_yield(Parcel parcel) {
  co_await yield();
  co_return parcel.owners();
}

Task<std::optional<std::string>> next(std::vector<std::string>& list) {
  co_await yield();
  if (list.empty()) co_return std::nullopt;
  std::string out = std::move(list.back());
  list.pop_back();
  co_return out;
}

/// Runs `task` to its end on a loop of its own.
void run(Task<void> task) {
  boost::asio::io_context io;
  std::exception_ptr failure;
  bool ended = false;
  uds::spawn(io.get_executor(), std::move(task), [&](std::exception_ptr error) {
    failure = error;
    ended = true;
  });
  io.run();
  ASSERT_TRUE(ended);
  if (failure) std::rethrow_exception(failure);
}

Task<void> named_arguments() {
  const auto content = std::make_shared<int>(1);
  for (int i = 0; i < 100; ++i) {
    Parcel parcel(content);
    const long owners = co_await owners_after_yield(std::move(parcel));
    EXPECT_EQ(owners, 2);
  }
  EXPECT_EQ(content.use_count(), 1);
}

Task<void> factory_arguments() {
  const auto content = std::make_shared<int>(1);
  const auto make = [&content] { return Parcel(content); };
  for (int i = 0; i < 100; ++i) {
    const long owners = co_await owners_after_yield(make());
    EXPECT_EQ(owners, 2);
  }
  EXPECT_EQ(content.use_count(), 1);
}

Task<void> loop_over_optional() {
  std::vector<std::string> list(10, std::string(100, 'x'));
  int seen = 0;
  while (auto item = co_await next(list)) {
    EXPECT_EQ(item->size(), 100U);
    ++seen;
  }
  EXPECT_EQ(seen, 10);
}

Task<void> caught_exception() {
  std::string text(100, 'x');
  try {
    co_await yield();
    throw std::runtime_error(text);
  } catch (const std::runtime_error& error) {
    text += error.what();
  }
  co_await yield();
  EXPECT_EQ(text.size(), 200U);
}

TEST(CoroutineForms, NamedArguments) {
  run(named_arguments());
}
TEST(CoroutineForms, FactoryArguments) {
  run(factory_arguments());
}
TEST(CoroutineForms, LoopOverOptional) {
  run(loop_over_optional());
}
TEST(CoroutineForms, CaughtException) {
  run(caught_exception());
}

}  // namespace
