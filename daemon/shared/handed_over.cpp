// Bodies of handed_over.hpp.
#include "shared/handed_over.hpp"

#include <utility>

namespace udsd {

std::map<std::string, std::string> environment_of(const Declaration& declared,
                                                  const Account& target, const CallerName& caller,
                                                  const std::string& run) {
  std::map<std::string, std::string> all{
      {"PATH", "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"},
      {"LANG", "C.UTF-8"},
      {"HOME", target.home},
      {"USER", target.name},
      {"LOGNAME", target.name},
      {"SHELL", target.shell},
      {"UDS_COMMAND", declared.name},
      {"UDS_RUN_ID", run},
      {"UDS_CALLER_UID", std::to_string(caller.uid)},
      {"UDS_CALLER_USER", caller.user},
      {"UDS_PROGRESS_FD", std::to_string(kProgressDescriptor)}};
  for (const auto& [name, value] : declared.environment) all.insert_or_assign(name, value);
  return all;
}

std::vector<HandedPath> hand_over_paths(const Declaration& declared, ArgumentTexts& values) {
  std::vector<HandedPath> paths;
  for (auto& [name, texts] : values) {
    const Parameter* parameter = declared.parameter(name);
    if (parameter == nullptr || parameter->type != Parameter::Type::Path) continue;
    for (std::string& text : texts) {
      const int number = kFirstPath + static_cast<int>(paths.size());
      paths.push_back({name, number, parameter->below, parameter->part_below(text).value_or(text)});
      text = "/proc/self/fd/" + std::to_string(number);
    }
  }
  return paths;
}

}  // namespace udsd
