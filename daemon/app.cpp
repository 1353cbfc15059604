// The life of udsd after its settings are known: serve, reload on SIGHUP, drain on SIGTERM or
// SIGINT, stop on the second.
#include "app.hpp"

#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <boost/asio/post.hpp>
#include <chrono>
#include <csignal>
#include <utility>

#include "commands/command_names.hpp"
#include "commands/commands.hpp"
#include "declaration_rules.hpp"
#include "file_mode.hpp"
#include "load_settings.hpp"
#include "log.hpp"
#include "memory_reserve.hpp"
#include "uds/version.hpp"

namespace udsd {
namespace {

// Descriptors that are no connections: log, event loop, signals, configuration, and some reserve.
constexpr std::size_t kReservedDescriptors = 32;
// How long the last answers may take to reach the kernel after a second signal.
constexpr std::chrono::seconds kLastCall{1};
constexpr std::chrono::seconds kStatusPeriod{1};

uds::Limits within_descriptors(uds::Limits limits, std::size_t descriptors) {
  const std::size_t available = descriptors > 2 * kReservedDescriptors
                                    ? descriptors - kReservedDescriptors
                                    : std::max<std::size_t>(descriptors / 2, 1);
  limits.connections = std::min(limits.connections, available);
  return limits;
}

/// How a udsd-exec that udsd starts itself is told what udsd was told.
LauncherSettings launcher_settings(const LoadedSettings& loaded, const Options& options) {
  LauncherSettings launcher;
  launcher.socket = loaded.settings.exec_socket;
  launcher.arguments = {"--state-dir", loaded.settings.state_dir};
  if (!declaration_rules(loaded.settings, options.user).system)
    launcher.arguments.emplace_back("--private");
  if (loaded.file) launcher.arguments.insert(launcher.arguments.end(), {"--config", *loaded.file});
  for (const std::string& directory : loaded.settings.commands_dirs)
    launcher.arguments.insert(launcher.arguments.end(), {"--commands-dir", directory});
  return launcher;
}

void publish_run(EventHub& events, const LiveRun& run) {
  if (run.name().empty()) return;
  uds::Json details = uds::Json::object();
  details["run"] = run.name();
  details["command"] = run.traits().command;
  details["uid"] = run.traits().caller;
  const char* what = run.over() ? "ended" : run.waiting() ? "queued" : "running";
  details["state"] = what;
  events.publish("run", std::string("run ") + what, std::move(details));
}

bool same_socket(const SocketSettings& left, const SocketSettings& right) {
  return left.path == right.path && left.mode == right.mode && left.owner == right.owner &&
         left.group == right.group && left.backlog == right.backlog;
}

void block_signals() {
  sigset_t signals;
  ::sigemptyset(&signals);
  for (const int number : {SIGTERM, SIGINT, SIGHUP}) ::sigaddset(&signals, number);
  ::pthread_sigmask(SIG_BLOCK, &signals, nullptr);
}

}  // namespace

App::App(Options options, const LoadedSettings& loaded, std::vector<Declaration> declarations,
         Notifier notifier, std::size_t descriptors)
    : io_(1),
      options_(std::move(options)),
      settings_(loaded.settings),
      notifier_(std::move(notifier)),
      descriptors_(descriptors),
      events_(io_.get_executor()),
      server_(io_.get_executor()),
      commands_(server_.commands()),
      runs_(io_.get_executor(), loaded.settings.state_dir, launcher_settings(loaded, options_)),
      catalog_(commands_, runs_),
      signals_(io_, SIGTERM, SIGINT, SIGHUP),
      last_call_(io_),
      watchdog_(io_),
      status_timer_(io_) {
  server_.identify("udsd", uds::kVersion);
  server_.refuse_while(low_on_memory);
  server_.observe(
      [this](const uds::Event& event) {
        events_.publish(event);
        if (notifier_.listens()) renew_status();
      },
      [this] { return events_.watched(); });
  register_commands(server_.commands(), *this);
  for (const std::string_view name : kCommandNames)
    if (const auto* entry = server_.commands().find(name))
      own_rules_.emplace(name, entry->command.access());
  runs_.observe([this](const LiveRun& run) { publish_run(events_, run); });
  catalog_.replace(std::move(declarations), declaration_rules(loaded.settings, options_.user));
  apply(loaded.settings);
}

/// The runs of an udsd before this one.
void App::find_runs() {
  if (const std::size_t found = runs_.recover(); found > 0)
    log_.write(uds::LogRecord(uds::LogLevel::Info, "found runs that go on")
                   .field("runs", std::to_string(found)));
}

ExitCode App::run(uds::ListeningSocket socket) {
  path_ = socket.path();
  const bool adopted = socket.adopted();
  await_signal();
  find_runs();
  server_.serve(std::move(socket));
  report_start(adopted);
  if (!notifier_.ready(status()))
    log_.write(
        {uds::LogLevel::Warn, "the service manager did not take the message that udsd is ready"});
  feed_watchdog();
  run_loop();
  log_.write({uds::LogLevel::Info, "stopped"});
  // The end is not to be cut short: without its signal set, one more signal would kill.
  block_signals();
  return ExitCode::Ok;
}

/// An exception that reaches the loop, such as a lack of memory, ends what it happened in and
/// nothing else.
void App::run_loop() {
  for (;;) {
    try {
      io_.run();
      return;
    } catch (const std::exception& error) {
      log_.write(uds::LogRecord(uds::LogLevel::Error, "an exception reached the event loop")
                     .field("what", error.what()));
    }
  }
}

void App::report_start(bool adopted) {
  struct stat file{};
  const bool known = ::stat(path_.c_str(), &file) == 0;
  uds::LogRecord record(uds::LogLevel::Info, "serving");
  record.field("socket", path_)
      .field("mode", known ? format_mode(file.st_mode & 07777) : "unknown")
      .field("daemon_pid", std::to_string(::getpid()))
      .field("version", uds::kVersion)
      .field("socket_from", adopted ? "systemd" : "udsd");
  log_.write(record);
}

void App::await_signal() {
  signals_.async_wait([this](const boost::system::error_code& failure, int number) {
    if (failure) return;
    await_signal();
    on_signal(number);
  });
}

void App::on_signal(int number) {
  if (number == SIGHUP) {
    if (!draining_) reload();
  } else if (draining_) {
    stop_now();
  } else {
    drain(number == SIGTERM ? "SIGTERM" : "SIGINT");
  }
}

void App::drain(std::string_view cause) {
  draining_ = true;
  log_.write(uds::LogRecord(uds::LogLevel::Info, "draining; a second signal stops at once")
                 .field("cause", std::string(cause))
                 .field("connections", std::to_string(server_.connections()))
                 .field("requests", std::to_string(server_.requests_in_flight())));
  notifier_.stopping("draining");
  uds::Json details = uds::Json::object();
  details["cause"] = cause;
  events_.publish("drain", "draining", std::move(details));
  events_.close();
  runs_.close();
  server_.drain([this] { io_.stop(); });
}

void App::stop_now() {
  draining_ = true;
  notifier_.stopping("stopping");
  log_.write({uds::LogLevel::Info, "stopping at once"});
  runs_.close();
  server_.drain([this] { io_.stop(); });
  server_.stop();
  last_call_.expires_after(kLastCall);
  last_call_.async_wait([this](const boost::system::error_code&) { io_.stop(); });
}

ConfigErrors App::reload() {
  notifier_.reloading();
  auto loaded = load_settings(options_);
  auto declarations = loaded ? load_declared(*loaded, options_) : loaded.error();
  const ConfigErrors errors = declarations ? ConfigErrors() : declarations.error();
  if (errors.empty()) {
    const bool other_socket = !same_socket(settings_.socket, loaded->settings.socket);
    apply(loaded->settings);
    runs_.set_launcher(launcher_settings(*loaded, options_));
    if (loaded->settings.state_dir != runs_.store().directory())
      log_.write(
          {uds::LogLevel::Warn, "a change of state_dir takes effect when udsd is started again"});
    catalog_.replace(*std::move(declarations), declaration_rules(loaded->settings, options_.user));
    log_.write({uds::LogLevel::Info, "configuration reloaded"});
    if (other_socket)
      log_.write(
          {uds::LogLevel::Warn, "changes in [socket] take effect when udsd is started again"});
  } else {
    for (const std::string& error : errors) log_.write({uds::LogLevel::Error, error});
    log_.write({uds::LogLevel::Error,
                "the configuration was not changed; correct the file and reload again"});
  }
  uds::Json outcome = uds::Json::object();
  outcome["ok"] = errors.empty();
  events_.publish("reload", errors.empty() ? "configuration reloaded" : "configuration refused",
                  std::move(outcome));
  if (!notifier_.ready(errors.empty() ? "configuration reloaded"
                                      : "configuration refused, the old one stays"))
    log_.write({uds::LogLevel::Warn,
                "the service manager did not take the message that the reload is done"});
  renew_status();
  return errors;
}

void App::set_log_level(uds::LogLevel level) {
  log_.set_level(level);
  server_.set_log(log_);
}

void App::shut_down(bool now) {
  const auto end = [this, now] {
    if (now)
      stop_now();
    else if (!draining_)
      drain("shutdown");
  };
  boost::asio::post(io_, end);
}

/// From the event loop only: a loop that hangs must be noticed.
void App::feed_watchdog() {
  const auto interval = notifier_.watchdog_interval();
  if (!interval) return;
  notifier_.alive();
  watchdog_.expires_after(*interval / 2);
  watchdog_.async_wait([this](const boost::system::error_code& error) {
    if (!error) feed_watchdog();
  });
}

std::string App::status() const {
  return "serving " + path_ + "; connections: " + std::to_string(server_.connections()) +
         ", requests in flight: " + std::to_string(server_.requests_in_flight());
}

/// At most once in kStatusPeriod, however much happens.
void App::renew_status() {
  if (status_due_ || draining_) return;
  status_timer_.expires_after(kStatusPeriod);
  status_timer_.async_wait([this](const boost::system::error_code& error) {
    if (error) return;
    status_due_ = false;
    if (!draining_) notifier_.status(status());
  });
  status_due_ = true;
}

void App::apply(const Settings& settings) {
  log_ = make_log(settings.log);
  server_.set_log(log_);
  const uds::Limits limits = within_descriptors(settings.limits, descriptors_);
  if (limits.connections < settings.limits.connections)
    log_.write(uds::LogRecord(uds::LogLevel::Info,
                              "fewer connections than configured: RLIMIT_NOFILE is lower")
                   .field("connections", std::to_string(limits.connections)));
  server_.set_limits(limits);
  server_.commands().set_admins(settings.admins);
  for (const auto& [name, rule] : own_rules_) {
    const auto configured = settings.access.find(name);
    server_.commands().set_access(name,
                                  configured == settings.access.end() ? rule : configured->second);
  }
  settings_.log = settings.log;
}

}  // namespace udsd
