// Body of run_exit.hpp.
#include "runs/run_exit.hpp"

#include "json_members.hpp"

#include <cstdint>

namespace udsctl {
namespace {

using uds::Json;

/// An integer member from 1 to `most`; 0 where there is none.
int number_member(const Json& object, std::string_view name, int most) {
  const Json* value = member(object, name);
  if (value == nullptr || !value->is_number_integer()) return 0;
  const auto number = value->get<std::int64_t>();
  return number >= 1 && number <= most ? static_cast<int>(number) : 0;
}

/// Whether it was the program that could not be executed, and not something before it.
bool is_not_executable(const Json& end) {
  const Json* started = member(end, "started");
  return started != nullptr && *started == Json(false) && text_member(end, "stage") == "exec";
}

}  // namespace

std::optional<Exit> command_exit(const Json& end) {
  if (const int signal = number_member(end, "signal", 127); signal != 0)
    return static_cast<Exit>(128 + signal);
  if (const int status = number_member(end, "exit", 255); status != 0)
    return static_cast<Exit>(status);
  return std::nullopt;
}

std::optional<Exit> command_exit(const uds::Response& final) {
  if (!is_code(final, uds::Code::CommandFailed) && !is_code(final, uds::Code::Cancelled))
    return std::nullopt;
  const auto own = command_exit(final.error());
  return own ? own : command_exit(final.data());
}

Exit run_exit(const uds::Response& final) {
  if (final.status() == uds::Status::Ok) return Exit::Ok;
  if (is_code(final, uds::Code::PermissionDenied)) return Exit::Forbidden;
  if (is_code(final, uds::Code::UnknownCommand)) return Exit::Unknown;
  if (is_code(final, uds::Code::DeadlineExceeded)) return Exit::Timeout;
  if (const auto own = command_exit(final)) return *own;
  const bool not_executable = is_not_executable(final.error()) || is_not_executable(final.data());
  return not_executable ? Exit::Forbidden : Exit::Failed;
}

Exit run_exit(const uds::Error& error) {
  switch (const Exit usual = exit_for(error)) {
    case Exit::Timeout:
    case Exit::Interrupted:
      return usual;
    default:
      return error.is(uds::Errc::AccessDenied) ? Exit::Forbidden : Exit::Failed;
  }
}

Exit exit_of_run(const Json& run) {
  const std::string state = text_member(run, "state");
  if (state == "queued" || state == "running") return Exit::Ok;
  const std::string outcome = text_member(run, "outcome");
  if (outcome == "timeout") return Exit::Timeout;
  if (outcome == "exit" || outcome == "signal" || outcome == "cancelled") {
    if (const auto own = command_exit(run)) return *own;
    return outcome == "exit" ? Exit::Ok : Exit::Failed;
  }
  return is_not_executable(run) ? Exit::Forbidden : Exit::Failed;
}

}  // namespace udsctl
