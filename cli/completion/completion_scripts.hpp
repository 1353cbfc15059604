// The completion scripts of cli/completion, which CMake puts into the program.
#pragma once

#include <span>
#include <string_view>

namespace udsctl {

struct CompletionScript {
  std::string_view shell;
  std::string_view text;
};

/// One for each shell.
std::span<const CompletionScript> completion_scripts();

}  // namespace udsctl
