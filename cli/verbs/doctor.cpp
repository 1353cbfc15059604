// udsctl doctor: prints what was found between the caller and an answer, as text or as lines.
//
// The exit status is that of ping over the same way: what doctor finds is why ping fails.
#include "doctor/diagnosis.hpp"
#include "doctor/socket_facts.hpp"
#include "output.hpp"
#include "render.hpp"
#include "socket_choice.hpp"
#include "style.hpp"
#include "verbs/verbs.hpp"
#include "visible_text.hpp"

#include <unistd.h>

#include <chrono>
#include <string>
#include <utility>
#include <vector>

namespace udsctl {
namespace {

constexpr std::chrono::seconds kTimeout{2};

Exit show(const std::vector<Finding>& findings, bool lines) {
  std::string text;
  for (const Finding& finding : findings)
    text += lines ? to_json_line(finding) : to_text(finding, wants_colour(STDOUT_FILENO));
  return print(text);
}

}  // namespace

Exit doctor(const Options& options) {
  if (!options.arguments.empty()) return takes_no_argument(options);
  const bool lines = !shows_for_people(options);
  const std::string source = source_of_socket(options);
  const auto path = choose_socket(options);
  if (!path) {
    const Finding unknown{"choice", State::Failed, source + ", but XDG_RUNTIME_DIR is not set",
                          "log in to a session, or give --socket PATH"};
    const Exit shown = show({unknown}, lines);
    return shown == Exit::Ok ? exit_for(path.error()) : shown;
  }
  const Facts facts = gather(*path, options, options.timeout.value_or(kTimeout));
  std::vector<Finding> findings{{"choice", State::Ok, visible(*path) + ": " + source, {}}};
  for (Finding& finding : diagnose(facts)) findings.push_back(std::move(finding));
  if (const Exit shown = show(findings, lines); shown != Exit::Ok) return shown;
  return facts.ping ? exit_for(*facts.ping) : exit_for(facts.ping.error());
}

}  // namespace udsctl
