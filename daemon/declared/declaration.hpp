// What an operator has declared of one command: a plain value, already checked. Owns nothing, runs
// nothing.
#pragma once

#include <sys/types.h>

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "declared/exec_template.hpp"
#include "declared/parameter.hpp"
#include "uds/access.hpp"

namespace udsd {

/// Where the declaration stands.
struct Origin {
  std::string file;
  std::size_t line = 0;
};

/// Names of users and groups, as the declaration has them.
struct AccountNames {
  std::map<uid_t, std::string> users;
  std::map<gid_t, std::string> groups;

  /// The name, or else the number.
  [[nodiscard]] std::string user(uid_t uid) const;
  [[nodiscard]] std::string group(gid_t gid) const;
};

/// Whose rights the command has.
struct RunAs {
  bool caller = false;  ///< those of whoever asks
  uid_t uid = 0;
  std::string user;            ///< as declared; empty: nothing was said, in a private instance
  std::optional<gid_t> group;  ///< nothing: the user's own
};

/// What the command reads.
struct StandardInput {
  enum class From { Nothing, Caller, Argument };
  From from = From::Nothing;
  std::string argument;  ///< whose value it is
};

/// What happens to a run when whoever started it leaves.
struct Disconnect {
  bool detach = false;                 ///< it goes on; else it is ended
  std::chrono::milliseconds grace{0};  ///< but not before that
};

/// How many runs there may be at once; 0: as many as there are.
struct Concurrency {
  std::uint64_t total = 0;
  std::uint64_t per_user = 0;
  std::uint64_t queue = 0;  ///< how many may wait for their turn
};

/// How many runs may be started in each stretch of time that is `per` long; 0: as many as there
/// are.
struct Rate {
  std::uint64_t total = 0;
  std::uint64_t per_user = 0;
  std::chrono::milliseconds per{0};
};

struct OutputRule {
  std::uint64_t most = std::uint64_t{64} << 20;  ///< bytes
  bool drop = false;  ///< what is more is discarded, and said so; else the run fails
};

/// How long what is known of a run is kept.
struct Retention {
  std::chrono::milliseconds time{std::chrono::hours{24 * 7}};
  std::uint64_t total = std::uint64_t{1} << 30;  ///< bytes, of all runs of the command
};

/// setrlimit(2), and the memory of all its processes; nothing: what udsd-exec has.
struct RunLimits {
  std::optional<std::uint64_t> processes;
  std::optional<std::uint64_t> descriptors;
  std::optional<std::uint64_t> file_size;
  std::optional<std::uint64_t> core;
  std::optional<std::uint64_t> memory;
};

struct Declaration {
  explicit Declaration(ExecTemplate template_of_exec) : exec(std::move(template_of_exec)) {}

  std::string name;
  std::string summary;
  Origin origin;
  /// SHA-256 of the file that it stands in, in hexadecimal: which one a run was started by.
  std::string hash;
  ExecTemplate exec;
  bool unsafe_exec = false;           ///< the program may take a value for code, and that is meant
  std::vector<Parameter> parameters;  ///< by name

  uds::Principals allow;  ///< who may run it; empty: administrators only
  uds::Principals watch;  ///< who may see its runs
  bool admins = false;    ///< administrators may run it, too
  AccountNames names;     ///< of those in allow and watch

  RunAs run_as;
  std::string directory = "/";
  mode_t umask = 022;
  std::map<std::string, std::string> environment;
  StandardInput input;
  RunLimits limits;

  std::optional<std::chrono::milliseconds> timeout;  ///< nothing: none
  std::chrono::milliseconds grace{5'000};
  Disconnect disconnect;
  Concurrency concurrency;
  Rate rate;
  OutputRule output;
  Retention keep;
  bool idempotent = false;
  bool audit_may_fall_back = false;

  [[nodiscard]] const Parameter* parameter(std::string_view name_of_it) const noexcept;
  /// Whether exec has a place for `argument` that refuses a value which begins with a hyphen.
  [[nodiscard]] bool refuses_hyphen(std::string_view argument) const;
  /// What `help` shows and requests are checked by.
  [[nodiscard]] uds::schema::Value arguments() const;
  /// The texts of `values`, an object that fits arguments(), defaults included. Error: a sentence.
  [[nodiscard]] uds::Result<ArgumentTexts, std::string> texts(const uds::Json& values) const;
  /// Checks `texts` by arguments(), as if texts() had not been asked before: by whoever gets them
  /// from a process that is not trusted. What does not fit, or nothing.
  [[nodiscard]] std::optional<std::string> problem(const ArgumentTexts& texts) const;
};

}  // namespace udsd
