// Bodies of server_core.hpp.
#include "server_core.hpp"

#include <sys/random.h>
#include <sys/socket.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <system_error>
#include <thread>
#include <utility>

#include "peer_credentials.hpp"
#include "session.hpp"
#include "write_queue.hpp"

namespace uds::detail {

namespace {

constexpr std::chrono::minutes kLogPeriod{1};
constexpr std::chrono::milliseconds kRetry{10};

/// A random UUID (RFC 9562, version 4).
std::string make_instance() {
  std::array<unsigned char, 16> bytes{};
  if (::getentropy(bytes.data(), bytes.size()) != 0)
    throw std::system_error(errno, std::generic_category(), "cannot get random bytes");
  bytes[6] = static_cast<unsigned char>((bytes[6] & 0x0f) | 0x40);
  bytes[8] = static_cast<unsigned char>((bytes[8] & 0x3f) | 0x80);
  std::string out;
  for (std::size_t i = 0; i < bytes.size(); ++i) {
    if (i == 4 || i == 6 || i == 8 || i == 10) out += '-';
    out += "0123456789abcdef"[bytes[i] >> 4];
    out += "0123456789abcdef"[bytes[i] & 0x0f];
  }
  return out;
}

}  // namespace

ServerCore::ServerCore(boost::asio::any_io_executor executor, Limits server_limits, Log server_log)
    : limits(server_limits),
      log(std::move(server_log)),
      instance(make_instance()),
      started(std::chrono::system_clock::now()),
      executor_(std::move(executor)),
      timer_(executor_) {}

ServerCore::~ServerCore() = default;

void ServerCore::welcome(Fd descriptor) {
  Result<Peer> peer = peer_credentials(descriptor.get());
  if (!peer) {
    log_limited(LogLimiter::kNobody, "credentials",
                LogRecord(LogLevel::Warn, "connection dropped: " + peer.error().message()));
    return;
  }
  if (const std::string_view limit = reached_limit(*peer); !limit.empty()) {
    refuse(descriptor, limit);
    log_limited(peer->uid, limit,
                LogRecord(LogLevel::Info, "connection refused: limit reached")
                    .field("limit", std::string(limit))
                    .field("uid", std::to_string(peer->uid)));
    notify({.kind = Event::Kind::ConnectionRefused, .peer = *peer, .reason = limit});
    return;
  }
  tick();
  const auto known = users_.find(peer->uid);
  const auto user = known != users_.end() ? known->second : std::make_shared<Usage>();
  const auto session =
      std::make_shared<Session>(shared_from_this(), std::move(descriptor), *std::move(peer), user);
  sessions_.emplace(session.get(), session);
  try {
    users_.try_emplace(session->peer().uid, user);
  } catch (const std::bad_alloc&) {
    sessions_.erase(session.get());
    throw;
  }
  ++user->connections;
  ++usage.connections;
  statistics.add_connection();
  notify({.kind = Event::Kind::ConnectionOpened,
          .peer = session->peer(),
          .connection = session->number()});
  session->start();
}

void ServerCore::log_broken(const char* what) noexcept {
  try {
    log.write(LogRecord(LogLevel::Error, what));
  } catch (const std::exception&) {
    return;  // no memory even to say so
  }
}

std::string_view ServerCore::reached_limit(const Peer& peer) const {
  if (sessions_.size() >= limits.connections) return "connections";
  if (peer.uid != 0 && usage_of(peer.uid).connections >= limits.connections_per_uid)
    return "connections_per_uid";
  return {};
}

Usage ServerCore::usage_of(uid_t uid) const noexcept {
  const auto user = users_.find(uid);
  return user == users_.end() ? Usage() : *user->second;
}

void ServerCore::tick() {
  if (ticking_) return;
  const auto due = DeadlineQueue::Clock::now() + std::chrono::seconds(1);
  at(due, [this, due] {
    ticking_ = false;
    statistics.note_loop_lag(
        std::chrono::duration_cast<std::chrono::microseconds>(DeadlineQueue::Clock::now() - due));
    for (const auto& [address, weak] : sessions_)
      if (const auto session = weak.lock()) session->sweep();
    if (!sessions_.empty()) tick();
  });
  ticking_ = true;
}

[[gnu::hot]] void ServerCore::notify(const Event& event) noexcept {
  try {
    if (observer) observer(event);
  } catch (const std::exception&) {
    log_broken("an observer ended by an exception");
  }
}

void ServerCore::log_limited(uid_t uid, std::string_view kind, const LogRecord& record) {
  if (!log.enabled(record.level)) return;
  if (log_limiter_.admit(uid, kind)) log.write(record);
  arm_log_period();
}

void ServerCore::arm_log_period() {
  if (limiter_armed_) return;
  at(DeadlineQueue::Clock::now() + kLogPeriod, [this] { write_held_back(); });
  limiter_armed_ = true;
}

void ServerCore::write_held_back() {
  limiter_armed_ = false;
  for (const auto& [uid, kind, count] : log_limiter_.end_period()) {
    LogRecord record(LogLevel::Info, "more of the same in the last minute");
    record.field("kind", kind).field("count", std::to_string(count));
    if (uid != LogLimiter::kNobody) record.field("uid", std::to_string(uid));
    log.write(record);
  }
  if (!log_limiter_.empty() && !draining_) arm_log_period();
}

void ServerCore::refuse(const Fd& descriptor, std::string_view limit) {
  statistics.add_refused(limit);
  Json details = Json::object();
  details["limit"] = limit;
  const Response busy =
      Response::error(Code::Busy, "too many connections; try again later", std::move(details));
  WriteQueue answer(0);
  answer.append(busy, Framing::Undecided);
  const std::string_view bytes = answer.pending();
  // A fresh socket's buffer takes it whole; a peer that is gone already misses nothing.
  static_cast<void>(
      ::send(descriptor.get(), bytes.data(), bytes.size(), MSG_DONTWAIT | MSG_NOSIGNAL));
}

void ServerCore::leave(const Session& session) {
  if (sessions_.erase(&session) == 0) return;  // it broke as it left
  --usage.connections;
  const auto user = users_.find(session.peer().uid);
  if (--user->second->connections == 0) users_.erase(user);
  notify({.kind = Event::Kind::ConnectionClosed,
          .peer = session.peer(),
          .connection = session.number(),
          .reason = session.end_reason()});
  report_if_drained();
}

std::vector<std::shared_ptr<Session>> ServerCore::everyone() const {
  std::vector<std::shared_ptr<Session>> out;
  for (const auto& [address, session] : sessions_)
    if (auto alive = session.lock()) out.push_back(std::move(alive));
  return out;
}

std::vector<ConnectionInfo> ServerCore::list_connections() const {
  std::vector<ConnectionInfo> out;
  for (const auto& session : everyone()) out.push_back(session->info());
  std::ranges::sort(out, {}, &ConnectionInfo::number);
  return out;
}

bool ServerCore::cancel(std::uint64_t number, const RequestId& id) const {
  for (const auto& session : everyone())
    if (session->number() == number) return session->cancel_request(id);
  return false;
}

void ServerCore::drain(std::function<void()> drained) {
  drained_ = std::move(drained);
  if (!std::exchange(draining_, true)) {
    drain_limit_ = at(DeadlineQueue::Clock::now() + limits.drain, [this] { stop(); });
    for (const auto& session : everyone()) session->drain();
  }
  report_if_drained();
}

void ServerCore::close() {
  closed_ = true;
  stop();
}

void ServerCore::stop() {
  draining_ = true;
  for (const auto& session : everyone()) session->stop();
  report_if_drained();
}

void ServerCore::report_if_drained() {
  if (!draining_ || !sessions_.empty()) return;
  try {
    write_held_back();
  } catch (const std::exception&) {
    log_broken("the log's counts were lost");
  }
  forget(drain_limit_);
  timer_.cancel();
  armed_.reset();
  if (drained_) std::exchange(drained_, nullptr)();
}

DeadlineQueue::Token ServerCore::at(DeadlineQueue::Clock::time_point when,
                                    std::function<void()> fire) {
  const auto token = deadlines_.add(when, std::move(fire));
  arm();
  return token;
}

std::string ServerCore::next_incident() {
  return instance.substr(0, 8) + "-" + std::to_string(++incidents_);
}

void ServerCore::arm() {
  const auto next = deadlines_.next();
  if (!next || (armed_ && *armed_ <= *next))
    return;  // an early timer finds nothing due and arms itself again
  // Deadlines that never fire would be worse than a thread that waits for memory.
  while (!start_timer(*next)) std::this_thread::sleep_for(kRetry);
  armed_ = next;
}

bool ServerCore::start_timer(DeadlineQueue::Clock::time_point at) {
  try {
    timer_.expires_at(at);
    timer_.async_wait([weak = weak_from_this()](const boost::system::error_code& error) {
      const auto core = weak.lock();
      if (error || !core) return;
      core->armed_.reset();
      core->expire();
      core->arm();
    });
    return true;
  } catch (const std::bad_alloc&) {
    return false;
  }
}

/// Fires what is due; an exception costs what it happened in, not the deadlines behind it.
void ServerCore::expire() {
  const auto now = DeadlineQueue::Clock::now();
  for (bool again = true; again;) {
    try {
      deadlines_.expire(now);
      again = false;
    } catch (const std::exception&) {
      log_broken("a deadline ended by an exception");
    }
  }
}

}  // namespace uds::detail
