// Bodies of diagnosis.hpp.
#include "doctor/diagnosis.hpp"

#include "json_members.hpp"
#include "layout.hpp"
#include "socket_choice.hpp"
#include "style.hpp"
#include "visible_text.hpp"

#include "uds/version.hpp"

#include <sys/stat.h>

#include <algorithm>
#include <cerrno>
#include <cstddef>
#include <cstdio>
#include <cstring>
#include <utility>

namespace udsctl {
namespace {

using uds::Errc;
using uds::Json;

/// What sockaddr_un holds beside the final NUL (unix(7)).
constexpr std::size_t kLongestPath = 107;

Finding ok(std::string check, std::string message) {
  return {std::move(check), State::Ok, std::move(message), {}};
}
Finding warning(std::string check, std::string message, std::string fix) {
  return {std::move(check), State::Warning, std::move(message), std::move(fix)};
}
Finding failed(std::string check, std::string message, std::string fix) {
  return {std::move(check), State::Failed, std::move(message), std::move(fix)};
}

std::string kind_of(mode_t mode) {
  switch (mode & S_IFMT) {
    case S_IFSOCK:
      return "a socket";
    case S_IFREG:
      return "a regular file";
    case S_IFDIR:
      return "a directory";
    case S_IFIFO:
      return "a FIFO";
    default:
      return "something else";
  }
}

std::string octal(mode_t mode) {
  char text[8];
  std::snprintf(text, sizeof text, "%04o", static_cast<unsigned>(mode & 07777));
  return text;
}

std::string mend_daemon(const std::string& path) {
  return is_system_socket(path) ? "journalctl --unit=udsd.service says more; systemctl restart "
                                  "udsd.service starts it again"
                                : "read the log of the daemon, and start it again";
}

/// Whether the connection came about, whatever followed.
bool connected(const Facts& facts) {
  if (facts.ping) return true;
  const uds::Error& error = facts.ping.error();
  return error.is(Errc::Deadline) || error.is(Errc::ConnectionLost) || error.is(Errc::BadReply);
}

/// "0.1" of "0.1.7".
std::string_view minor_version(std::string_view version) {
  const std::size_t first = version.find('.');
  if (first == std::string_view::npos) return version;
  return version.substr(0, version.find('.', first + 1));
}

std::string number_of(const Json& object, std::string_view name) {
  const Json* value = member(object, name);
  return value != nullptr && value->is_number_integer() ? uds::to_json_text(*value) : "?";
}

}  // namespace

std::string_view to_string(State state) noexcept {
  return state == State::Ok ? "ok" : state == State::Warning ? "warning" : "failed";
}

Finding check_path(const std::string& path) {
  const std::string fix = "give the path of a socket with --socket or UDS_SOCKET; it begins with /";
  const std::string name = path.substr(path.rfind('/') + 1);
  if (path.starts_with('@'))
    return failed("path", visible(path) + " is an abstract name, and udsctl connects to files",
                  fix);
  if (path.empty()) return failed("path", "the path is empty", fix);
  if (name.empty() || name == "." || name == "..")
    return failed("path", visible(path) + " names a directory", fix);
  const std::string size = std::to_string(path.size()) + " bytes";
  const std::string most = std::to_string(kLongestPath);
  if (path.size() > kLongestPath)
    return failed("path", size + ", and the system allows " + most,
                  "move the socket to a shorter path, or connect through a shorter symbolic link");
  return ok("path", size + " of at most " + most);
}

std::vector<Finding> check_directories(const std::string& path, const Route& route) {
  std::vector<Finding> found;
  const auto fail = [&found](std::string message, std::string fix) {
    found.push_back(failed("directories", std::move(message), std::move(fix)));
  };
  for (const Place& place : route.directories)
    if ((place.mode & S_IWOTH) != 0 && (place.mode & S_ISVTX) == 0)
      found.push_back(warning("directories",
                              "everybody may write to " + visible(place.path) +
                                  ", and put another socket in place of this one",
                              "chmod o-w " + visible(place.path)));
  const Place& end = route.end;
  const std::string where = visible(end.path);
  if (end.error == EACCES)
    fail("you may not search " + where + ", mode " + octal(end.mode),
         "ask its owner for: chmod a+x " + where);
  else if (end.error == ELOOP)
    fail("symbolic links lead in a circle at " + where, "remove or correct " + where);
  else if (end.error == ENOTDIR)
    fail(where + " is " + kind_of(end.mode) + " and no directory", "correct the path");
  else if (end.error == ENOENT && !route.complete)
    fail("there is no directory " + where,
         is_system_socket(path)
             ? start_command(path) + other_instance(path)
             : "correct the path, or make that directory and start the daemon: " +
                   start_command(path));
  else if (end.error != 0 && end.error != ENOENT)
    fail("cannot look at " + where + ": " + std::strerror(end.error), "correct the path");
  if (found.empty())
    found.push_back(ok("directories", std::to_string(route.directories.size()) +
                                          " on the way, which you may search"));
  return found;
}

Finding check_socket(const std::string& path, const Route& route) {
  const Place& end = route.end;
  const std::string where =
      visible(path) + (route.linked ? ", a symbolic link to " + visible(end.path) : "");
  if (end.error != 0 && route.linked)
    return failed("socket", "nothing at the end of " + where, start_command(end.path));
  if (end.error != 0)
    return failed("socket", "nothing at " + where, start_command(path) + other_instance(path));
  if (!S_ISSOCK(end.mode))
    return failed("socket", where + " is " + kind_of(end.mode) + " and no socket",
                  "correct the path, with --socket or UDS_SOCKET");
  return ok("socket", "a socket stands at " + where);
}

Finding check_permission(const Access& access) {
  const std::string what = "mode " + octal(access.mode) + ", owner " + visible(access.owner) +
                           ", group " + visible(access.group) + ": ";
  if (access.allowed) return ok("permission", what + "you may connect");
  const bool group_may = (access.mode & S_IWGRP) != 0;
  if (group_may && access.listed && !access.in_session)
    return failed("permission",
                  what + "you are in that group, but this session began before you were",
                  "log in again, or for this shell: newgrp " + visible(access.group));
  if (group_may && !access.in_session && !access.root_group)
    return failed("permission", what + "you are not in that group",
                  "as root: usermod --append --groups " + visible(access.group) + " " +
                      visible(access.caller) + "; then log in again");
  return failed("permission", what + "you may not connect",
                "run udsctl as " + visible(access.owner) + ", or ask who set up the socket");
}

Finding check_connection(const Facts& facts) {
  if (connected(facts))
    return ok("connection",
              "a server takes connections; it is run by root, you or a user you trust");
  const uds::Error& error = facts.ping.error();
  const std::string message = visible(error.message());
  if (error.is(Errc::UntrustedServer))
    return failed("connection", message, "if you trust that user: udsctl --server-uid USER doctor");
  if (error.is(Errc::ServerBusy)) return failed("connection", message, mend_daemon(facts.path));
  if (!error.is(Errc::ConnectionRefused))
    return failed("connection", message, "ask who set up the socket");
  if (facts.lock_holder)
    return failed("connection",
                  message + "; process " + std::to_string(*facts.lock_holder) +
                      " holds the lock file beside it, as a daemon does that starts or stops",
                  "try again; if this stays, find out what that process does");
  return failed("connection",
                message + "; the socket was left behind, since no process holds its lock file",
                start_command(facts.route.end.path));
}

Finding check_answer(const Facts& facts) {
  const std::string time = std::to_string(facts.took.count()) + " ms";
  if (!facts.ping && facts.ping.error().is(Errc::Deadline))
    return failed("answer", "ping was not answered within " + time, mend_daemon(facts.path));
  if (!facts.ping)
    return failed("answer", visible(facts.ping.error().message()) + ", after " + time,
                  mend_daemon(facts.path));
  if (facts.ping->status() == uds::Status::Ok) return ok("answer", "ping answered in " + time);
  return failed("answer", "the daemon answers ping with ERROR: " + visible(facts.ping->message()),
                facts.ping->code() == uds::to_string(uds::Code::PermissionDenied)
                    ? "ask the administrator of the daemon for access"
                    : mend_daemon(facts.path));
}

Finding check_version(const Json& hello, std::string_view own) {
  const std::string library = visible_member(hello, "libuds");
  const std::string protocol = number_of(hello, "protocol");
  const std::string message = visible_member(hello, "program") + " " +
                              visible_member(hello, "version") + ", libuds " + library +
                              ", protocol " + protocol + "; udsctl " + std::string(own);
  if (protocol != std::to_string(uds::kProtocol))
    return warning("version", message + " speaks protocol " + std::to_string(uds::kProtocol),
                   "install udsctl and the daemon in versions that speak the same protocol");
  if (minor_version(library) != minor_version(own))
    return warning("version", message,
                   "install both in the same version, and start the daemon again");
  return ok("version", message);
}

Finding check_caller(const Json& hello) {
  const Json* caller = member(hello, "caller");
  if (caller == nullptr || !caller->is_object())
    return warning("caller", "the daemon does not say who you are to it",
                   "use a daemon of the same version as udsctl");
  std::string groups;
  if (const Json* all = member(*caller, "groups"); all != nullptr && all->is_array())
    for (const Json& group : *all) groups += " " + visible(uds::to_json_text(group));
  const Json* admin = member(*caller, "admin");
  const bool is_admin = admin != nullptr && *admin == Json(true);
  return ok("caller", "you are uid " + number_of(*caller, "uid") + ", gid " +
                          number_of(*caller, "gid") +
                          (groups.empty() ? ", no other groups" : ", groups" + groups) +
                          (is_admin ? "; an administrator" : "; no administrator"));
}

std::vector<Finding> diagnose(const Facts& facts) {
  std::vector<Finding> found;
  // Whether the next check makes sense.
  const auto passes = [&found](Finding finding) {
    found.push_back(std::move(finding));
    return found.back().state != State::Failed;
  };
  if (!passes(check_path(facts.path))) return found;
  for (Finding& finding : check_directories(facts.path, facts.route))
    if (!passes(std::move(finding))) return found;
  if (!passes(check_socket(facts.path, facts.route))) return found;
  if (facts.access && !passes(check_permission(*facts.access))) return found;
  if (!passes(check_connection(facts)) || !passes(check_answer(facts)) || !facts.hello)
    return found;
  if (*facts.hello && (*facts.hello)->status() == uds::Status::Ok) {
    found.push_back(check_version((*facts.hello)->data(), uds::kVersion));
    found.push_back(check_caller((*facts.hello)->data()));
  } else {
    found.push_back(warning("version", "the daemon does not answer hello, which tells its version",
                            mend_daemon(facts.path)));
  }
  return found;
}

std::string to_text(const Finding& finding, bool colour) {
  const Style style = finding.state == State::Ok        ? Style::Good
                      : finding.state == State::Warning ? Style::Warning
                                                        : Style::Bad;
  std::string text = painted(padded(std::string(to_string(finding.state)), 9), style, colour) +
                     padded(finding.check, 13) + finding.message + "\n";
  if (!finding.fix.empty()) text += padded("", 9) + padded("  mend it:", 13) + finding.fix + "\n";
  return text;
}

std::string to_json_line(const Finding& finding) {
  std::string line = R"({"check":)";
  uds::append_json_string(line, finding.check);
  line += R"(,"state":)";
  uds::append_json_string(line, to_string(finding.state));
  line += R"(,"message":)";
  uds::append_json_string(line, finding.message);
  if (!finding.fix.empty()) {
    line += R"(,"fix":)";
    uds::append_json_string(line, finding.fix);
  }
  return line + "}\n";
}

}  // namespace udsctl
