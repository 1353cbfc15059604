// uds-peer-dbus-bus: a private bus of dbus-broker at a path, without systemd.
//
// dbus-broker is given its listening socket and its policy by a controller, over a socket of its
// own; usually dbus-broker-launch is that, which needs systemd. Here the parent becomes the
// dbus-broker, and the child is a controller that allows everything, and goes with the broker.
#include <sys/socket.h>
#include <sys/un.h>
#include <systemd/sd-bus.h>
#include <unistd.h>

#include <cerrno>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <string>

namespace {

/// Ends the program when `result`, of a function of sd-bus or the system, is an error.
int check(int result, const char* what) {
  if (result >= 0) return result;
  std::fprintf(stderr, "uds-peer-dbus-bus: %s: %s\n", what, std::strerror(-result));
  std::exit(1);
}

int listen_on(const char* path) {
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  if (std::strlen(path) >= sizeof address.sun_path) check(-ENAMETOOLONG, path);
  std::memcpy(address.sun_path, path, std::strlen(path) + 1);
  const int listener = ::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
  if (::bind(listener, reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0 ||
      ::listen(listener, 4096) != 0)
    check(-errno, path);
  return listener;
}

// Whether to connect; then rules for names, and for what is sent and received.
const std::string kBatch = "bta(btbs)a(btssssuutt)a(btssssuutt)";
const std::string kUserBatch = "u(" + kBatch + ")";
const std::string kRangeBatches = "a(buu(" + kBatch + "))";
const std::string kPolicy = "a(" + kUserBatch + ")" + kRangeBatches + "a(ss)bs";

void open(sd_bus_message* message, char type, const std::string& contents) {
  check(sd_bus_message_open_container(message, type, contents.c_str()), "policy");
}

/// The policy of a bus on which everybody may do everything.
void append_policy(sd_bus_message* message) {
  open(message, 'v', "(" + kPolicy + ")");
  open(message, 'r', kPolicy);
  open(message, 'a', "(" + kUserBatch + ")");
  open(message, 'r', kUserBatch);
  check(sd_bus_message_append(message, "u", static_cast<std::uint32_t>(-1)), "policy");  // anybody
  open(message, 'r', kBatch);
  const std::uint64_t priority = 1;
  const std::uint64_t any = ~std::uint64_t{0};
  check(sd_bus_message_append(message, "bt", 1, priority), "policy");
  check(sd_bus_message_append(message, "a(btbs)", 1, 1, priority, 1, ""), "policy");
  for (int direction = 0; direction < 2; ++direction)
    check(sd_bus_message_append(message, "a(btssssuutt)", 1, 1, priority, "", "", "", "", 0U, 0U,
                                std::uint64_t{0}, any),
          "policy");
  for (int level = 0; level < 3; ++level) check(sd_bus_message_close_container(message), "policy");
  check(sd_bus_message_append(message, kRangeBatches.c_str(), 0), "policy");
  check(sd_bus_message_append(message, "a(ss)bs", 0, 0, "session"), "policy");
  for (int level = 0; level < 2; ++level) check(sd_bus_message_close_container(message), "policy");
}

void control(int socket, int listener) {
  sd_bus* bus = nullptr;
  check(sd_bus_new(&bus), "sd_bus_new");
  check(sd_bus_set_fd(bus, socket, socket), "sd_bus_set_fd");
  check(sd_bus_start(bus), "sd_bus_start");
  sd_bus_message* message = nullptr;
  check(sd_bus_message_new_method_call(bus, &message, nullptr, "/org/bus1/DBus/Broker",
                                       "org.bus1.DBus.Broker", "AddListener"),
        "AddListener");
  check(sd_bus_message_append(message, "oh", "/org/bus1/DBus/Listener/0", listener), "AddListener");
  append_policy(message);
  sd_bus_error error{};
  if (sd_bus_call(bus, message, 0, &error, nullptr) < 0) {
    std::fprintf(stderr, "uds-peer-dbus-bus: AddListener: %s\n", error.message);
    std::exit(1);
  }
  sd_bus_message_unref(message);
  ::close(listener);
  for (;;) {  // until the broker has gone
    const int did = sd_bus_process(bus, nullptr);
    if (did < 0 || (did == 0 && sd_bus_wait(bus, UINT64_MAX) < 0)) break;
  }
  sd_bus_unref(bus);
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 2) {
    std::fputs("usage: uds-peer-dbus-bus PATH\n", stderr);
    return 64;
  }
  const int listener = listen_on(argv[1]);
  int pair[2];
  if (::socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, pair) != 0) check(-errno, "socketpair");
  const pid_t child = ::fork();
  if (child < 0) check(-errno, "fork");
  if (child == 0) {
    ::close(pair[0]);
    control(pair[1], listener);
    return 0;
  }
  ::close(pair[1]);
  // Limits as dbus-broker-launch sets them for the bus of a session: nearly none.
  const std::string controller = std::to_string(pair[0]);
  ::execlp("dbus-broker", "dbus-broker", "--controller", controller.c_str(), "--machine-id",
           "0123456789abcdef0123456789abcdef", "--max-bytes", "100000000000000", "--max-fds",
           "25000000000000", "--max-matches", "5000000000", "--max-objects", "10000000000",
           static_cast<char*>(nullptr));
  check(-errno, "dbus-broker");
}
