// What udsctl doctor makes of the facts: a finding for each check, and how to mend what is wrong.
// Pure, but that XDG_RUNTIME_DIR tells the private instance, and how to start it.
//
// The checks follow the way of a request. The first that fails is the last: what lies behind it
// cannot be known.
#pragma once

#include "doctor/socket_facts.hpp"

#include "uds/error.hpp"
#include "uds/json.hpp"

#include <string>
#include <string_view>
#include <vector>

namespace udsctl {

enum class State { Ok, Warning, Failed };
std::string_view to_string(State state) noexcept;

struct Finding {
  std::string check;
  State state = State::Ok;
  std::string message;
  std::string fix;  // a command or a sentence; empty where all is well
};

/// All checks of a socket whose path is known.
std::vector<Finding> diagnose(const Facts& facts);

/// The single checks.
Finding check_path(const std::string& path);
std::vector<Finding> check_directories(const std::string& path, const Route& route);
Finding check_socket(const std::string& path, const Route& route);
Finding check_permission(const Access& access);
Finding check_connection(const Facts& facts);
Finding check_answer(const Facts& facts);
/// `hello`: the data of the answer to hello. `own`: the version of udsctl.
Finding check_version(const uds::Json& hello, std::string_view own);
Finding check_caller(const uds::Json& hello);

/// A line for people, or two where there is something to mend; each with its end.
std::string to_text(const Finding& finding, bool colour);
/// One line of JSON with its end.
std::string to_json_line(const Finding& finding);

}  // namespace udsctl
