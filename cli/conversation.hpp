// Conversation: requests to one daemon, one after the other, and what becomes of each.
//
// Makes a new connection where the old cannot be used (half-close, a daemon that restarted).
// Complains about what goes wrong itself; its callers only pass on the exit status.
#pragma once

#include "connection.hpp"
#include "exit_code.hpp"
#include "options.hpp"
#include "render.hpp"
#include "request_text.hpp"

#include "uds/client.hpp"

#include <chrono>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>

namespace udsctl {

/// Pauses between attempts: each twice as long as the one before, up to a limit.
class Pauses {
 public:
  std::chrono::milliseconds next();
  void restart() { *this = Pauses(); }

 private:
  std::chrono::milliseconds next_{100};
};

class Conversation {
 public:
  /// `options` must outlive the conversation.
  explicit Conversation(const Options& options);

  /// Connects, so that a missing daemon is known before the first request.
  Exit connect();
  /// Reads `text` as a request. `where` begins the complaint if it is none, such as "line 3: ".
  std::optional<RequestText> read(std::string_view text, std::string_view where = {});
  /// Sends the request and shows its responses until the final one. An answer that says that it may
  /// be repeated is, as often as the options say.
  Exit ask(const RequestText& request);
  /// read() and ask(), and finish(): all that most verbs do.
  Exit ask_once(std::string_view text);
  /// Ends the output. Gives `status`, or what went wrong with it.
  Exit finish(Exit status);

  /// The same, but a person gets what `lay_out` makes of the data of the OK.
  Exit present(std::string_view text, std::string (*lay_out)(const uds::Json& data));

  /// Sends the request and gives its OK, of which nothing is shown. An ERROR is shown as ask()
  /// does.
  /// `each` sees its PROCESSING.
  uds::Result<uds::Response, Exit> query(
      std::string_view text, const std::function<void(const uds::Response&)>& each = {});
  /// Shows the answer of a query() as ask() does.
  Exit show(const uds::Response& answer);
  /// Sends the request, over a new connection where there is none, and gives its final response.
  /// Nothing is shown, and nothing complained about: the error's sentence is whole.
  uds::Result<uds::Response> fetch(std::string_view text);
  /// Whether responses are shown for programs, and not laid out for a person.
  [[nodiscard]] bool shows_lines() const noexcept { return !renderer_.for_people(); }

  /// To lose the connection is no failure from now on: the caller will connect again, and say so.
  /// query() then does not show an ERROR that says that the daemon stops.
  void expect_loss() noexcept { loss_expected_ = true; }
  /// Whether the last ask() ended because the server stopped or the connection was lost: there may
  /// be another server soon.
  [[nodiscard]] bool server_gone() const noexcept { return server_gone_; }
  /// Connects once more: Ok, or NoDaemon where trying again may help. Anything else is the end, and
  /// has been complained about.
  Exit reconnect();
  /// The same again and again, with pauses: NoDaemon only when `give_up` has come. Interrupted
  /// where the user does not want to wait.
  Exit connect_again(Pauses& pauses, std::chrono::steady_clock::time_point give_up);
  /// Tells that a request is sent again after `pause`, and why.
  void tell_of_repeat(const uds::Response& response, std::chrono::milliseconds pause);
  /// Waits, or is interrupted.
  Exit rest(std::chrono::milliseconds pause);

  /// False when nothing more can be asked: the connection failed, or the user has interrupted.
  [[nodiscard]] bool usable() const noexcept { return !broken_; }
  [[nodiscard]] Connection& connection() noexcept { return connection_; }
  [[nodiscard]] Renderer& renderer() noexcept { return renderer_; }

 private:
  using Show = std::function<Exit(const uds::Response& response, std::string_view text)>;

  Exit broken(Exit status) noexcept;
  Exit failed(const uds::Error& error);
  Exit converse(const RequestText& request, const Show& show);
  Exit attempt(const RequestText& request, const Show& show, bool may_repeat);
  Exit follow(const Show& show, bool may_repeat);
  [[nodiscard]] bool says_it_goes(const uds::Response& response) const;

  const Options& options_;
  Connection connection_;
  Renderer renderer_;
  std::int64_t last_id_ = 0;
  /// Set by an attempt that may be repeated: how long to wait before.
  std::optional<std::chrono::milliseconds> repeat_after_;
  std::optional<uds::Response> last_answer_;  // that asked for it
  bool broken_ = false;
  bool server_gone_ = false;
  bool loss_expected_ = false;
};

/// Whether nobody accepts there now: a daemon that starts again does soon.
bool is_absent(const uds::Error& error);

/// How long a request that was cancelled may take to end.
inline constexpr std::chrono::milliseconds kPatienceOnceCancelled{10'000};

/// How long a daemon may be gone before a run is given up: a restart takes less.
inline constexpr std::chrono::milliseconds kPatienceForRestart{10'000};

/// The time that a retryable ERROR asks for before the next attempt; nothing where it is not
/// retryable.
std::optional<std::chrono::milliseconds> repeat_after(const uds::Response& response);

}  // namespace udsctl
