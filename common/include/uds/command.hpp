// The description of one command: name, summary, arguments, who may run it. Not how it is run: see
// router.hpp.
#pragma once

#include <cstddef>
#include <string>
#include <utility>
#include <vector>

#include "uds/access.hpp"
#include "uds/json.hpp"
#include "uds/schema.hpp"

namespace uds {

/// One command: a value that is built at start and given to Router::add(). Setters return the
/// object.
class Command {
 public:
  /// `name` as the protocol wants it (is_command_name()); anything else throws
  /// std::invalid_argument. Commands of an embedding daemon contain a dot; names without one belong
  /// to uds.
  explicit Command(std::string name);

  /// One line for people; `help` shows it.
  Command& summary(std::string text) {
    summary_ = std::move(text);
    return *this;
  }
  /// Declares an argument. Arguments that do not fit, or are not declared, are answered
  /// `invalid_args`, and the handler never runs. Throws std::invalid_argument if it is declared
  /// already, or its default does not fit it.
  Command& arg(std::string name, schema::Value value);
  /// Lets arguments that are not declared pass unchecked, as `echo` does.
  Command& any_args() {
    args_.open();
    return *this;
  }
  /// Says that PROCESSING responses come before the final one.
  Command& streaming() {
    streaming_ = true;
    return *this;
  }
  /// Who may run it. Default: everyone who can open the socket.
  Command& access(Access rule) {
    access_ = std::move(rule);
    return *this;
  }
  /// Takes `least` to `most` descriptors that the caller passes with the request, at most
  /// Descriptors::kMost; the handler gets them by Call::take_fd(). Throws std::invalid_argument for
  /// other numbers.
  Command& descriptors(std::size_t least, std::size_t most);
  /// Lets a request say `detach`: the handler then sees it, and answers as soon as what was asked
  /// for goes on by itself.
  Command& detachable() {
    detachable_ = true;
    return *this;
  }
  /// Runs even when the connection is at its limit of requests in flight: only for what ends at
  /// once, such as `cancel`.
  Command& exempt_from_limit() {
    exempt_ = true;
    return *this;
  }

  /// The name that requests give as `cmd`.
  [[nodiscard]] const std::string& name() const noexcept { return name_; }
  /// What summary() was given; empty by default.
  [[nodiscard]] const std::string& summary() const noexcept { return summary_; }
  /// Who may run it.
  [[nodiscard]] const Access& access() const noexcept { return access_; }
  /// Whether detachable() was called.
  [[nodiscard]] bool can_detach() const noexcept { return detachable_; }
  /// Whether exempt_from_limit() was called.
  [[nodiscard]] bool exempt() const noexcept { return exempt_; }
  /// Whether descriptors may come with it at all.
  [[nodiscard]] bool takes_descriptors() const noexcept { return most_descriptors_ > 0; }
  /// Whether `count` descriptors are neither too few nor too many.
  [[nodiscard]] bool takes_descriptors(std::size_t count) const noexcept {
    return count >= least_descriptors_ && count <= most_descriptors_;
  }

  /// Adds the defaults of absent arguments to `args`, an object or null, and says what does not
  /// fit.
  std::vector<schema::Violation> check(Json& args) const;
  /// What `help` shows: name, summary, args as JSON Schema, streaming, access.
  [[nodiscard]] Json describe() const;

 private:
  std::string name_;
  std::string summary_;
  schema::Value args_ = schema::object();
  Access access_ = Access::everyone();
  bool streaming_ = false;
  bool detachable_ = false;
  bool exempt_ = false;
  std::size_t least_descriptors_ = 0;
  std::size_t most_descriptors_ = 0;
};

}  // namespace uds
