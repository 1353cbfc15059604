// Showing responses in the format that was asked for. For a person at a terminal that is a live
// line per stream on standard error and a laid-out result; for a program, lines of JSON, an array,
// or a value.
//
// The layout is pure functions; Renderer only decides what goes where and keeps track of the live
// lines.
#pragma once

#include "exit_code.hpp"
#include "options.hpp"

#include "uds/message.hpp"

#include <cstddef>
#include <map>
#include <set>
#include <string>
#include <string_view>

namespace udsctl {

/// A PROCESSING in at most `columns` characters: a bar where the total is known, the message, the
/// data.
std::string progress_line(const uds::Response& response, std::size_t columns);

/// A PROCESSING that carries output of a run, a line for each of its lines: `name`, the stream, the
/// text with everything foreign made visible.
std::string output_lines(const uds::Response& response, std::string_view name);

/// Whether results are laid out for a person: by default where standard output is a terminal.
bool shows_for_people(const Options& options);

class Renderer {
 public:
  /// Looks at what standard output and standard error are.
  explicit Renderer(const Options& options);
  Renderer(const Renderer&) = delete;
  Renderer& operator=(const Renderer&) = delete;
  ~Renderer() = default;

  /// Answers to several requests are told apart by their ids.
  void name_requests() noexcept { names_requests_ = true; }
  /// Whether results are laid out for a person.
  [[nodiscard]] bool for_people() const noexcept { return format_ == Format::Automatic; }
  /// Shows one response; `text` is what was received. Ok, or why it could not be shown: Io (Failed
  /// for verbs with the status of a run), BrokenPipe, NoField.
  Exit show(const uds::Response& response, std::string_view text);
  /// Ends what has been begun, after the last response, unless it could not be written.
  Exit finish();
  /// Removes the live lines, if there are any, until the next PROCESSING. Before anything else is
  /// written to standard error.
  void clear();

 private:
  /// Writes to standard output.
  Exit put(std::string_view text);
  Exit show_response(const uds::Response& response, std::string_view text);
  Exit show_result(const uds::Response& response, std::string_view text);
  void complain_about(const uds::Response& response, std::string_view text) const;
  Exit show_field(const uds::Response& response, std::string_view text);
  void show_progress(const uds::Response& response);
  void draw();
  [[nodiscard]] std::string erasure() const;
  /// The name of the request that `response` answers, where answers are told apart.
  [[nodiscard]] std::string name_of(const uds::Response& response) const;
  /// JSON text as one line that may go to standard output.
  [[nodiscard]] std::string line_of(std::string_view json) const;

  Format format_;
  std::string field_;
  std::string command_;  // that is asked for, or empty
  bool output_is_terminal_;
  bool colour_;
  bool live_;
  Exit failure_;         // the status where standard output cannot be written
  bool broken_ = false;  // that has happened
  std::map<uds::RequestId, std::string> lines_;  // what each stream said last
  std::size_t shown_ = 0;                        // how many of them stand on the screen
  bool array_begun_ = false;
  std::set<uds::RequestId> field_seen_;  // in flight, and their responses had it
  bool names_requests_ = false;
};

}  // namespace udsctl
