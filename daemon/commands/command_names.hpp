// The names of the commands of udsd, apart from the commands themselves: whoever reads udsd.toml
// needs to know them and no more.
#pragma once

#include <array>
#include <string_view>

namespace udsd {

/// Every command that [access] of udsd.toml may name: those of libuds, then those registered here.
inline constexpr std::array<std::string_view, 13> kCommandNames{
    "ping",        "hello",  "help",  "cancel",    "echo",   "countdown", "message",
    "connections", "events", "stats", "log-level", "reload", "shutdown"};

}  // namespace udsd
