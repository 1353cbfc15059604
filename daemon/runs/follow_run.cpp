// Bodies of follow_run.hpp.
#include "runs/follow_run.hpp"

#include <stop_token>
#include <utility>

#include "runs/spool_reader.hpp"
#include "uds/asio.hpp"

namespace udsd {
namespace {

using uds::Json;
using uds::Response;

/// A line that the command wrote to its progress descriptor. One that says nothing of the kind is a
/// message.
Response progress_of(std::string_view line) {
  auto parsed = uds::parse_json(line);
  if (!parsed || !parsed->is_object()) return Response::processing(std::string(line));
  const auto number = [&](const char* name) -> std::optional<std::int64_t> {
    const auto member = parsed->find(name);
    if (member == parsed->end() || !member->is_number_integer()) return std::nullopt;
    return member->get<std::int64_t>();
  };
  const auto text = [&](const char* name) {
    const auto member = parsed->find(name);
    return member != parsed->end() && member->is_string() ? member->get<std::string>()
                                                          : std::string();
  };
  const auto current = number("current");
  if (!current) {
    std::string message = text("message");
    return Response::processing(message.empty() ? std::string(line) : std::move(message));
  }
  return Response::progress(*current, number("total"), text("unit"), text("message"));
}

Response response_of(const SpoolReader::Record& record) {
  using spool::Stream;
  using Output = uds::Output::Stream;
  Json data = Json::object();
  data["event"] = record.number;
  const auto body = [&] {
    switch (record.stream) {
      case Stream::Stdout:
        return Response::output(Output::Stdout, std::string(record.bytes));
      case Stream::Stderr:
        return Response::output(Output::Stderr, std::string(record.bytes));
      case Stream::Progress:
        return progress_of(record.bytes);
      case Stream::Notice:
        break;
    }
    return Response::processing(std::string(record.bytes));
  };
  Response response = body();
  response.with_data(std::move(data));
  return response;
}

Response unreadable(const std::string& name, const std::string& why) {
  Json details = Json::object();
  details["run"] = name;
  details["started"] = "unknown";
  return Response::error(uds::Code::Internal, "the output of the run cannot be read: " + why,
                         std::move(details));
}

}  // namespace

Response response_of_ended(const RunStore& store, const std::string& name) {
  const auto facts = store.facts(name);
  if (!facts) return unreadable(name, "its record is gone");
  const auto result = store.result(name);
  if (!result && store.watched(name)) {
    Json details = Json::object();
    details["run"] = name;
    details["started"] = "unknown";
    return Response::error(uds::Code::Busy,
                           "the run goes on and cannot be reached now; attach to it again",
                           std::move(details))
        .with_retryable(false);
  }
  return final_response(*facts, result ? *result : lost_ending(name));
}

uds::Task<Response> follow_run(uds::Call& call, RunTable& table, std::shared_ptr<LiveRun> run,
                               std::string name, std::uint64_t from) {
  auto file = table.store().output(name);
  if (!file) co_return unreadable(name, file.error().message());
  // Shared with work on another thread, which may outlive this.
  const auto reader = std::make_shared<SpoolReader>(*std::move(file));
  if (from > 1) {
    auto skip = [reader, from](std::stop_token stop) { reader->skip_to(from, stop); };
    co_await uds::blocking(std::move(skip));
  }
  for (;;) {
    const std::uint64_t seen = run ? run->changes().count() : 0;
    // Asked before the file is read: what was written before the end is then read, too.
    const bool over = !run || run->over();
    SpoolReader::State state = reader->next();
    while (state != SpoolReader::State::End) {
      if (state == SpoolReader::State::Damaged) co_return unreadable(name, "the file is damaged");
      if (state == SpoolReader::State::Record && reader->record().number < from) {
        // Asked for a later one than there was.
      } else if (state == SpoolReader::State::Record) {
        // It is queued by now: whoever is slow to read it does not hold it twice.
        uds::Task<void> queued = call.processing(response_of(reader->record()));
        co_await std::move(queued);
        if (table.closed() && !over) co_return stopping_response(name);
      } else {
        auto fill = [reader](std::stop_token) { reader->fill(); };
        co_await uds::blocking(std::move(fill));
      }
      state = reader->next();
    }
    if (over) co_return response_of_ended(table.store(), name);
    if (table.closed()) co_return stopping_response(name);
    co_await run->changes().wait(seen);
  }
}

}  // namespace udsd
