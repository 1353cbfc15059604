// Bodies of live_run.hpp.
#include "runs/live_run.hpp"

#include <csignal>
#include <utility>
#include <variant>

namespace udsd {

namespace asio = boost::asio;
using exec_messages::Cancel;

namespace {

constexpr std::chrono::seconds kLongestLook{1};

}  // namespace

LiveRun::LiveRun(const asio::any_io_executor& executor, const RunStore& store, Traits traits,
                 std::function<void(LiveRun&)> changed)
    : executor_(executor),
      store_(store),
      traits_(std::move(traits)),
      on_change_(std::move(changed)),
      changes_(executor),
      grace_(executor),
      look_(executor) {}

bool LiveRun::start(uds::Fd socket, const exec_messages::Start& start,
                    const uds::Descriptors& descriptors) {
  channel_ = std::make_unique<ExecChannel>(executor_, std::move(socket));
  if (!channel_->send(start, descriptors)) return false;
  listen();
  return true;
}

void LiveRun::adopt(std::string run, uds::Fd socket) {
  name_ = std::move(run);
  state_ = State::Running;
  channel_ = std::make_unique<ExecChannel>(executor_, std::move(socket));
  listen();
}

void LiveRun::listen() {
  channel_->listen([weak = weak_from_this()](std::optional<exec_messages::Message> message) {
    if (const auto self = weak.lock()) self->receive(std::move(message));
  });
}

void LiveRun::receive(std::optional<exec_messages::Message> message) {
  using namespace exec_messages;
  if (!message) {
    channel_.reset();
    if (over()) return;
    if (!name_.empty()) return look_for_result();
    refusal_ = {"internal", "udsd-exec ended before it had accepted the run; its log says why", ""};
    return become(State::Refused);
  }
  if (auto* accepted = std::get_if<Accepted>(&*message)) {
    name_ = std::move(accepted->run);
    become(traits_.queued ? State::Queued : State::Starting);
  } else if (auto* refused = std::get_if<Refused>(&*message)) {
    refusal_ = std::move(*refused);
    become(State::Refused);
  } else if (std::holds_alternative<Started>(*message)) {
    become(State::Running);
  } else if (std::holds_alternative<Ended>(*message)) {
    become(State::Ended);
  } else {
    changes_.notify();
  }
}

/// Whoever watched the run is gone without a word. What is left of it ends, and then there is a
/// result, or its lock is free.
void LiveRun::look_for_result() {
  if (over()) return;
  if (store_.result(name_) || !store_.watched(name_)) return become(State::Ended);
  look_.expires_after(look_again_);
  look_again_ = std::min<std::chrono::milliseconds>(2 * look_again_, kLongestLook);
  look_.async_wait([weak = weak_from_this()](const boost::system::error_code& error) {
    if (const auto self = weak.lock(); self && !error) self->look_for_result();
  });
}

void LiveRun::become(State state) {
  if (over()) return;
  state_ = state;
  if (over()) {
    position_ = 0;
    grace_.cancel();
  }
  changes_.notify();
  on_change_(*this);
}

void LiveRun::set_position(std::size_t position) {
  if (position == std::exchange(position_, position)) return;
  changes_.notify();
}

void LiveRun::begin_turn() {
  traits_.queued = false;
  position_ = 0;
  if (channel_) channel_->send(exec_messages::Go());
  if (state_ == State::Queued) state_ = State::Starting;
  changes_.notify();
}

bool LiveRun::cancel(Cancel::Reason reason, int signal, uid_t by) {
  return channel_ && !over() && channel_->send(Cancel{reason, signal, by});
}

void LiveRun::hold() {
  ++holders_;
  grace_.cancel();
}

void LiveRun::release(bool abandoned) {
  if (--holders_ == 0 && abandoned) expect_holder(traits_.disconnect_grace);
}

void LiveRun::expect_holder(std::chrono::milliseconds within) {
  if (over() || traits_.detached || !traits_.kill_on_disconnect || !mind_disconnect_) return;
  if (holders_ > 0) return;
  if (within.count() == 0) {
    cancel(Cancel::Reason::Disconnected, SIGTERM, traits_.caller);
    return;
  }
  grace_.expires_after(within);
  grace_.async_wait([weak = weak_from_this()](const boost::system::error_code& error) {
    const auto self = weak.lock();
    if (self && !error && self->holders_ == 0 && !self->traits_.detached)
      self->cancel(Cancel::Reason::Disconnected, SIGTERM, self->traits_.caller);
  });
}

void LiveRun::stop_minding() {
  mind_disconnect_ = false;
  grace_.cancel();
  changes_.notify();
}

}  // namespace udsd
