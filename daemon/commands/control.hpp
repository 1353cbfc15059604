// What the administrative commands need of the running daemon. App implements it; the commands own
// nothing of it.
#pragma once

#include "config.hpp"
#include "event_hub.hpp"
#include "runs/catalog.hpp"
#include "runs/run_table.hpp"
#include "uds/log.hpp"
#include "uds/router.hpp"
#include "uds/server.hpp"

namespace udsd {

class Control {
 public:
  /// Reads the configuration again, all or nothing: what is wrong with it, or nothing when it was
  /// applied.
  virtual ConfigErrors reload() = 0;
  [[nodiscard]] virtual uds::LogLevel log_level() const = 0;
  /// Holds until the next change or reload.
  virtual void set_log_level(uds::LogLevel level) = 0;
  /// Begins to drain, or stops at once, as soon as the answer to the current request is on its way.
  virtual void shut_down(bool now) = 0;
  [[nodiscard]] virtual const uds::Server& server() const = 0;
  /// Every command there is.
  [[nodiscard]] virtual const uds::Router& commands() const = 0;
  [[nodiscard]] virtual EventHub& events() = 0;
  [[nodiscard]] virtual RunTable& runs() = 0;
  /// The declared commands.
  [[nodiscard]] virtual const Catalog& catalog() const = 0;

 protected:
  ~Control() = default;
};

}  // namespace udsd
