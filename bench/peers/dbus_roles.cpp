// uds-peer-dbus: a service with one method on a bus, and the client that calls it, both with
// sd-bus.
//
// A client of its own is a connection to the bus of its own. The plain ping is a blocking call, as
// a simple client makes it; everything else is asynchronous.
#include <sys/epoll.h>
#include <systemd/sd-bus.h>
#include <unistd.h>

#include <array>
#include <cstring>
#include <deque>
#include <stdexcept>

#include "peer_roles.hpp"

namespace uds_peer {
namespace {

constexpr char kName[] = "org.example.Peer";
constexpr char kPath[] = "/org/example/Peer";

int check(int result, const char* what) {
  if (result < 0) throw std::runtime_error(std::string(what) + ": " + std::strerror(-result));
  return result;
}

sd_bus* connect_to(const std::string& path) {
  sd_bus* bus = nullptr;
  check(sd_bus_new(&bus), "sd_bus_new");
  check(sd_bus_set_address(bus, ("unix:path=" + path).c_str()), "sd_bus_set_address");
  check(sd_bus_set_bus_client(bus, 1), "sd_bus_set_bus_client");
  check(sd_bus_start(bus), "sd_bus_start");
  return bus;
}

int answer_ping(sd_bus_message* message, void* /*userdata*/, sd_bus_error* /*error*/) {
  const char* question = nullptr;
  const int read = sd_bus_message_read(message, "s", &question);
  return read < 0 ? read : sd_bus_reply_method_return(message, "s", kAnswer.c_str());
}

/// One client: its connection, and what is under way on it.
class Client {
 public:
  Client(const std::string& path, uds_bench::Stopwatch& watch, uds_bench::Result& result)
      : bus_(connect_to(path)), watch_(watch), result_(result) {
    call();  // the handshake, before the time begins
  }
  Client(const Client&) = delete;
  Client& operator=(const Client&) = delete;
  ~Client() { sd_bus_flush_close_unref(bus_); }

  [[nodiscard]] int descriptor() const { return sd_bus_get_fd(bus_); }
  [[nodiscard]] std::size_t under_way() const { return calls_.size() - free_; }

  /// A blocking call.
  void call() const {
    sd_bus_message* reply = nullptr;
    check(sd_bus_call_method(bus_, kName, kPath, kName, "Ping", nullptr, &reply, "s",
                             kQuestion.c_str()),
          "Ping");
    const char* answer = nullptr;
    check(sd_bus_message_read(reply, "s", &answer), "Ping");
    sd_bus_message_unref(reply);
  }
  void begin(std::size_t outstanding) {
    calls_ = std::deque<Call>(outstanding);
    free_ = outstanding;
    for (Call& call : calls_) {
      call.client = this;
      send(call);
    }
  }
  /// Takes the answers that are there, and asks again.
  void process() const {
    while (check(sd_bus_process(bus_, nullptr), "sd_bus_process") > 0) {
    }
  }

 private:
  struct Call {
    Client* client = nullptr;
    uds_bench::Clock::time_point sent;
  };
  void send(Call& call) {
    call.sent = uds_bench::Clock::now();
    check(sd_bus_call_method_async(bus_, nullptr, kName, kPath, kName, "Ping", answered, &call, "s",
                                   kQuestion.c_str()),
          "Ping");
    --free_;
  }
  static int answered(sd_bus_message* reply, void* userdata, sd_bus_error* /*error*/) {
    Call& call = *static_cast<Call*>(userdata);
    const char* answer = nullptr;
    check(sd_bus_message_read(reply, "s", &answer), "Ping");
    Client& client = *call.client;
    client.result_.latencies.add(uds_bench::Clock::now() - call.sent);
    client.result_.bytes += kAnswer.size();
    ++client.result_.requests;
    ++client.free_;
    if (!client.watch_.over()) client.send(call);
    return 1;
  }

  sd_bus* bus_;
  uds_bench::Stopwatch& watch_;
  uds_bench::Result& result_;
  std::deque<Call> calls_;
  std::size_t free_ = 0;
};

void run_blocking(const Client& client, uds_bench::Stopwatch& watch, uds_bench::Result& result) {
  watch.start();
  while (!watch.over()) {
    const auto begin = uds_bench::Clock::now();
    client.call();
    result.latencies.add(uds_bench::Clock::now() - begin);
    result.bytes += kAnswer.size();
    ++result.requests;
  }
}

}  // namespace

void serve(const std::string& path) {
  static const sd_bus_vtable vtable[] = {
      SD_BUS_VTABLE_START(0),
      SD_BUS_METHOD("Ping", "s", "s", answer_ping, SD_BUS_VTABLE_UNPRIVILEGED),
      SD_BUS_VTABLE_END,
  };
  sd_bus* bus = connect_to(path);
  check(sd_bus_add_object_vtable(bus, nullptr, kPath, kName, vtable, nullptr), "vtable");
  check(sd_bus_request_name(bus, kName, 0), "name");
  for (;;)
    if (check(sd_bus_process(bus, nullptr), "sd_bus_process") == 0)
      check(sd_bus_wait(bus, UINT64_MAX), "sd_bus_wait");
}

void run_load(const uds_bench::Options& options, uds_bench::Stopwatch& watch,
              uds_bench::Result& result) {
  std::deque<Client> clients;
  for (std::size_t i = 0; i < options.connections; ++i)
    clients.emplace_back(options.socket, watch, result);
  if (options.connections == 1 && options.outstanding == 1)
    return run_blocking(clients.front(), watch, result);
  const int epoll = ::epoll_create1(EPOLL_CLOEXEC);
  for (Client& client : clients) {
    epoll_event event{};
    event.events = EPOLLIN;
    event.data.ptr = &client;
    if (::epoll_ctl(epoll, EPOLL_CTL_ADD, client.descriptor(), &event) != 0)
      throw std::runtime_error("epoll_ctl");
  }
  watch.start();
  for (Client& client : clients) client.begin(options.outstanding);
  std::array<epoll_event, 256> events{};
  const auto waiting = [&] {
    for (const Client& client : clients)
      if (client.under_way() > 0) return true;
    return false;
  };
  while (!watch.over() || waiting()) {
    const int count = ::epoll_wait(epoll, events.data(), static_cast<int>(events.size()), -1);
    for (int i = 0; i < count; ++i)
      static_cast<Client*>(events.at(static_cast<std::size_t>(i)).data.ptr)->process();
  }
  ::close(epoll);
}

}  // namespace uds_peer
