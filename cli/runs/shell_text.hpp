// Words as a shell reads them, to be copied from a terminal. Pure.
#pragma once

#include <string>
#include <string_view>

namespace udsctl {

/// `word` as one word of a POSIX shell: in quotes where it needs them.
std::string shell_word(std::string_view word);

}  // namespace udsctl
