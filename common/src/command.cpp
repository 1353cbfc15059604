// Bodies of uds/command.hpp.
#include "uds/command.hpp"

#include <stdexcept>

#include "uds/descriptors.hpp"
#include "uds/message.hpp"

namespace uds {

Command::Command(std::string name) : name_(std::move(name)) {
  if (!is_command_name(name_)) throw std::invalid_argument("not a command name: " + name_);
}

Command& Command::arg(std::string name, schema::Value value) {
  args_.property(std::move(name), std::move(value));
  return *this;
}

Command& Command::descriptors(std::size_t least, std::size_t most) {
  if (most == 0 || most > Descriptors::kMost || least > most)
    throw std::invalid_argument("a command cannot take so many descriptors: " + name_);
  least_descriptors_ = least;
  most_descriptors_ = most;
  return *this;
}

[[gnu::hot]] std::vector<schema::Violation> Command::check(Json& args) const {
  if (args.is_null()) {
    if (!args_.has_properties()) return {};
    args = Json::object();
  }
  return args_.check(args);
}

Json Command::describe() const {
  Json out = Json::object();
  out["name"] = name_;
  out["summary"] = summary_;
  out["args"] = args_.to_json();
  out["streaming"] = streaming_;
  if (detachable_) out["detachable"] = true;
  if (takes_descriptors()) {
    Json& descriptors = out["descriptors"] = Json::object();
    descriptors["min"] = least_descriptors_;
    descriptors["max"] = most_descriptors_;
  }
  out["access"] = access_.to_string();
  return out;
}

}  // namespace uds
