// Bodies of journal.hpp.
#include "journal.hpp"

#include <sys/socket.h>
#include <sys/un.h>

#include <array>
#include <cerrno>
#include <cstdint>
#include <cstring>
#include <utility>

namespace udsd {
namespace {

/// As much of a value as goes into the journal: a datagram has an end, and values may be foreign.
constexpr std::size_t kMostFieldBytes = 4096;

constexpr std::array<std::pair<std::string_view, std::string_view>, 4> kNames{{
    {"id", "UDS_REQUEST_ID"},
    {"uid", "UDS_PEER_UID"},
    {"pid", "UDS_PEER_PID"},
    {"us", "UDS_DURATION_US"},
}};

std::string journal_name(std::string_view key) {
  for (const auto& [ours, name] : kNames)
    if (ours == key) return std::string(name);
  std::string out = "UDS_";
  for (const char c : key) {
    const bool lower = c >= 'a' && c <= 'z';
    out += lower ? static_cast<char>(c - 'a' + 'A') : c == '-' ? '_' : c;
  }
  return out;
}

/// "NAME=value", or where a line end would cut the value its size in front of it.
void append(std::string& out, std::string_view name, std::string_view value) {
  value = value.substr(0, kMostFieldBytes);
  out += name;
  if (value.find('\n') == std::string_view::npos) {
    out += '=';
  } else {
    out += '\n';
    const std::uint64_t size = value.size();
    for (unsigned shift = 0; shift < 64; shift += 8)  // little-endian
      out += static_cast<char>((size >> shift) & 0xFF);
  }
  out += value;
  out += '\n';
}

}  // namespace

std::string_view syslog_priority(uds::LogLevel level) {
  switch (level) {
    case uds::LogLevel::Trace:
    case uds::LogLevel::Debug:
      return "7";
    case uds::LogLevel::Info:
      return "6";
    case uds::LogLevel::Warn:
      return "4";
    case uds::LogLevel::Error:
    case uds::LogLevel::Off:
      break;
  }
  return "3";
}

std::string format_journal_fields(const uds::LogRecord& record, const std::string& message,
                                  std::string_view identifier) {
  std::string out;
  append(out, "MESSAGE", message);
  append(out, "PRIORITY", syslog_priority(record.level));
  append(out, "SYSLOG_IDENTIFIER", identifier);
  for (const auto& [key, value] : record.fields) append(out, journal_name(key), value);
  return out;
}

Journal::Journal(std::string path)
    : path_(std::move(path)), socket_(::socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0)) {}

bool Journal::send(const std::string& datagram) const {
  return deliver(datagram) || errno == EAGAIN || errno == ENOBUFS;
}

bool Journal::deliver(const std::string& datagram) const {
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  if (path_.size() >= sizeof address.sun_path) {
    errno = ENAMETOOLONG;
    return false;
  }
  std::memcpy(address.sun_path, path_.c_str(), path_.size() + 1);
  const auto* generic = reinterpret_cast<const sockaddr*>(&address);
  return ::sendto(socket_.get(), datagram.data(), datagram.size(), MSG_DONTWAIT | MSG_NOSIGNAL,
                  generic, sizeof address) >= 0;
}

}  // namespace udsd
