// The program and arguments of a declared command, with places for the caller's values. Pure.
//
// A place is within one argument and never makes two of it: nothing is split, quoted or expanded,
// and there is no shell. A value that could be taken for an option is refused where it could.
#pragma once

#include <functional>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "uds/result.hpp"

namespace udsd {

/// The values of the arguments that are there, as text; several for an argument that spreads.
using ArgumentTexts = std::map<std::string, std::vector<std::string>, std::less<>>;

/// Whether `name` can be that of an argument: a lower-case letter, then such, digits and "_".
bool is_argument_name(std::string_view name);

class ExecTemplate {
 public:
  /// One argument of the program: a literal, or a place for a value with literals around it.
  class Element {
   public:
    /// `text` as declared: `{name}` is a place, `{{` and `}}` are braces. Error: what is wrong.
    static uds::Result<Element, std::string> parse(std::string_view text);

    /// The argument whose value stands here; empty in a literal.
    [[nodiscard]] const std::string& argument() const noexcept { return argument_; }
    [[nodiscard]] bool literal() const noexcept { return argument_.empty(); }
    /// Whether the value is all of it.
    [[nodiscard]] bool bare() const noexcept { return before_.empty() && after_.empty(); }
    /// Whether what begins it is the declaration's own.
    [[nodiscard]] bool begins_literally() const noexcept { return !before_.empty(); }
    [[nodiscard]] std::string with(std::string_view value) const;

   private:
    std::string before_;
    std::string argument_;
    std::string after_;
  };

  /// Elements that are there together: always, or in a group that vanishes where one of its
  /// arguments has no value, or an empty list of them.
  struct Part {
    std::vector<Element> elements;
    bool group = false;
  };

  /// `parts`: the first is one literal, the absolute path of the program. Error: what is wrong.
  static uds::Result<ExecTemplate, std::string> make(std::vector<Part> parts);

  [[nodiscard]] const std::vector<Part>& parts() const noexcept { return parts_; }
  /// The path of the program.
  [[nodiscard]] std::string program() const;
  /// The names of the arguments that have a place, each once, in order.
  [[nodiscard]] std::vector<std::string> arguments() const;
  /// Whether `argument` has a place where expand() can refuse a value that begins with a hyphen.
  /// `always_there`: whether an argument always has a value; a group of such never vanishes.
  [[nodiscard]] bool refuses_hyphen(
      std::string_view argument, const std::function<bool(const std::string&)>& always_there) const;

  /// The argument vector, the program first. Error: why a value may not stand where it would. Every
  /// argument outside of groups must have a value.
  [[nodiscard]] uds::Result<std::vector<std::string>, std::string> expand(
      const ArgumentTexts& values) const;

 private:
  explicit ExecTemplate(std::vector<Part> parts) : parts_(std::move(parts)) {}

  std::vector<Part> parts_;
};

}  // namespace udsd
