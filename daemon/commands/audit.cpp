// audit: records of runs, from the file that udsd-exec appends to. Administrators read all, others
// those of their own runs.
//
// The file is read on another thread, line by line; only the newest records that fit the question
// are kept.
#include <cerrno>
#include <charconv>
#include <cstdint>
#include <cstdio>
#include <deque>
#include <fstream>
#include <optional>
#include <stop_token>
#include <string>
#include <system_error>
#include <utility>

#include "commands/commands.hpp"
#include "uds/asio.hpp"
#include "uds/error.hpp"
#include "uds/result.hpp"

namespace udsd {
namespace {

using uds::Json;

constexpr std::int64_t kMostRecords = 10'000;
// Of the text of all records that are kept.
constexpr std::size_t kMostBytes = std::size_t{4} << 20;

struct Question {
  std::string path;
  std::optional<uid_t> own;  ///< only of this caller
  std::int64_t since_ms = 0;
  std::string user;          ///< a name or a number
  std::optional<uid_t> uid;  ///< that number
  std::string command;
  std::string run;
  std::size_t limit = 0;
};

bool is(const Json& object, const char* name, const std::string& text) {
  if (text.empty()) return true;
  const auto member = object.find(name);
  return member != object.end() && member->is_string() &&
         member->get_ref<const std::string&>() == text;
}

/// The number that `text` is, if it is one.
std::optional<uid_t> uid_number(const std::string& text) {
  uid_t uid = 0;
  const char* const end = text.data() + text.size();
  const auto [read, failure] = std::from_chars(text.data(), end, uid);
  if (failure != std::errc() || read != end) return std::nullopt;
  return uid;
}

bool answers(const Json& record, const Question& question) {
  const auto caller = record.find("caller");
  if (caller == record.end() || !caller->is_object()) return false;
  const auto uid = caller->find("uid");
  if (question.own && (uid == caller->end() || *uid != *question.own)) return false;
  const auto time = record.find("time_ms");
  if (question.since_ms > 0 && (time == record.end() || *time < question.since_ms)) return false;
  const bool by_number = question.uid && uid != caller->end() && *uid == *question.uid;
  return (by_number || is(*caller, "user", question.user)) &&
         is(record, "command", question.command) && is(record, "run", question.run);
}

/// Error: errno. A log that is not there has no records.
uds::Result<std::deque<Json>, int> read_records(const Question& question,
                                                const std::stop_token& stop) {
  std::deque<Json> kept;
  std::deque<std::size_t> sizes;
  std::size_t bytes = 0;
  std::ifstream file(question.path);
  if (!file && errno != ENOENT) return errno;
  for (std::string line; !stop.stop_requested() && std::getline(file, line);) {
    auto record = uds::parse_json(line);
    // A line that a crash cut short is none.
    if (!record || !record->is_object() || !answers(*record, question)) continue;
    kept.push_back(*std::move(record));
    sizes.push_back(line.size());
    bytes += line.size();
    while (kept.size() > question.limit || bytes > kMostBytes) {
      bytes -= sizes.front();
      sizes.pop_front();
      kept.pop_front();
    }
  }
  // A directory can be opened, and not be read.
  if (file.bad()) return errno != 0 ? errno : EIO;
  return kept;
}

}  // namespace

uds::Command describe_audit() {
  uds::Command command("audit");
  command.summary("Read the audit records of runs: administrators all, others their own")
      .streaming();
  command.arg("since_ms", uds::schema::integer().minimum(0).summary(
                              "only records from this time on, in milliseconds since 1970"));
  command.arg("user", uds::schema::string().summary("only of this caller, a name or a number"));
  command.arg("command", uds::schema::string().summary("only of this command"));
  command.arg("run", uds::schema::string().summary("only of this run"));
  command.arg("limit", uds::schema::integer()
                           .minimum(1)
                           .maximum(kMostRecords)
                           .fallback(1'000)
                           .summary("how many at most; the newest"));
  return command;
}

uds::Task<uds::Response> audit(Control& control, uds::Call& call) {
  const Json& args = call.args();
  Question question;
  question.path = control.runs().store().audit_path();
  if (uds::is_nobody(call.peer().uid))
    co_return uds::Response::error(uds::Code::PermissionDenied, "nobody in particular has no runs");
  if (!call.admin()) question.own = call.peer().uid;
  question.since_ms = args.value("since_ms", std::int64_t{0});
  question.user = args.value("user", std::string());
  question.uid = uid_number(question.user);
  question.command = args.value("command", std::string());
  question.run = args.value("run", std::string());
  question.limit = args.at("limit").get<std::size_t>();
  auto work = [question](std::stop_token stop) { return read_records(question, stop); };
  const auto records = co_await uds::blocking(std::move(work));
  if (!records)
    co_return uds::Response::error(
        uds::Code::Internal,
        uds::Error::from_errno("the audit log cannot be read", records.error()).message());
  for (const Json& record : *records) {
    const uds::Response line = uds::Response::processing("record", record);
    co_await call.processing(line);
  }
  Json data = Json::object();
  data["records"] = records->size();
  co_return uds::Response::ok("all records", std::move(data));
}

}  // namespace udsd
