// udsd as one object: event loop, server, signals, log. Owns everything and destroys it in order.
//
// One thread. The server and what hangs on it are declared after the event loop they run on, so
// they go first.
#pragma once

#include <boost/asio/io_context.hpp>
#include <boost/asio/signal_set.hpp>
#include <boost/asio/steady_timer.hpp>
#include <cstddef>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "commands/control.hpp"
#include "exit_code.hpp"
#include "load_settings.hpp"
#include "options.hpp"
#include "runs/catalog.hpp"
#include "runs/run_table.hpp"
#include "settings.hpp"
#include "systemd.hpp"
#include "uds/log.hpp"
#include "uds/server.hpp"
#include "uds/socket_builder.hpp"

namespace udsd {

class App final : private Control {
 public:
  /// `options` are read again at every reload. `descriptors`: how many the process may open.
  /// `declarations`: of `settings`.
  App(Options options, const LoadedSettings& loaded, std::vector<Declaration> declarations,
      Notifier notifier, std::size_t descriptors);

  /// Serves `socket` until a signal ends it.
  ExitCode run(uds::ListeningSocket socket);

 private:
  void run_loop();
  void await_signal();
  void on_signal(int number);
  void drain(std::string_view cause);
  void stop_now();
  ConfigErrors reload() override;
  [[nodiscard]] uds::LogLevel log_level() const override { return log_.level(); }
  void set_log_level(uds::LogLevel level) override;
  void shut_down(bool now) override;
  [[nodiscard]] const uds::Server& server() const override { return server_; }
  [[nodiscard]] const uds::Router& commands() const override { return commands_; }
  [[nodiscard]] EventHub& events() override { return events_; }
  [[nodiscard]] RunTable& runs() override { return runs_; }
  [[nodiscard]] const Catalog& catalog() const override { return catalog_; }
  void find_runs();
  void feed_watchdog();
  void apply(const Settings& settings);
  void report_start(bool adopted);
  /// What the service manager shows of udsd.
  [[nodiscard]] std::string status() const;
  /// Tells the service manager soon.
  void renew_status();

  boost::asio::io_context io_;
  Options options_;
  Settings settings_;
  Notifier notifier_;
  std::size_t descriptors_;
  uds::Log log_;
  EventHub events_;
  uds::Server server_;
  uds::Router& commands_;
  RunTable runs_;
  Catalog catalog_;
  /// The rules that commands have without a configuration.
  std::map<std::string, uds::Access> own_rules_;
  boost::asio::signal_set signals_;
  boost::asio::steady_timer last_call_;
  boost::asio::steady_timer watchdog_;
  boost::asio::steady_timer status_timer_;
  std::string path_;  // of the socket that is served
  bool status_due_ = false;
  bool draining_ = false;
};

}  // namespace udsd
