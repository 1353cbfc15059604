// One connection: reads frames, starts handlers, sends responses. The only class that knows sockets
// and routing.
//
// Owns the transport, the decoder, the write queue and the exchanges in flight. step() takes what
// is there and decides what to wait for; what comes makes the next step. Handlers run beside it and
// reach the connection through emit(). Whatever is waited for keeps the session alive. Everything
// on one thread. What may start and how responses are numbered is decided in session_rules; where
// frames end in frame.
#pragma once

#include <boost/asio/awaitable.hpp>
#include <boost/asio/steady_timer.hpp>
#include <exception>
#include <list>
#include <memory>
#include <optional>
#include <span>
#include <string_view>

#include "deadline_queue.hpp"
#include "descriptor_inbox.hpp"
#include "exchange.hpp"
#include "server_core.hpp"
#include "session_rules.hpp"
#include "transport.hpp"
#include "uds/frame.hpp"
#include "uds/peer.hpp"
#include "write_queue.hpp"

namespace uds::detail {

class Session : public std::enable_shared_from_this<Session> {
 public:
  /// `user`: what the peer's user holds of the server; this session adds and takes away its part.
  Session(std::shared_ptr<ServerCore> core, Fd descriptor, Peer peer, std::shared_ptr<Usage> user);

  /// Serves the connection. When it is closed and no handler of it runs any more, or where it
  /// broke, the core is told. Call once; throws nothing.
  void start();

  /// Answers new requests `shutting_down`, lets those in flight finish, then closes.
  void drain();
  /// Answers what is in flight `shutting_down` at once and closes; handlers are cancelled.
  void stop();
  /// The peer is gone, or the session broke: drops what is queued, cancels what is in flight.
  void lose_peer();
  /// Called now and then: gives back the buffers if nothing came since the last time.
  void sweep();

  [[nodiscard]] const Peer& peer() const noexcept { return peer_; }
  [[nodiscard]] std::uint64_t number() const noexcept { return number_; }
  [[nodiscard]] ConnectionInfo info() const;
  /// Why the server ended the connection; empty if it did not.
  [[nodiscard]] std::string_view end_reason() const noexcept { return end_reason_; }

  // for Exchange
  Task<void> emit(Exchange& exchange, const Response& partial);
  bool cancel_request(const RequestId& id);
  [[nodiscard]] Result<Fd> duplicate_connection() { return transport_.duplicate(); }

 private:
  using ExchangePtr = std::shared_ptr<Exchange>;
  /// What requests without a command of ours are counted as.
  static constexpr std::string_view kNoCommand = "(none)";

  // input
  void handle_frames();
  void take_frames();
  [[nodiscard]] std::size_t share() const;
  /// The limit of buffered bytes that is exceeded, or nothing.
  [[nodiscard]] std::string_view exceeded_limit() const;
  void handle_frame(std::string_view text, Passed&& passed);
  void handle_unusual_frame(std::string_view text, Passed&& passed, bool first);
  void handle_request(Request& request, Passed&& passed);
  void reject(Rejection rejection, bool first);
  void refuse(const Request& request, SessionRules::Verdict verdict, std::string_view limit);
  [[nodiscard]] bool is_exempt(std::string_view command) const;
  void refuse_duplicate(const RequestId& id);
  /// The ERROR for a request whose descriptors do not suit `command`, which takes some, or nothing.
  [[nodiscard]] std::optional<Response> check_descriptors(const Command& command,
                                                          const Passed& passed) const;
  void run_plain(const Handler::Plain& handler, Request& request, Descriptors&& descriptors);
  void start_coroutine(std::shared_ptr<const Handler::Coroutine> handler, Request&& request,
                       Descriptors&& descriptors);
  Task<void> serve(ExchangePtr exchange, std::shared_ptr<const Handler::Coroutine> handler);
  void finish(const ExchangePtr& exchange, const Response& response);
  /// The handler's coroutine ended without a response: ERROR `internal`, or the end.
  void finish_broken(const ExchangePtr& exchange);
  void forget_exchange(const ExchangePtr& exchange);
  void lose_framing(Code code, const Response& reason, std::string_view log_text);
  void watch_partial_message(bool partial);

  // output
  Task<void> have_room();
  void respond(ResponseSequence& responses, const Response& response);
  /// `plain`: of a plain handler, which may be part of a run.
  void conclude(Exchange& exchange, const Response& response, bool plain);
  /// The only response to a request that did not start.
  void answer(std::string_view command, const RequestId& id, const Response& response);
  void respond_unattributed(const Response& response);
  /// Sends what the socket takes, and gives back the memory that a stream would need.
  void flush();
  /// The same, but keeps it: the handler goes on at once.
  void send_queued();
  void try_flush();
  void flush_soon();
  /// Runs what may fail for lack of memory where nobody catches it.
  template <class F>
  void or_lose_peer(F function) {
    try {
      function();
    } catch (const std::exception&) {
      lose_peer();
    }
  }
  /// Brings the accounts up to date with what is held now.
  void charge();
  void watch_stall(bool progressed);
  void arm_stall();

  // life
  /// Whether frames are not to be taken now.
  [[nodiscard]] bool holding() const {
    return gone_ || framing_lost_ || in_order_ || queue_.above_high_water();
  }
  [[nodiscard]] bool idle() const;  ///< nothing in flight, nothing queued
  [[nodiscard]] bool finished() const;
  std::span<char> prepare_read();
  void step();  ///< takes what is there, and sees to it that what comes next is noticed
  void step_soon();
  void read();
  void read_with_descriptors();
  void finish_read(const boost::system::error_code& error, std::size_t size);
  void accept_descriptors(Passed passed);
  bool read_leftover();
  void park();
  void wake();  ///< decides anew; a pending read is ended only if the connection is to end
  void end();
  Task<void> linger();
  void close();
  /// A step could not be done: loses the peer and closes.
  void break_off();
  /// Runs `function`, the whole of what the loop calls.
  template <class F>
  void guard(F function) {
    try {
      function();
    } catch (const std::exception&) {
      break_off();
    }
  }
  void leave(Exchange::End reason);
  void cancel_all(Exchange::End reason);

  /// Counts a final response, and tells who watches, and the log. `counted_as`: the command's name,
  /// if there is such a command.
  void note_request(std::string_view counted_as, std::string_view command, const RequestId& id,
                    const Response& response, std::chrono::steady_clock::time_point started);
  /// Looks at the clock, counts the requests of the run that ends here, if there are any, and asks
  /// whether those that follow may be one.
  void begin_run();
  /// The same if there is a run: what comes next is no part of it, or its answers leave.
  void end_run();
  /// At Info a refusal, at Debug every request. `code`: "ok" where it succeeded.
  void log_request(std::string_view command, const RequestId& id, std::string_view code,
                   std::chrono::microseconds took);
  /// The server ends the connection for `reason`, one of our own words.
  void note_end(std::string_view reason, std::string_view log_text);
  [[nodiscard]] LogRecord with_peer(LogRecord record) const;
  /// The ERROR `internal`, with the incident id under which `what` was logged.
  Response internal_error(const Exchange& exchange, std::string_view what) const;

  std::shared_ptr<ServerCore> core_;
  const std::uint64_t number_;
  const DeadlineQueue::Clock::time_point opened_ = DeadlineQueue::Clock::now();
  Limits limits_;
  Transport transport_;
  Peer peer_;
  std::shared_ptr<Usage> user_;
  std::size_t charged_bytes_ = 0;
  std::size_t charged_descriptors_ = 0;
  FrameDecoder decoder_;
  DescriptorInbox inbox_;
  std::size_t lent_descriptors_ = 0;  // to the one request in flight that came with some
  WriteQueue queue_;
  SessionRules rules_;
  std::list<ExchangePtr> exchanges_;

  // Handlers park here while the queue is above its high-water mark; made for the first that does.
  std::unique_ptr<boost::asio::steady_timer> drained_;
  std::optional<DeadlineQueue::Token> partial_deadline_;
  std::optional<DeadlineQueue::Token> stall_deadline_;
  DeadlineQueue::Clock::time_point last_progress_;
  /// When the frame that is handled now had its turn, or the first of the run that it is in or ends
  /// with an ERROR. A run is made of requests for one command that came together, whose plain
  /// handler answers OK, and whose answers leave together: a look at the clock costs a tenth of a
  /// ping, so that they have one for all.
  DeadlineQueue::Clock::time_point now_;
  std::size_t quick_ = 0;        // the requests of the run, which are not counted yet
  std::string quick_command_;    // their command
  bool no_runs_ = false;         // somebody wants to know of each request
  std::string_view end_reason_;  // a literal

  std::size_t read_bytes_;  // room offered to a read; small while little comes
  bool active_ = false;     // something came since the last sweep()
  bool reading_ = false;    // a read is pending
  bool parked_ = false;     // nothing is read until wake()
  bool turn_over_ = false;  // frames are left, others go first
  bool first_message_ = true;
  bool in_order_ = false;      // a request without id runs: the next message waits for its answer
  bool input_ended_ = false;   // end of file, and every record taken
  bool framing_lost_ = false;  // answered; to be closed when all is sent
  bool blocked_ = false;       // the kernel took less than was offered; waiting for writability
  bool flush_posted_ = false;
  bool gone_ = false;  // nobody is there to read, or the session was stopped
};

}  // namespace uds::detail
