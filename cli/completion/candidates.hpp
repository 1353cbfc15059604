// How a command line of udsctl may go on: what the completion scripts of all shells show.
//
// Pure: words in, candidates out. The daemon is asked through a function. What it says becomes a
// candidate only where no shell could misread it.
#pragma once

#include "uds/json.hpp"
#include "uds/message.hpp"

#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace udsctl {

/// What stands in place of the last word, and what it is.
struct Candidate {
  std::string word;
  std::string description;
};

struct Candidates {
  std::vector<Candidate> words;
  /// File names may stand behind this beginning of the word, and nothing else is offered.
  std::optional<std::string> files_behind;
};

/// The data of the daemon's answer to a request; null where there is no answer. `options`: those of
/// udsctl itself on the line, which say which daemon is meant.
using AskDaemon =
    std::function<uds::Json(const std::vector<std::string>& options, uds::Request request)>;

/// How the last of `words` may go on; it may be empty. `words` are those behind "udsctl", without
/// quotes. Asks at most once.
Candidates candidates(const std::vector<std::string>& words, const AskDaemon& ask);

/// A line for each candidate: the word, a tab, the description. For file names one line: a tab and
/// what they stand behind.
std::string to_lines(const Candidates& found);

}  // namespace udsctl
