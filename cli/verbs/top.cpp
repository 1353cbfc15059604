// udsctl top: who is connected and what runs, again and again on a whole screen, or once as text.
//
// Asks on one connection and waits for keys in between. A daemon that goes away is waited for, once
// it has been there; whatever ends this, the terminal is restored.
#include "conversation.hpp"
#include "monitor/names.hpp"
#include "monitor/screen.hpp"
#include "monitor/top_frame.hpp"
#include "output.hpp"
#include "verbs/verbs.hpp"

#include <poll.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <optional>
#include <string>
#include <utility>

namespace udsctl {
namespace {

using Clock = std::chrono::steady_clock;

constexpr std::chrono::milliseconds kRefresh{1'000};
/// For one answer: a daemon that hangs must not keep the keys from working.
constexpr std::chrono::milliseconds kPatience{5'000};

constexpr std::string_view kKeys =
    "q quit, s sort, up/down select, c cancel its oldest request, p or space pause";

/// Why there is no OK: the sentence, and the status if that is to end everything.
struct Failure {
  std::string sentence;
  Exit status;
  bool answered;  // by an ERROR
};

class Top {
 public:
  explicit Top(const Options& options)
      : options_(with_timeout(options)),
        interval_(options.interval.value_or(kRefresh)),
        conversation_(options_),
        names_{[this](std::uint64_t uid) { return host_names_.user(uid); }, HostNames::process} {}

  Exit print_once() {
    if (const Exit status = begin(); status != Exit::Ok) return status;
    if (conversation_.rest(interval_) == Exit::Interrupted) return Exit::Interrupted;
    if (const auto failure = take_sample()) return give_up(*failure);
    return print(compose_text(frame_, names_));
  }

  Exit run() {
    // Before a terminal is taken over: what is wrong at first is told as everywhere else.
    if (const Exit status = begin(); status != Exit::Ok) return status;
    auto screen = Screen::open();
    if (!screen) return fail(Exit::Usage, screen.error());
    const Exit status = follow(**screen);
    screen->reset();
    if (fatal_) return give_up(*fatal_);
    return status;
  }

 private:
  static Options with_timeout(Options options) {
    if (!options.timeout) options.timeout = kPatience;
    return options;
  }

  static Exit give_up(const Failure& failure) {
    if (failure.status == Exit::Interrupted) return failure.status;
    return fail(failure.status, failure.sentence);
  }

  Exit begin() {
    if (const Exit status = conversation_.connect(); status != Exit::Ok) return status;
    const auto failure = take_sample();
    return failure ? give_up(*failure) : Exit::Ok;
  }

  /// The `data` of the OK to `request`.
  uds::Result<uds::Json, Failure> ask(std::string_view request) {
    const auto answer = conversation_.fetch(request);
    if (!answer) {
      connected_ = false;
      return Failure{answer.error().message(), exit_for(answer.error()), false};
    }
    if (answer->status() != uds::Status::Ok)
      return Failure{answer->message(), exit_for(*answer), true};
    return answer->data();
  }

  /// Brings the frame up to date: nothing, or why that failed.
  std::optional<Failure> take_sample() {
    if (!connected_) {
      const auto hello = ask(R"({"cmd":"hello"})");
      if (!hello) return hello.error();
      connected_ = true;
      frame_.identity = read_identity(*hello);
    }
    const auto stats = ask(R"({"cmd":"stats"})");
    if (!stats) return stats.error();
    const auto taken = Clock::now();
    const auto connections = ask(R"({"cmd":"connections"})");
    if (!connections) return connections.error();
    frame_.before = std::exchange(frame_.now, read_sample(*stats, *connections, taken));
    frame_.clock = std::chrono::system_clock::now();
    // From the counters of two daemons no rate follows.
    if (std::exchange(sampled_, frame_.identity.instance) != frame_.identity.instance)
      frame_.before.reset();
    arrange();
    return std::nullopt;
  }

  void arrange() {
    sort_connections(frame_.now.connections, frame_.sorted_by, names_.user);
    frame_.selection.follow(frame_.now.connections);
  }

  Exit follow(Screen& screen) {
    auto next = Clock::now() + interval_;
    for (;;) {
      screen.draw(compose(frame_, names_, screen.size()));
      if (wait(frame_.paused ? std::nullopt : std::optional(next)) == Exit::Interrupted)
        return Exit::Interrupted;
      for (Key key = screen.key(); key != Key::None; key = screen.key()) {
        if (key == Key::Quit && !asked_) return Exit::Ok;
        press(key, screen.size());
      }
      if (!frame_.paused && Clock::now() >= next) {
        refresh();
        next = Clock::now() + interval_;
      }
      if (fatal_) return fatal_->status;
    }
  }

  /// Until a key was pressed, the terminal's size changed, or `limit`.
  Exit wait(std::optional<Clock::time_point> limit) {
    std::array<pollfd, 2> entries{
        pollfd{STDIN_FILENO, POLLIN, 0},
        pollfd{conversation_.connection().interrupt_descriptor(), POLLIN, 0}};
    int timeout = -1;
    if (limit) {
      const auto left = std::chrono::ceil<std::chrono::milliseconds>(*limit - Clock::now());
      timeout = static_cast<int>(std::max(left, std::chrono::milliseconds(0)).count());
    }
    ::poll(entries.data(), entries.size(), timeout);
    // A terminal that hung up has no more keys.
    const bool over = entries[1].revents != 0 || (entries[0].revents & (POLLHUP | POLLERR)) != 0;
    return over ? Exit::Interrupted : Exit::Ok;
  }

  void refresh() {
    const auto failure = take_sample();
    if (failure) {
      judge(*failure);
    } else if (std::exchange(lost_, false)) {
      frame_.status = "the daemon answers again";
    }
  }

  /// Ends everything where trying again would not help, else says what is wrong.
  void judge(const Failure& failure) {
    const bool passing = failure.answered || failure.status == Exit::NoDaemon ||
                         failure.status == Exit::Timeout || failure.status == Exit::NoFinal;
    if (!passing) {
      fatal_ = failure;
      return;
    }
    lost_ = true;
    asked_.reset();  // the question is no longer shown
    frame_.status = "trying again: " + failure.sentence;
  }

  void press(Key key, Size size) {
    if (key == Key::Resize) return;
    frame_.status.clear();
    if (const auto target = std::exchange(asked_, std::nullopt)) {
      frame_.status = key == Key::Yes ? cancel(*target) : "nothing was cancelled";
      return;
    }
    const auto page = static_cast<std::ptrdiff_t>(rows_for_connections(size.rows));
    const auto all = static_cast<std::ptrdiff_t>(frame_.now.connections.size());
    switch (key) {
      case Key::Up:
        return select(-1);
      case Key::Down:
        return select(1);
      case Key::PageUp:
        return select(-page);
      case Key::PageDown:
        return select(page);
      case Key::First:
        return select(-all);
      case Key::Last:
        return select(all);
      case Key::Sort:
        frame_.sorted_by = next_column(frame_.sorted_by);
        return arrange();
      case Key::Pause:
        frame_.paused = !frame_.paused;
        return;
      case Key::Help:
        frame_.status = kKeys;
        return;
      case Key::Cancel:
        return ask_to_cancel();
      default:
        return;
    }
  }

  void select(std::ptrdiff_t steps) { frame_.selection.move(frame_.now.connections, steps); }

  void ask_to_cancel() {
    const auto& connections = frame_.now.connections;
    if (connections.empty()) return;
    const auto target = cancel_target(connections.at(frame_.selection.index()));
    if (target) {
      asked_ = *target;
      frame_.status = "cancel " + describe(*target) + "? y/n";
    } else {
      frame_.status = target.error();
    }
  }

  /// What became of it, as a sentence.
  std::string cancel(const CancelTarget& target) {
    const auto answer = ask(cancel_request(target));
    if (answer) return describe(target) + " was told to end";
    std::string sentence = "not cancelled: " + answer.error().sentence;
    if (!frame_.identity.admin) sentence += " (only administrators cancel from another connection)";
    return sentence;
  }

  const Options options_;
  const std::chrono::milliseconds interval_;
  Conversation conversation_;
  HostNames host_names_;
  const Names names_;
  Frame frame_;
  std::string sampled_;  // the instance that frame_.now is of
  bool connected_ = false;
  bool lost_ = false;                  // the status says so, and is to say when it is over
  std::optional<CancelTarget> asked_;  // waits for y or n
  std::optional<Failure> fatal_;
};

}  // namespace

Exit top(const Options& options) {
  if (!options.arguments.empty()) return takes_no_argument(options);
  if (!options.once && !Screen::possible())
    return fail(Exit::Usage, "top needs a terminal; without one, use top --once");
  Top top(options);
  return options.once ? top.print_once() : top.run();
}

}  // namespace udsctl
