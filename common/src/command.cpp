// Bodies of uds/command.hpp.
#include "uds/command.hpp"

#include <stdexcept>

#include "uds/message.hpp"

namespace uds {

Command::Command(std::string name) : name_(std::move(name)) {
  if (!is_command_name(name_)) throw std::invalid_argument("not a command name: " + name_);
}

Command& Command::arg(std::string name, schema::Value value) {
  args_.property(std::move(name), std::move(value));
  return *this;
}

Json Command::describe() const {
  Json out = Json::object();
  out["name"] = name_;
  out["summary"] = summary_;
  out["args"] = args_.to_json();
  out["streaming"] = streaming_;
  out["access"] = access_.to_string();
  return out;
}

}  // namespace uds
