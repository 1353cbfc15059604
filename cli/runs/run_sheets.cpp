// Body of run_sheets.hpp.
#include "runs/run_sheets.hpp"

#include "argument_schema.hpp"
#include "json_members.hpp"
#include "layout.hpp"
#include "monitor/figures.hpp"
#include "runs/run_tables.hpp"
#include "runs/shell_text.hpp"
#include "visible_text.hpp"

#include <algorithm>
#include <array>
#include <cstdint>
#include <ctime>
#include <optional>
#include <string_view>
#include <utility>
#include <vector>

namespace udsctl {
namespace {

using std::chrono::milliseconds;
using uds::Json;

/// Lines of a name and a text; without a text there is no line.
class Sheet {
 public:
  void add(std::string name, std::string text) {
    if (!text.empty()) table_.add({std::move(name), std::move(text)});
  }
  [[nodiscard]] std::string text() const { return table_.text(false); }

 private:
  Table table_{{}};
};

/// "2024-05-06 07:08:09 UTC", and how long ago that was.
std::string time_of(const Json& run, std::string_view name, milliseconds now) {
  const auto at = count_of(run, name);
  if (!at) return {};
  const auto seconds = static_cast<std::time_t>(*at / 1'000);
  std::tm parts{};
  std::array<char, 32> text{};
  if (::gmtime_r(&seconds, &parts) == nullptr) return std::to_string(*at) + " ms";
  std::strftime(text.data(), text.size(), "%Y-%m-%d %H:%M:%S UTC", &parts);
  const auto present = static_cast<std::uint64_t>(now.count());
  return std::string(text.data()) + ", " + show_age(present - std::min(*at, present)) + " ago";
}

std::string word_of(const Json& value) {
  return visible(shell_word(value.is_string() ? value.get<std::string>() : shown(value)));
}

/// Words as a shell would take them.
std::string words_of(const Json* list) {
  std::string line;
  if (list != nullptr && list->is_array())
    for (const Json& word : *list) line += (line.empty() ? "" : " ") + word_of(word);
  return line;
}

/// The arguments of a run as they could be typed.
std::string flags_of(const Json& run) {
  const Json* all = member(run, "args");
  std::string line;
  if (all == nullptr || !all->is_object()) return line;
  const auto add = [&line](const std::string& name, const Json& value) {
    line += (line.empty() ? "--" : " --") + visible(flag_of_property(name)) + "=" + word_of(value);
  };
  for (const auto& [name, value] : all->items()) {
    if (!value.is_array()) add(name, value);
    if (value.is_array())
      for (const Json& item : value) add(name, item);
  }
  return line;
}

/// "ended, exit 3", "running".
std::string state_of(const Json& run) {
  const std::string state = visible_member(run, "state");
  const std::string ending = ending_of(run);
  return ending.empty() || ending == state ? state : state + ", " + ending;
}

std::string reason_of(const Json& run) {
  const std::string stage = visible_member(run, "stage");
  const std::string reason = visible_member(run, "reason");
  return stage.empty() ? reason : "step " + stage + (reason.empty() ? "" : ": " + reason);
}

/// "deploy (uid 1000)", and which process it was.
std::string whole_caller_of(const Json& run) {
  std::string who = caller_of(run);
  const Json* caller = member(run, "caller");
  if (caller == nullptr || !caller->is_object()) return who;
  if (const std::string uid = shown_member(*caller, "uid"); !uid.empty() && uid != who)
    who += " (uid " + uid + ")";
  if (const std::string pid = shown_member(*caller, "pid"); !pid.empty()) who += ", pid " + pid;
  if (const std::string program = visible_member(*caller, "exe"); !program.empty())
    who += ", " + program;
  return who;
}

std::string output_of(const Json& run) {
  const Json* bytes = member(run, "bytes");
  if (bytes == nullptr) return {};
  std::string text;
  for (const auto& [stream, name] :
       {std::pair{"stdout", "standard output"}, std::pair{"stderr", "standard error"}})
    if (const auto count = count_of(*bytes, stream))
      text += (text.empty() ? "" : ", ") + show_bytes(*count) + " of " + name;
  if (const auto dropped = count_of(run, "dropped"); dropped && *dropped > 0)
    text += ", " + show_bytes(*dropped) + " discarded";
  return text;
}

std::string time_limit_of(const Json& object) {
  const Json* limit = member(object, "timeout_ms");
  if (limit == nullptr) return {};
  return limit->is_null() ? "none" : duration_of(object, "timeout_ms");
}

/// What becomes of it when its caller leaves.
std::string when_left(const Json& object) {
  std::string rule = visible_member(object, "on_disconnect");
  const Json* detach = member(object, "detach");
  if (rule == "detach" || (detach != nullptr && *detach == Json(true))) return "it goes on";
  const auto grace = count_of(object, "disconnect_grace_ms");
  if (rule != "kill") return rule;
  return grace && *grace > 0 ? "it is ended after " + show_age(*grace) : "it is ended";
}

/// "root (uid 0, gid 0, groups 0 27)".
std::string account_of(const Json& data) {
  std::string who = shown_member(data, "user");
  std::string ids;
  for (const char* name : {"uid", "gid"})
    if (const std::string id = shown_member(data, name); !id.empty())
      ids += (ids.empty() ? "" : ", ") + std::string(name) + " " + id;
  if (const std::string groups = words_of(member(data, "groups")); !groups.empty())
    ids += (ids.empty() ? "groups " : ", groups ") + groups;
  return ids.empty() ? who : who + " (" + ids + ")";
}

/// "nproc 64, fsize 64.0 MiB".
std::string limits_of(const Json& data) {
  std::string text;
  for (const char* name : {"nproc", "nofile", "fsize", "core", "memory"}) {
    const Json* all = member(data, "limits");
    const auto limit = all == nullptr ? std::nullopt : count_of(*all, name);
    if (!limit) continue;
    const bool is_number = std::string_view(name).starts_with('n');
    text += (text.empty() ? "" : ", ") + std::string(name) + " " +
            (is_number ? std::to_string(*limit) : show_bytes(*limit));
  }
  return text.empty() ? "none" : text;
}

std::string input_of(const Json& data) {
  const std::string input = visible_member(data, "stdin");
  if (input == "none") return "nothing";
  if (input == "caller") return "that of the caller";
  return input.starts_with("arg:") ? "the value of " + input.substr(4) : input;
}

void add_paths(Sheet& sheet, const Json& data) {
  const Json* paths = member(data, "paths");
  if (paths == nullptr || !paths->is_array()) return;
  for (const Json& path : *paths)
    sheet.add("descriptor " + shown_member(path, "descriptor"),
              visible_member(path, "path") + " below " + visible_member(path, "below"));
}

std::string environment_of(const Json& data) {
  const Json* all = member(data, "env");
  if (all == nullptr || !all->is_object()) return {};
  std::string lines = all->empty() ? "environment: empty\n" : "environment:\n";
  for (const auto& [name, value] : all->items())
    lines += "  " + visible(name) + "=" + word_of(value) + "\n";
  return lines;
}

}  // namespace

std::string sheet_of_run(const Json& run, milliseconds now) {
  Sheet sheet;
  sheet.add("run", visible_member(run, "run"));
  sheet.add("command", visible_member(run, "command"));
  sheet.add("arguments", flags_of(run));
  sheet.add("state", state_of(run));
  sheet.add("because", reason_of(run));
  sheet.add("caller", whole_caller_of(run));
  sheet.add("allowed by", visible_member(run, "rule"));
  sheet.add("runs as", visible_member(run, "user"));
  sheet.add("accepted", time_of(run, "accepted_ms", now));
  sheet.add("ended", time_of(run, "ended_ms", now));
  sheet.add("took", duration_of(run, "duration_ms"));
  sheet.add("output", output_of(run));
  sheet.add("time limit", time_limit_of(run));
  if (member(run, "outcome") == nullptr) sheet.add("if left", when_left(run));
  sheet.add("declaration", visible_member(run, "hash"));
  if (const Json* sums = member(run, "sha256"))
    for (const char* stream : {"stdout", "stderr"})
      sheet.add(std::string("SHA-256 of ") + stream, visible_member(*sums, stream));
  return sheet.text();
}

std::string explanation_of(const Json& data) {
  Sheet sheet;
  add_paths(sheet, data);
  sheet.add("user", account_of(data));
  sheet.add("directory", visible_member(data, "cwd"));
  sheet.add("umask", visible_member(data, "umask"));
  sheet.add("standard input", input_of(data));
  sheet.add("limits", limits_of(data));
  sheet.add("time limit", time_limit_of(data));
  if (const std::string grace = duration_of(data, "grace_ms"); !grace.empty())
    sheet.add("to be killed", grace + " after it was asked to end");
  sheet.add("if left", when_left(data));
  sheet.add("allowed by", visible_member(data, "rule"));
  sheet.add("declared at", visible_member(data, "declared_at"));
  return words_of(member(data, "argv")) + "\n" + sheet.text() + environment_of(data);
}

}  // namespace udsctl
