// Bodies of event_hub.hpp.
#include "event_hub.hpp"

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <chrono>
#include <utility>

namespace udsd {

namespace {

namespace asio = boost::asio;
constexpr auto kTuple = asio::as_tuple(asio::use_awaitable);

uds::Response make_event(std::string_view kind, std::string text, uds::Json details) {
  using namespace std::chrono;
  const auto now = duration_cast<milliseconds>(system_clock::now().time_since_epoch());
  uds::Json data = uds::Json::object();
  data["event"] = kind;
  data["time_ms"] = now.count();
  data.update(details);
  return uds::Response::processing(std::move(text), std::move(data));
}

std::string_view action(uds::Event::Kind kind) {
  using Kind = uds::Event::Kind;
  switch (kind) {
    case Kind::ConnectionOpened:
      return "opened";
    case Kind::ConnectionRefused:
      return "refused";
    case Kind::ConnectionClosed:
      return "closed";
    case Kind::RequestStarted:
      return "started";
    case Kind::RequestFinished:
      break;
  }
  return "finished";
}

uds::Json describe(const uds::Event& event) {
  using Kind = uds::Event::Kind;
  uds::Json out = uds::Json::object();
  out["action"] = action(event.kind);
  if (event.connection != 0) out["connection"] = event.connection;
  out["uid"] = event.peer.uid;
  out["pid"] = event.peer.pid;
  if (event.id != nullptr) {
    out["id"] = event.id->to_json();
    out["cmd"] = event.command;
  }
  if (event.kind == Kind::RequestFinished) {
    out["code"] = event.reason;
    out["us"] = event.took.count();
  } else if (event.kind == Kind::ConnectionRefused) {
    out["limit"] = event.reason;
  } else if (!event.reason.empty()) {
    out["reason"] = event.reason;
  }
  return out;
}

}  // namespace

EventQueue::EventQueue(const asio::any_io_executor& executor)
    : wake_(executor, asio::steady_timer::time_point::max()) {}

uds::Task<std::optional<uds::Response>> EventQueue::next() {
  while (events_.empty() && missed_ == 0 && !closed_) co_await wake_.async_wait(kTuple);
  std::optional<uds::Response> out;
  if (!events_.empty()) {
    out = std::move(events_.front());
    events_.pop_front();
  } else if (missed_ > 0) {
    uds::Json details = uds::Json::object();
    details["missed"] = std::exchange(missed_, 0);
    out = make_event("lagged", "events were missed; read faster", std::move(details));
  }
  co_return out;
}

void EventQueue::push(const uds::Response& event) {
  // Once something is missed nothing is kept until the gap was told: the order stays true.
  if (missed_ > 0 || events_.size() == kMost)
    ++missed_;
  else
    events_.push_back(event);
  wake_.cancel();
}

void EventQueue::close() {
  closed_ = true;
  wake_.cancel();
}

std::shared_ptr<EventQueue> EventHub::subscribe() {
  auto queue = std::make_shared<EventQueue>(executor_);
  if (closed_) queue->close();
  queues_.push_back(queue);
  return queue;
}

[[gnu::hot]] bool EventHub::watched() {
  std::erase_if(queues_, [](const auto& queue) { return queue.expired(); });
  return !queues_.empty();
}

void EventHub::publish(const uds::Event& event) {
  if (!watched()) return;
  const std::string kind = event.id == nullptr ? "connection" : "request";
  publish(kind, kind + " " + std::string(action(event.kind)), describe(event));
}

void EventHub::publish(std::string_view kind, std::string text, uds::Json details) {
  if (!watched()) return;
  const uds::Response event = make_event(kind, std::move(text), std::move(details));
  for (const auto& weak : queues_)
    if (const auto queue = weak.lock()) queue->push(event);
}

void EventHub::close() {
  closed_ = true;
  for (const auto& weak : queues_)
    if (const auto queue = weak.lock()) queue->close();
}

}  // namespace udsd
