// Body of run_id.hpp.
#include "runs/run_id.hpp"

#include "output.hpp"
#include "visible_text.hpp"

#include <algorithm>
#include <string>

namespace udsctl {

bool is_run_id(std::string_view word) {
  constexpr std::size_t kDigits = 20;
  return word.size() == kDigits &&
         word.find_first_not_of("0123456789abcdef") == std::string_view::npos;
}

bool are_run_ids(const Options& options) {
  return !options.arguments.empty() &&
         std::all_of(options.arguments.begin(), options.arguments.end(), is_run_id);
}

Exit wants_a_run(const Options& options) {
  for (const std::string& word : options.arguments)
    if (!is_run_id(word))
      return fail(Exit::Usage, visible(word) +
                                   " is no id of a run, which has 20 digits, 0 to 9 and a to f; "
                                   "udsctl runs shows them");
  return fail(Exit::Usage, options.verb +
                               (options.arguments.empty() ? " needs the id of a run"
                                                          : " takes the id of one run") +
                               "; udsctl runs shows them");
}

}  // namespace udsctl
