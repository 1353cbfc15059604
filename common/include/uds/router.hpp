// Which handler answers a request, and whether this caller may ask it. Pure: knows no connection
// and sends nothing.
//
// The router owns the commands. They may be added and removed while requests run, on the serving
// thread: a request keeps the handler that it began with.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <type_traits>
#include <unordered_map>
#include <utility>
#include <variant>
#include <vector>

#include "uds/access.hpp"
#include "uds/call.hpp"
#include "uds/command.hpp"
#include "uds/message.hpp"

namespace uds {

/// A plain function `Response(Call&)`, answered without a coroutine, or a coroutine
/// `Task<Response>(Call&)`. What it returns is the final response. It runs on the serving thread
/// and must not block. An exception that escapes it is logged, answered `internal`, and ends
/// nothing but the request. A coroutine that is cancelled unwinds where it waits by
/// boost::system::system_error(operation_aborted), and the library answers for it.
class Handler {
 public:
  /// Runs in place: nobody else is served until it returns.
  using Plain = std::function<Response(Call&)>;
  /// May wait, and send PROCESSING before it ends.
  using Coroutine = std::function<Task<Response>(Call&)>;

  /// `function` is kept as long as a request of its server runs, so a lambda that is a coroutine
  /// may use its captures.
  template <class F>
    requires(!std::is_same_v<std::remove_cvref_t<F>, Handler>)
  // NOLINTNEXTLINE(google-explicit-constructor)
  Handler(F function)
      : body_([&] {
          if constexpr (std::is_same_v<std::invoke_result_t<F&, Call&>, Response>)
            return Body(std::in_place_index<0>, std::move(function));
          else
            return Body(std::in_place_index<1>,
                        std::make_shared<const Coroutine>(std::move(function)));
        }()) {}

  /// The function, where it is a plain one; else null.
  [[nodiscard]] const Plain* plain() const noexcept { return std::get_if<0>(&body_); }
  /// The coroutine, where it is one; else null. Shared with the requests that run, which may
  /// outlive the command.
  [[nodiscard]] std::shared_ptr<const Coroutine> coroutine() const noexcept {
    const auto* shared = std::get_if<1>(&body_);
    return shared == nullptr ? nullptr : *shared;
  }

 private:
  using Body = std::variant<Plain, std::shared_ptr<const Coroutine>>;
  Body body_;
};

/// The commands of a server, by name. Used only on the serving thread. Neither copied nor moved.
class Router {
 public:
  /// No command yet; Server adds the built-in ones to its own.
  Router();
  Router(const Router&) = delete;
  Router& operator=(const Router&) = delete;
  ~Router() = default;

  /// A command and what answers it.
  struct Entry {
    Command command;  ///< what it is
    Handler handler;  ///< what runs it
  };

  /// Adds a command. A name that is taken throws std::invalid_argument: two handlers for one name
  /// are a bug.
  void add(Command command, Handler handler);
  /// Removes a command, for requests from now on. False if there is none.
  bool remove(std::string_view name);
  /// Replaces the rule of `name`, for requests from now on. False if there is no such command.
  bool set_access(std::string_view name, Access rule);
  /// Who is an administrator besides uid 0 and the uid the server runs as, from now on.
  void set_admins(Principals admins) { admins_ = std::move(admins); }
  /// Whether `peer` is uid 0, the uid the server runs as, or among those of set_admins(). Never one
  /// that is_nobody().
  [[nodiscard]] bool is_admin(const Peer& peer) const noexcept;

  /// The entry `name`, or null. Valid until it is removed.
  [[nodiscard]] const Entry* find(std::string_view name) const;
  /// Whether `peer` may use a command that takes descriptors.
  [[nodiscard]] bool accepts_descriptors(const Peer& peer) const noexcept;

  /// The entry that is to answer `request`, whose arguments then fit and are complete; or the ERROR
  /// to answer: unknown_command (also for a hidden command that is not `peer`'s),
  /// permission_denied, invalid_args, bad_request (`detach` where it has no meaning).
  Result<const Entry*, Response> route(Request& request, const Peer& peer) const;

  /// Descriptions (`name` and `summary`) of the commands that `peer` may use, sorted by name.
  [[nodiscard]] Json list(const Peer& peer) const;
  /// The ERROR permission_denied, with the rule of `command`.
  [[nodiscard]] static Response denied(const Command& command);
  /// The ERROR unknown_command, with near names that `peer` may use.
  [[nodiscard]] Response unknown(std::string_view name, const Peer& peer) const;

 private:
  struct Hash {
    using is_transparent = void;
    /// FNV-1a: names are short, and only ours are in the table.
    std::size_t operator()(std::string_view name) const noexcept {
      std::uint64_t hash = 0xcbf29ce484222325U;
      for (const char c : name) hash = (hash ^ static_cast<unsigned char>(c)) * 0x100000001b3U;
      return hash;
    }
  };
  /// In the order of their names.
  [[nodiscard]] std::vector<const Entry*> sorted() const;

  std::unordered_map<std::string, Entry, Hash, std::equal_to<>> entries_;
  mutable const Entry* last_found_ = nullptr;  // mostly the next request is for the same command
  std::vector<const Entry*> taking_descriptors_;
  Principals admins_;
  uid_t own_uid_;
};

}  // namespace uds
