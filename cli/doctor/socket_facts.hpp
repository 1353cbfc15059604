// What stands between the caller and an answer, as the system tells it: facts for diagnosis.hpp,
// which judges them.
//
// Looks only: opens no file on the way, takes no lock and changes nothing. It connects to the
// socket as any client does, and sends ping and hello.
#pragma once

#include "options.hpp"

#include "uds/message.hpp"
#include "uds/result.hpp"

#include <sys/types.h>

#include <chrono>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace udsctl {

/// A name in the file system and what it leads to; not more where `error`, an errno, is set.
struct Place {
  std::string path;
  int error = 0;
  mode_t mode = 0;
  uid_t owner = 0;
  gid_t group = 0;
  bool searchable = false;  // a directory that the caller may search
};

/// The way that a path takes, symbolic links followed.
struct Route {
  std::vector<Place> directories;
  Place end;              // the last thing that was looked at
  bool complete = false;  // whether the path leads to `end`, or ended there before its time
  bool linked = false;    // whether the path itself is a symbolic link
};

/// Who may open a socket, and how the caller stands to that.
struct Access {
  bool allowed = false;
  mode_t mode = 0;
  std::string owner;  // names, or numbers where there are none
  std::string group;
  std::string caller;
  bool root_group = false;
  bool listed = false;      // the group database has the caller in the group
  bool in_session = false;  // and so has the kernel, for this process
};

struct Facts {
  Facts(std::string socket, uds::Result<uds::Response> answer)
      : path(std::move(socket)), ping(std::move(answer)) {}

  std::string path;
  Route route;
  std::optional<Access> access;      // where a socket stands at the end of the route
  std::optional<pid_t> lock_holder;  // who holds the lock file beside the socket
  uds::Result<uds::Response> ping;
  std::chrono::milliseconds took{0};  // from the attempt to connect to the answer, rounded up
  std::optional<uds::Result<uds::Response>> hello;  // where ping was answered with OK
};

/// Follows `path`, which is absolute.
Route follow(const std::string& path);

/// The process that holds a lock of flock(2) on a file, by the text of /proc/locks (proc(5)).
std::optional<pid_t> lock_holder(std::string_view locks, dev_t device, ino_t inode);

/// All facts about the socket `path`. `timeout` bounds connecting, and each answer.
Facts gather(const std::string& path, const Options& options, std::chrono::milliseconds timeout);

}  // namespace udsctl
