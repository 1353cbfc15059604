// A command that takes time: it reports progress, and leaves nothing behind when it is cancelled.
//
//   streaming SOCKET FILE
//
// The command backup.run writes FILE step by step. What it has written so far stands in
// FILE.partial1 (the second backup has FILE.partial2), whose owner is the handler's frame.
#include <boost/asio/io_context.hpp>
#include <boost/asio/signal_set.hpp>
#include <chrono>
#include <csignal>
#include <cstdint>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <string>
#include <system_error>
#include <utility>

#include "uds/asio.hpp"
#include "uds/uds.hpp"

namespace {

// [partial]
/// A file that is removed unless it is kept.
class PartialFile {
 public:
  /// `number` keeps two of them apart.
  PartialFile(std::filesystem::path target, int number)
      : target_(std::move(target)),
        path_(target_.string() + ".partial" + std::to_string(number)),
        out_(path_) {}
  PartialFile(const PartialFile&) = delete;
  PartialFile& operator=(const PartialFile&) = delete;
  ~PartialFile() {
    std::error_code ignored;
    std::filesystem::remove(path_, ignored);
  }

  void add(const std::string& line) { out_ << line << '\n'; }
  /// Gives the file its name. False when it could not be written.
  [[nodiscard]] bool keep() {
    out_.close();
    std::error_code failure;
    if (out_) std::filesystem::rename(path_, target_, failure);
    return out_ && !failure;
  }

 private:
  std::filesystem::path target_;
  std::filesystem::path path_;
  std::ofstream out_;
};
// [partial]

// [handler]
class Backup {
 public:
  explicit Backup(std::filesystem::path target) : target_(std::move(target)) {}

  uds::Task<uds::Response> run(uds::Call& call) {
    const auto steps = call.args().at("steps").get<std::int64_t>();
    PartialFile file(target_, ++started_);  // removed if the handler is cancelled
    for (std::int64_t done = 1; done <= steps; ++done) {
      co_await uds::sleep_for(std::chrono::milliseconds(20));  // stands for the work
      file.add("step " + std::to_string(done));
      co_await call.progress(done, steps, "steps");
    }
    if (!file.keep())
      co_return uds::Response::error(uds::Code::CommandFailed,
                                     "cannot write the backup; see how full the disk is");
    co_return uds::Response::ok("backup written", nullptr);
  }

 private:
  std::filesystem::path target_;
  int started_ = 0;
};
// [handler]

uds::Command describe_backup() {
  // [command]
  uds::Command command("backup.run");
  command.summary("Write the backup, with progress").streaming();
  command.arg("steps", uds::schema::integer().minimum(1).maximum(100'000).fallback(10));
  // [command]
  return command;
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 3) {
    std::cerr << "usage: streaming SOCKET FILE\n";
    return 64;
  }
  auto socket = uds::SocketBuilder(argv[1]).listen();
  if (!socket) {
    std::cerr << socket.error().message() << '\n';
    return 1;
  }
  // [lifetime]
  Backup backup(argv[2]);
  boost::asio::io_context loop(1);
  uds::Limits limits;
  limits.drain = std::chrono::seconds(1);
  uds::Server server(loop.get_executor(), limits);
  server.commands().add(describe_backup(), [&](uds::Call& call) { return backup.run(call); });
  // [lifetime]
  server.serve(*std::move(socket));

  boost::asio::signal_set signals(loop, SIGINT, SIGTERM);
  signals.async_wait([&](const boost::system::error_code& error, int) {
    if (!error) server.drain([] {});
  });
  loop.run();
}
