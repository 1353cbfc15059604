// Bodies of exec_template.hpp.
#include "declared/exec_template.hpp"

#include <algorithm>
#include <utility>

namespace udsd {
namespace {

/// What ends options for the programs that follow the convention of getopt(3).
constexpr std::string_view kEndOfOptions = "--";

}  // namespace

bool is_argument_name(std::string_view name) {
  const auto is_letter = [](char c) { return c >= 'a' && c <= 'z'; };
  return !name.empty() && is_letter(name.front()) && std::ranges::all_of(name, [&](char c) {
    return is_letter(c) || (c >= '0' && c <= '9') || c == '_';
  });
}

uds::Result<ExecTemplate::Element, std::string> ExecTemplate::Element::parse(
    std::string_view text) {
  using namespace std::string_literals;
  Element element;
  for (std::size_t at = 0; at < text.size(); ++at) {
    const char c = text[at];
    std::string& out = element.literal() ? element.before_ : element.after_;
    if (c == '\0') return "a NUL cannot be part of an argument"s;
    if (c != '{' && c != '}') {
      out += c;
    } else if (at + 1 < text.size() && text[at + 1] == c) {
      out += c;
      ++at;
    } else if (c == '}') {
      return "a brace that closes nothing; write }} for one"s;
    } else {
      const std::size_t end = text.find('}', at);
      const std::string_view name = text.substr(at + 1, end == text.npos ? end : end - at - 1);
      if (end == text.npos || !is_argument_name(name))
        return "a place is written {name}, with the name of an argument; write {{ for a brace"s;
      if (!element.literal()) return "an element has one place at most; divide it"s;
      element.argument_ = name;
      at = end;
    }
  }
  return element;
}

std::string ExecTemplate::Element::with(std::string_view value) const {
  std::string out = before_;
  out += value;
  out += after_;
  return out;
}

uds::Result<ExecTemplate, std::string> ExecTemplate::make(std::vector<Part> parts) {
  using namespace std::string_literals;
  const bool begins_right = !parts.empty() && !parts.front().group &&
                            parts.front().elements.size() == 1 &&
                            parts.front().elements.front().literal() &&
                            parts.front().elements.front().with({}).starts_with('/');
  if (!begins_right)
    return "the first element is the absolute path of the program, without a place"s;
  for (const Part& part : parts) {
    if (!part.group) continue;
    if (std::ranges::all_of(part.elements, &Element::literal))
      return "a group vanishes with its arguments, so it has a place for one"s;
  }
  return ExecTemplate(std::move(parts));
}

std::string ExecTemplate::program() const {
  return parts_.front().elements.front().with({});
}

std::vector<std::string> ExecTemplate::arguments() const {
  std::vector<std::string> names;
  for (const Part& part : parts_)
    for (const Element& element : part.elements)
      if (!element.literal() && std::ranges::find(names, element.argument()) == names.end())
        names.push_back(element.argument());
  return names;
}

bool ExecTemplate::refuses_hyphen(
    std::string_view argument, const std::function<bool(const std::string&)>& always_there) const {
  bool options_ended = false;
  for (const Part& part : parts_) {
    bool ended_here = options_ended;
    bool may_vanish = false;
    for (const Element& element : part.elements) {
      if (element.literal()) {
        ended_here = ended_here || element.with({}) == kEndOfOptions;
        continue;
      }
      if (element.argument() == argument && !ended_here && !element.begins_literally()) return true;
      may_vanish = may_vanish || (part.group && !always_there(element.argument()));
    }
    if (!may_vanish) options_ended = ended_here;
  }
  return false;
}

uds::Result<std::vector<std::string>, std::string> ExecTemplate::expand(
    const ArgumentTexts& values) const {
  const auto is_there = [&values](const Element& element) {
    if (element.literal()) return true;
    const auto found = values.find(element.argument());
    return found != values.end() && !found->second.empty();
  };
  std::vector<std::string> argv;
  bool options_ended = false;
  for (const Part& part : parts_) {
    if (part.group && !std::ranges::all_of(part.elements, is_there)) continue;
    for (const Element& element : part.elements) {
      if (element.literal()) {
        argv.push_back(element.with({}));
        options_ended = options_ended || argv.back() == kEndOfOptions;
        continue;
      }
      const auto found = values.find(element.argument());
      if (found == values.end()) return element.argument() + " has no value";
      for (const std::string& value : found->second) {
        if (!options_ended && !element.begins_literally() && value.starts_with('-'))
          return element.argument() +
                 " must not begin with a hyphen: the program could take it for an option";
        argv.push_back(element.with(value));
      }
    }
  }
  return argv;
}

}  // namespace udsd
