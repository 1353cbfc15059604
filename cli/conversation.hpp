// Conversation: requests to one daemon, one after the other, and what becomes of each.
//
// Owns the connection and makes a new one where the old cannot be used (half-close). Complains
// about what goes wrong itself; its callers only pass on the exit status.
#pragma once

#include "exit_code.hpp"
#include "interrupt.hpp"
#include "options.hpp"
#include "render.hpp"
#include "request_text.hpp"

#include "uds/client.hpp"

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace udsctl {

class Conversation {
 public:
  explicit Conversation(const Options& options);

  /// Connects, so that a missing daemon is known before the first request.
  Exit connect();
  /// Reads `text` as a request. `where` begins the complaint if it is none, such as "line 3: ".
  std::optional<RequestText> read(std::string_view text, std::string_view where = {});
  /// Sends the request and shows its responses until the final one.
  Exit ask(const RequestText& request);

  /// Sends the request and gives its OK, of which nothing is shown. An ERROR is shown as a line, or
  /// complained about.
  uds::Result<uds::Response, Exit> query(std::string_view text);
  /// Whether responses are shown as lines of JSON, and not laid out for a person.
  [[nodiscard]] bool shows_lines() const noexcept { return renderer_.lines(); }

  /// To lose the connection is no failure from now on: the caller will connect again, and say so.
  void expect_loss() noexcept { loss_expected_ = true; }
  /// Whether the last ask() ended because the server stopped or the connection was lost: there may
  /// be another server soon.
  [[nodiscard]] bool server_gone() const noexcept { return server_gone_; }
  /// Connects once more, and complains only where trying again would not help: nothing, or why it
  /// failed.
  std::optional<Exit> reconnect();
  /// Waits, or is interrupted.
  Exit rest(std::chrono::milliseconds pause);

  /// False when nothing more can be asked: the connection failed, or the user has interrupted.
  [[nodiscard]] bool usable() const noexcept { return !broken_; }
  /// Readable when the user interrupts; -1 before connect(), when a signal just ends the process.
  [[nodiscard]] int interrupt_descriptor() const noexcept {
    return interrupt_ ? interrupt_->descriptor() : -1;
  }

 private:
  Exit broken(Exit status) noexcept;
  uds::Result<void> open();
  Exit failed(const uds::Error& error);
  Exit follow();

  const Options& options_;
  std::string path_;
  std::optional<Interrupt> interrupt_;
  Renderer renderer_;
  std::optional<uds::BlockingClient> client_;
  std::int64_t last_id_ = 0;
  bool broken_ = false;
  bool server_gone_ = false;
  bool loss_expected_ = false;
};

}  // namespace udsctl
