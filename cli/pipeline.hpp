// Pipeline: requests from lines of text, several in flight at once on one connection. Their answers
// are matched by id.
//
// One poll(2) loop over the input, the connection and the signals. Lines are sent in their order;
// what the daemon makes of them may overlap, and answers come as they come. A request that cannot
// be told from another (no valid id, or one that is in flight) waits until it can.
#pragma once

#include "conversation.hpp"
#include "exit_code.hpp"
#include "line_reader.hpp"
#include "options.hpp"
#include "request_text.hpp"

#include "uds/message.hpp"

#include <chrono>
#include <cstddef>
#include <map>
#include <optional>
#include <string_view>
#include <vector>

namespace udsctl {

class Pipeline {
 public:
  /// Both must outlive the pipeline. The conversation is connected, and sends nothing meanwhile.
  /// Lines come from the descriptor `input`.
  Pipeline(const Options& options, Conversation& conversation, int input);
  Pipeline(const Pipeline&) = delete;
  Pipeline& operator=(const Pipeline&) = delete;
  ~Pipeline() = default;

  /// Sends all lines and shows all answers. The status of the first request that went wrong.
  Exit run();

 private:
  using Clock = std::chrono::steady_clock;

  /// A request that has been sent, or will be.
  struct Flight {
    RequestText request;
    unsigned repeats_left;
    Pauses pauses = {};
    Clock::time_point due = {};  ///< when it is sent again, or when its answer must be there
  };

  [[nodiscard]] bool over() const;
  [[nodiscard]] bool may_send(const RequestText& request) const;
  [[nodiscard]] bool may_send_next() const;
  void note(Exit status);
  void stop(Exit status);
  void fail_with(const uds::Error& error);

  bool read_line();
  void fill();
  void send_ready();
  void send(Flight flight);
  std::chrono::milliseconds postpone(Flight flight, std::chrono::milliseconds least);

  void wait();
  [[nodiscard]] int time_left() const;
  void check_deadlines();
  void interrupt();

  void take_answers();
  void take_answer(const uds::Response& response, std::string_view text);
  void take_final(Flight flight, const uds::Response& response, std::string_view text);

  const Options& options_;
  Conversation& conversation_;
  int input_;
  LineReader lines_;
  std::size_t line_number_ = 0;
  std::size_t window_;                     // how many may be in flight
  std::optional<Flight> next_;             // the next line, not sent yet
  std::map<uds::RequestId, Flight> sent_;  // in flight, by id
  std::vector<Flight> repeats_;            // to be sent again when they are due
  bool reading_ = true;
  bool stopped_ = false;
  bool interrupted_ = false;
  Exit status_ = Exit::Ok;
};

}  // namespace udsctl
