// The built-in commands of udsd: one file each, and one table that registers them.
#pragma once

#include "commands/control.hpp"
#include "uds/call.hpp"
#include "uds/command.hpp"
#include "uds/message.hpp"
#include "uds/router.hpp"

namespace udsd {

/// Adds udsd's commands to those that every uds::Server has. `control` must outlive the router.
void register_commands(uds::Router& router, Control& control);

uds::Command describe_echo();
uds::Response echo(uds::Call& call);

uds::Command describe_countdown();
uds::Task<uds::Response> countdown(uds::Call& call);

uds::Command describe_message();
uds::Response acknowledge_message(uds::Call& call);

uds::Command describe_connections();
uds::Response connections(Control& control, uds::Call& call);

uds::Command describe_events();
uds::Task<uds::Response> events(Control& control, uds::Call& call);

uds::Command describe_stats();
uds::Response stats(Control& control, uds::Call& call);

uds::Command describe_log_level();
uds::Response log_level(Control& control, uds::Call& call);

uds::Command describe_reload();
uds::Response reload(Control& control, uds::Call& call);

uds::Command describe_shutdown();
uds::Response shut_down(Control& control, uds::Call& call);

// Runs of declared commands, and who may do what with them. Their rules are those of each run: they
// are not in kCommandNames.

uds::Command describe_run_list();
uds::Task<uds::Response> run_list(Control& control, uds::Call& call);

uds::Command describe_run_show();
uds::Response run_show(Control& control, uds::Call& call);

uds::Command describe_run_attach();
uds::Task<uds::Response> run_attach(Control& control, uds::Call& call);

uds::Command describe_run_wait();
uds::Task<uds::Response> run_wait(Control& control, uds::Call& call);

uds::Command describe_run_cancel();
uds::Task<uds::Response> run_cancel(Control& control, uds::Call& call);

uds::Command describe_run_detach();
uds::Task<uds::Response> run_detach(Control& control, uds::Call& call);

uds::Command describe_can_i();
uds::Task<uds::Response> can_i(Control& control, uds::Call& call);

uds::Command describe_explain();
uds::Task<uds::Response> explain(Control& control, uds::Call& call);

uds::Command describe_audit();
uds::Task<uds::Response> audit(Control& control, uds::Call& call);

}  // namespace udsd
