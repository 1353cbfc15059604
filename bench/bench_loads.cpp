// Body of bench_loads.hpp.
#include "bench_loads.hpp"

#include <sys/epoll.h>
#include <unistd.h>

#include <array>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <utility>

#include "bench_connection.hpp"

namespace uds_bench {
namespace {

/// One connection and a blocking socket: what a simple client does.
void run_one(const Options& options, std::string_view request, Stopwatch& watch, Result& result) {
  Connection connection(options, request);
  watch.start();
  std::uint64_t sent = 0;
  std::size_t free = options.outstanding;
  for (;;) {
    // Asked once each time: in between the answer may change, and nothing would be under way.
    if (!watch.over() && (options.requests == 0 || sent < options.requests)) {
      sent += free;
      connection.send(std::exchange(free, 0));
    } else if (free == options.outstanding) {
      break;
    }
    free += options.spin.count() > 0 ? connection.receive_spinning(options.spin, result.latencies)
                                     : connection.receive(result.latencies);
  }
  result.requests = connection.done();
  result.bytes = connection.bytes();
}

void run_reconnecting(const Options& options, std::string_view request, Stopwatch& watch,
                      Result& result) {
  watch.start();
  while (!watch.over()) {
    const auto begin = Clock::now();
    {
      Connection connection(options, request);
      Latencies ignored;
      connection.send(1);
      while (connection.receive(ignored) == 0) {
      }
      result.bytes += connection.bytes();
    }
    result.latencies.add(Clock::now() - begin);
    ++result.requests;
  }
}

std::deque<Connection> open_all(const Options& options, std::string_view request, int epoll) {
  std::deque<Connection> connections;
  for (std::size_t i = 0; i < options.connections; ++i) {
    Connection& connection = connections.emplace_back(options, request);
    connection.warm_up();
    epoll_event event{};
    event.events = EPOLLIN | EPOLLET;
    event.data.u64 = i;
    if (::epoll_ctl(epoll, EPOLL_CTL_ADD, connection.socket(), &event) != 0) die("epoll_ctl");
  }
  return connections;
}

void run_many(const Options& options, std::string_view request, Stopwatch& watch, Result& result) {
  const int epoll = ::epoll_create1(EPOLL_CLOEXEC);
  std::deque<Connection> connections = open_all(options, request, epoll);
  watch.start();
  for (Connection& connection : connections) connection.send(options.outstanding);
  std::size_t under_way = options.connections * options.outstanding;
  std::array<epoll_event, 256> events{};
  while (under_way > 0) {
    const int count = ::epoll_wait(epoll, events.data(), static_cast<int>(events.size()), -1);
    const bool over = watch.over();
    for (int i = 0; i < count; ++i) {
      Connection& connection = connections[events.at(static_cast<std::size_t>(i)).data.u64];
      connection.flush();
      const std::size_t answered = connection.receive(result.latencies);
      if (over)
        under_way -= answered;
      else if (answered > 0)
        connection.send(answered);
    }
  }
  for (const Connection& connection : connections) {
    result.requests += connection.done();
    result.bytes += connection.bytes();
  }
  ::close(epoll);
}

}  // namespace

void run(const Options& options, std::string_view request, Stopwatch& watch, Result& result) {
  if (options.reconnect)
    run_reconnecting(options, request, watch, result);
  else if (options.connections > 1 || options.epoll)
    run_many(options, request, watch, result);
  else
    run_one(options, request, watch, result);
}

}  // namespace uds_bench
