// Written against the man pages instead of libsystemd: both protocols are a few lines, and promised
// to stay.
#include "systemd.hpp"

#include <fcntl.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

#include <charconv>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <cstring>

#include "uds/error.hpp"
#include "uds/log.hpp"

namespace udsd {
namespace {

constexpr int kFirstPassed = 3;  // SD_LISTEN_FDS_START

std::optional<std::string> take_variable(const char* name) {
  const char* value = std::getenv(name);
  if (value == nullptr) return std::nullopt;
  std::string copy = value;
  ::unsetenv(name);
  return copy;
}

uds::Result<std::int64_t> parse_number(std::string_view name, const std::string& text) {
  std::int64_t number = 0;
  const char* end = text.data() + text.size();
  const auto [rest, failure] = std::from_chars(text.data(), end, number);
  if (failure != std::errc() || rest != end || number < 0)
    return uds::Error(uds::Errc::BadDescriptor,
                      std::string(name) + "=" + uds::log_quote(text) +
                          " is no number; unset it or start udsd by systemd");
  return number;
}

uds::Result<std::optional<uds::Fd>> take_socket(const std::optional<std::string>& pid_text,
                                                const std::optional<std::string>& count_text) {
  if (!pid_text || !count_text) return std::optional<uds::Fd>();
  const auto pid = parse_number("LISTEN_PID", *pid_text);
  if (!pid) return pid.error();
  if (*pid != ::getpid()) return std::optional<uds::Fd>();
  const auto count = parse_number("LISTEN_FDS", *count_text);
  if (!count) return count.error();
  if (*count == 0) return std::optional<uds::Fd>();
  if (*count > 1)
    return uds::Error(uds::Errc::BadDescriptor,
                      "systemd passed " + *count_text +
                          " sockets, udsd takes one; give udsd.socket a single ListenStream=");
  if (::fcntl(kFirstPassed, F_GETFD) < 0)
    return uds::Error(uds::Errc::BadDescriptor,
                      "LISTEN_FDS promises a socket, but descriptor 3 is not open");
  // One socket needs no name, so LISTEN_FDNAMES decides nothing.
  return std::optional<uds::Fd>(kFirstPassed);
}

/// Zero: nobody watches this process.
uds::Result<std::chrono::microseconds> take_watchdog(const std::optional<std::string>& pid_text,
                                                     const std::optional<std::string>& text) {
  std::chrono::microseconds none{0};
  if (!text) return none;
  if (pid_text) {
    const auto pid = parse_number("WATCHDOG_PID", *pid_text);
    if (!pid) return pid.error();
    if (*pid != ::getpid()) return none;
  }
  const auto interval = parse_number("WATCHDOG_USEC", *text);
  if (!interval) return interval.error();
  return std::chrono::microseconds(*interval);
}

}  // namespace

uds::Result<Handover> take_handover() {
  const auto pid = take_variable("LISTEN_PID");
  const auto count = take_variable("LISTEN_FDS");
  const auto notify = take_variable("NOTIFY_SOCKET");
  const auto watchdog_pid = take_variable("WATCHDOG_PID");
  const auto watchdog_interval = take_variable("WATCHDOG_USEC");
  ::unsetenv("LISTEN_FDNAMES");

  auto socket = take_socket(pid, count);
  if (!socket) return socket.error();
  Handover handover;
  handover.socket = std::move(*socket);
  if (notify) handover.notifier = Notifier(*notify);
  const auto interval = take_watchdog(watchdog_pid, watchdog_interval);
  if (!interval) return interval.error();
  if (interval->count() > 0) handover.notifier.set_watchdog_interval(*interval);
  return handover;
}

bool Notifier::ready(std::string_view status) const {
  return send("READY=1\nSTATUS=" + std::string(status));
}

bool Notifier::reloading() const {
  timespec now{};
  ::clock_gettime(CLOCK_MONOTONIC, &now);
  const auto microseconds = static_cast<long long>(now.tv_sec) * 1'000'000 + now.tv_nsec / 1'000;
  return send("RELOADING=1\nMONOTONIC_USEC=" + std::to_string(microseconds));
}

bool Notifier::stopping(std::string_view status) const {
  return send("STOPPING=1\nSTATUS=" + std::string(status));
}

bool Notifier::alive() const {
  return send("WATCHDOG=1");
}

bool Notifier::status(std::string_view text) const {
  return send("STATUS=" + std::string(text));
}

bool Notifier::send(const std::string& text) const {
  if (address_.empty()) return true;
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  if (address_.size() >= sizeof address.sun_path) return false;
  std::memcpy(address.sun_path, address_.data(), address_.size());
  if (address_.front() == '@') address.sun_path[0] = '\0';
  const auto length = static_cast<socklen_t>(offsetof(sockaddr_un, sun_path) + address_.size());

  const uds::Fd socket(::socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0));
  const auto* generic = reinterpret_cast<const sockaddr*>(&address);
  return socket && ::sendto(socket.get(), text.data(), text.size(), MSG_DONTWAIT | MSG_NOSIGNAL,
                            generic, length) == static_cast<ssize_t>(text.size());
}

}  // namespace udsd
