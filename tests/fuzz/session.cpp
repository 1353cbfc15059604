// Fuzzes the server's side of connections: whatever clients do, in whatever order, each request
// gets its answers, and nothing of a client is left when it has gone.
//
// An input is a script of lines. The first byte of a line chooses one of three connections, the
// second what happens, the rest is its argument:
//   > send it and LF      0 send it and NUL     . send it
//   f as >, with a descriptor                   F as >, with as many descriptors as its first digit
//   | half-close          - stop receiving      x close        o close, and connect again
//   < receive that many bytes, or all           t let that many milliseconds pass
//   d drain the server    s stop the server     q destroy the server, with all that runs
//   l log no request that succeeds from now on
// After each line the loop runs until it rests; not at all where the line begins with '+'.
#include <dirent.h>
#include <sys/socket.h>

#include <array>
#include <boost/asio/io_context.hpp>
#include <charconv>
#include <memory>
#include <optional>

#include "builtins.hpp"
#include "fuzz.hpp"
#include "server_core.hpp"
#include "session_client.hpp"
#include "session_commands.hpp"
#include "virtual_clock.hpp"

namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;
using uds_fuzz::check;
using uds_fuzz::SessionClient;

constexpr std::size_t kMaxLines = 100;
constexpr std::size_t kMaxMs = 100'000;
constexpr int kLeastSendBuffer = 1;  // the kernel makes it what it can do with at least

/// Small, so that inputs reach them.
uds::Limits small_limits() {
  uds::Limits limits;
  limits.message_bytes = 2048;
  limits.connections = 6;
  limits.requests_in_flight = 4;
  limits.queued_bytes = 512;
  limits.buffered_bytes_per_uid = 4096;
  limits.descriptors_per_uid = 5;
  limits.frames_per_turn = 3;
  return limits;
}

std::size_t number_in(std::string_view text, std::size_t otherwise, std::size_t most) {
  std::size_t value = otherwise;
  std::from_chars(text.data(), text.data() + text.size(), value);
  return std::min(value, most);
}

void check_log_record(const uds::LogRecord& record) {
  check(record.message.find_first_of(std::string_view("\n\0\x1b", 3)) == std::string::npos,
        "foreign text is never in the message of a log record");
}

class World {
 public:
  World()
      : core_(std::make_shared<uds::detail::ServerCore>(
            io_.get_executor(), small_limits(), uds::Log(uds::LogLevel::Trace, check_log_record))) {
    uds::detail::add_builtins(*core_);
    uds_fuzz::add_commands(*core_);
    for (auto& client : clients_) client.emplace(connect());
  }

  /// False where the script is to end without the orderly end.
  bool play(std::string_view line) {
    const bool keep_still = line.starts_with('+');
    if (keep_still) line.remove_prefix(1);
    if (line.size() < 2) return true;
    if (line[1] == 'q') return false;
    act(*clients_[static_cast<unsigned char>(line[0]) % clients_.size()], line[1], line.substr(2));
    if (!keep_still) run();
    return true;
  }

  /// Everybody half-closes and takes what comes; then nothing may be left.
  void end() {
    run();
    greet();
    for (auto& client : clients_) client->half_close();
    hear_out();
    const auto& statistics = core_->statistics;
    const bool undisturbed =
        statistics.dropped().empty() && statistics.refused().empty() && !core_->draining();
    for (auto& client : clients_) {
      client->check_answers(undisturbed && client->satisfied());
      client->close();
    }
    pass(seconds(20));
    check(core_->connections() == 0, "no session is left");
    const uds::Usage& usage = core_->usage;
    check(usage.connections == 0 && usage.requests_in_flight == 0 && usage.buffered_bytes == 0 &&
              usage.descriptors == 0,
          "the accounts are settled");
    check_counts();
    bool drained = false;
    core_->drain([&drained] { drained = true; });
    check(drained, "a server without connections is drained at once");
  }

  /// As the destructor of Server does it.
  void destroy() { core_->stop(); }

 private:
  SessionClient connect() {
    std::array<int, 2> ends{};
    check(::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0, ends.data()) == 0,
          "there are sockets");
    uds::Fd server_end(ends[0]);
    SessionClient client(uds::Fd(ends[1]), core_->limits);
    ::setsockopt(server_end.get(), SOL_SOCKET, SO_SNDBUF, &kLeastSendBuffer,
                 sizeof kLeastSendBuffer);
    core_->welcome(std::move(server_end));
    return client;
  }

  void act(SessionClient& client, char what, std::string_view argument) {
    const std::string text(argument);
    switch (what) {
      case '>':
        return client.send(text + '\n');
      case '0':
        return client.send(text + '\0');
      case '.':
        return client.send(text);
      case 'f':
        return client.send_with_descriptors(text + '\n', 1);
      case 'F':
        return client.send_with_descriptors(
            text.substr(std::min<std::size_t>(1, text.size())) + '\n',
            number_in(text.substr(0, 1), 2, 5));
      case '|':
        return client.half_close();
      case '-':
        return client.stop_reading();
      case 'x':
        return leave(client);
      case 'o':
        leave(client);
        client = connect();
        return;
      case '<':
        client.read(number_in(argument, 4096, 4096));
        return;
      case 't':
        return uds_fuzz::pass_time(milliseconds(number_in(argument, 1000, kMaxMs)));
      case 'd':
        return core_->drain({});
      case 's':
        return core_->stop();
      case 'l':
        core_->log = uds::Log(uds::LogLevel::Info, check_log_record);
        return;
      default:
        return;
    }
  }

  void check_counts() const {
    std::uint64_t counted = 0;
    for (const auto& [command, codes] : core_->statistics.requests())
      for (const auto& [code, count] : codes) counted += count;
    check(counted == core_->statistics.durations().count(), "each request counts once");
  }

  static void leave(SessionClient& client) {
    client.check_answers(false);
    client.close();
  }

  /// Lets the loop run until nothing is left to do now.
  void run() {
    constexpr int kMany = 200'000;
    io_.restart();
    int steps = 0;
    while (io_.poll_one() > 0) check(++steps < kMany, "the loop comes to rest");
  }

  void pass(milliseconds span) {
    uds_fuzz::pass_time(span);
    run();
  }

  /// Whatever the others do, a newcomer is served.
  void greet() {
    if (core_->draining() || core_->connections() >= core_->limits.connections) return;
    SessionClient newcomer = connect();
    newcomer.send("{\"cmd\":\"ping\",\"id\":1}\n");
    run();
    newcomer.read(4096);
    check(newcomer.received() == "{\"id\":1,\"status\":\"OK\",\"message\":\"pong\",\"seq\":1}\n",
          "a newcomer is served");
  }

  /// Until everybody who waits has seen the end of file. Steps are shorter than every limit that
  /// would drop a client.
  void hear_out() {
    constexpr int kMany = 20'000;
    for (int steps = 0; somebody_waits(); ++steps) {
      check(steps < kMany, "a client that half-closed is answered to the end");
      bool progress = false;
      for (auto& client : clients_)
        while (client->read(4096)) progress = true;
      if (progress)
        run();
      else
        pass(seconds(10));
    }
  }

  [[nodiscard]] bool somebody_waits() const {
    return std::ranges::any_of(clients_, [](const auto& client) { return client->waiting(); });
  }

  boost::asio::io_context io_{1};
  std::shared_ptr<uds::detail::ServerCore> core_;
  std::array<std::optional<SessionClient>, 3> clients_;
};

std::size_t open_descriptors() {
  std::size_t count = 0;
  DIR* folder = ::opendir("/proc/self/fd");
  check(folder != nullptr, "the descriptors can be counted");
  while (::readdir(folder) != nullptr) ++count;
  ::closedir(folder);
  return count;
}

void play(std::string_view script) {
  World world;
  for (std::size_t lines = 0; lines < kMaxLines && !script.empty(); ++lines) {
    const std::size_t end = std::min(script.find('\n'), script.size() - 1);
    std::string_view line = script.substr(0, end + 1);
    script.remove_prefix(end + 1);
    if (line.ends_with('\n')) line.remove_suffix(1);
    if (!world.play(line)) return world.destroy();
  }
  world.end();
}

}  // namespace

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::size_t before = open_descriptors();
  play(uds_fuzz::text_of(data, size));
  check(open_descriptors() == before, "no descriptor is left open");
  return 0;
}
