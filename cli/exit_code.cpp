// Body of exit_code.hpp.
#include "exit_code.hpp"

#include <array>
#include <utility>

namespace udsctl {

bool is_code(const uds::Response& response, uds::Code code) {
  return response.code() == uds::to_string(code);
}

Exit exit_for(const uds::Response& response) {
  if (response.status() == uds::Status::Ok) return Exit::Ok;
  if (is_code(response, uds::Code::PermissionDenied)) return Exit::Denied;
  if (is_code(response, uds::Code::DeadlineExceeded)) return Exit::Timeout;
  return Exit::Error;
}

Exit exit_for(const uds::Error& error) {
  using uds::Errc;
  static constexpr std::array kTable{
      std::pair{Errc::BadPath, Exit::Usage},
      std::pair{Errc::PathTooLong, Exit::Usage},
      std::pair{Errc::UnknownUser, Exit::Usage},
      std::pair{Errc::NotARequest, Exit::NotARequest},
      std::pair{Errc::NoDaemon, Exit::NoDaemon},
      std::pair{Errc::ConnectionRefused, Exit::NoDaemon},
      std::pair{Errc::ServerBusy, Exit::NoDaemon},
      std::pair{Errc::AccessDenied, Exit::Denied},
      std::pair{Errc::UntrustedServer, Exit::Denied},
      std::pair{Errc::Deadline, Exit::Timeout},
      std::pair{Errc::Interrupted, Exit::Interrupted},
      std::pair{Errc::ConnectionLost, Exit::NoFinal},
      std::pair{Errc::BadReply, Exit::NoFinal},
  };
  for (const auto& [code, exit] : kTable)
    if (error.is(code)) return exit;
  return Exit::Io;
}

std::string_view code_of(Exit status) {
  switch (status) {
    case Exit::Ok:
      return "ok";
    case Exit::No:
      return "no";
    case Exit::Error:
      return "error";
    case Exit::Usage:
      return "usage";
    case Exit::NotARequest:
      return "bad_data";
    case Exit::NoDaemon:
      return "no_daemon";
    case Exit::Io:
      return "io";
    case Exit::NoFinal:
      return "no_final";
    case Exit::Denied:
      return "denied";
    case Exit::Timeout:
      return "timeout";
    case Exit::Failed:
      return "failed";
    case Exit::Forbidden:
      return "forbidden";
    case Exit::Unknown:
      return "unknown_command";
    case Exit::Interrupted:
      return "interrupted";
    case Exit::BrokenPipe:
      return "broken_pipe";
  }
  return "error";
}

}  // namespace udsctl
