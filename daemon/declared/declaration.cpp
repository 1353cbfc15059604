// Body of declaration.hpp.
#include "declared/declaration.hpp"

#include <algorithm>
#include <cstddef>

#include "uds/log.hpp"

namespace udsd {
namespace {

std::string too_long() {
  return "the arguments are longer than " + std::to_string(kMostValuesBytes) + " bytes together";
}

std::size_t bytes_of(const ArgumentTexts& all) {
  std::size_t bytes = 0;
  for (const auto& [name, texts] : all)
    for (const std::string& text : texts) bytes += text.size();
  return bytes;
}

template <class Number>
std::string name_of(const std::map<Number, std::string>& names, Number number) {
  const auto name = names.find(number);
  return name == names.end() ? std::to_string(number) : name->second;
}

}  // namespace

std::string AccountNames::user(uid_t uid) const {
  return name_of(users, uid);
}

std::string AccountNames::group(gid_t gid) const {
  return name_of(groups, gid);
}

const Parameter* Declaration::parameter(std::string_view name_of_it) const noexcept {
  const auto found = std::ranges::find(parameters, name_of_it, &Parameter::name);
  return found == parameters.end() ? nullptr : &*found;
}

bool Declaration::refuses_hyphen(std::string_view argument) const {
  return exec.refuses_hyphen(argument, [this](const std::string& each) {
    const Parameter* known = parameter(each);
    return known != nullptr && known->always_there();
  });
}

uds::schema::Value Declaration::arguments() const {
  uds::schema::Value all = uds::schema::object();
  for (const Parameter& each : parameters) all.property(each.name, each.schema());
  return all;
}

uds::Result<ArgumentTexts, std::string> Declaration::texts(const uds::Json& values) const {
  ArgumentTexts all;
  for (const Parameter& each : parameters) {
    const auto value = values.find(each.name);
    if (value == values.end()) continue;
    auto texts_of_it = each.texts(*value);
    if (!texts_of_it) return texts_of_it.error();
    all.emplace(each.name, *std::move(texts_of_it));
  }
  if (bytes_of(all) > kMostValuesBytes) return too_long();
  return all;
}

std::optional<std::string> Declaration::problem(const ArgumentTexts& all) const {
  for (const auto& [argument, texts_of_it] : all) {
    const Parameter* known = parameter(argument);
    if (known == nullptr) return uds::log_quote(argument) + " is no argument of " + name;
    if (auto why = known->problem(texts_of_it)) return why;
  }
  for (const Parameter& each : parameters)
    if ((each.required || each.fallback) && !all.contains(each.name))
      return each.name + " is missing";
  if (bytes_of(all) > kMostValuesBytes) return too_long();
  return std::nullopt;
}

}  // namespace udsd
