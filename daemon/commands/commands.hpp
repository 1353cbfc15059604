// The built-in commands of udsd: one file each, and one table that registers them.
#pragma once

#include <array>
#include <string_view>

#include "uds/call.hpp"
#include "uds/command.hpp"
#include "uds/message.hpp"
#include "uds/router.hpp"

namespace udsd {

/// Every command that [access] of udsd.toml may name: those of libuds, then those registered here.
inline constexpr std::array<std::string_view, 7> kCommandNames{
    "ping", "hello", "help", "cancel", "echo", "countdown", "message"};

/// Adds udsd's commands to those that every uds::Server has.
void register_commands(uds::Router& router);

uds::Command describe_echo();
uds::Response echo(uds::Call& call);

uds::Command describe_countdown();
uds::Task<uds::Response> countdown(uds::Call& call);

uds::Command describe_message();
uds::Response acknowledge_message(uds::Call& call);

}  // namespace udsd
