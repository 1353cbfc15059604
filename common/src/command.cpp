// Bodies of uds/command.hpp.
#include "uds/command.hpp"

#include <algorithm>
#include <stdexcept>

#include "uds/message.hpp"

namespace uds {

namespace {

/// A key as a segment of a JSON pointer (RFC 6901), cut so that a long foreign key does not come
/// back whole.
std::string pointer_to(std::string_view key) {
  std::string out = "/";
  for (const char c : key.substr(0, 64)) {
    if (c == '~')
      out += "~0";
    else if (c == '/')
      out += "~1";
    else
      out += c;
  }
  return out;
}

}  // namespace

Command::Command(std::string name) : name_(std::move(name)) {
  if (!is_command_name(name_)) throw std::invalid_argument("not a command name: " + name_);
}

Command& Command::arg(std::string name, schema::Value value) {
  args_.emplace_back(std::move(name), std::move(value));
  return *this;
}

std::vector<schema::Violation> Command::check(Json& args) const {
  std::vector<schema::Violation> out;
  if (any_args_) return out;
  for (const auto& [key, value] : args.items()) {
    const auto declared = std::ranges::find(args_, key, [](const auto& arg) { return arg.first; });
    if (declared == args_.end())
      out.emplace_back(pointer_to(key), "is not an argument of " + name_);
    else
      declared->second.check(value, pointer_to(key), out);
  }
  for (const auto& [key, value] : args_) {
    if (args.contains(key)) continue;
    if (value.default_value())
      args[key] = *value.default_value();
    else if (value.is_required())
      out.emplace_back(pointer_to(key), "is required");
  }
  return out;
}

Json Command::describe() const {
  Json schema = Json::object();
  schema["type"] = "object";
  Json required = Json::array();
  Json properties = Json::object();
  for (const auto& [key, value] : args_) {
    properties[key] = value.to_json();
    if (value.is_required()) required.push_back(key);
  }
  if (!args_.empty()) schema["properties"] = std::move(properties);
  if (!required.empty()) schema["required"] = std::move(required);
  schema["additionalProperties"] = any_args_;

  Json out = Json::object();
  out["name"] = name_;
  out["summary"] = summary_;
  out["args"] = std::move(schema);
  out["streaming"] = streaming_;
  out["access"] = access_.to_string();
  return out;
}

}  // namespace uds
