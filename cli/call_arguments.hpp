// The arguments of `udsctl call` and `run`: words of a command line become a JSON object, by what
// the daemon says of the command. Pure but for files that are named.
#pragma once

#include "uds/json.hpp"
#include "uds/result.hpp"

#include <functional>
#include <string>
#include <string_view>
#include <vector>

namespace udsctl {

/// The content of a file.
using ReadFile = std::function<uds::Result<std::string>(const std::string& path)>;

/// `words` in these forms, in any order. The same name twice adds an item where the argument is an
/// array, and is refused elsewhere:
///   name=value      of the type that `schema` gives the argument; a text where it gives none
///   outer.name=value  within an object
///   name=@file      the content of a file, as a value above
///   name:=json      any JSON
///   --name value, --name=value  as the first, but an @ means nothing; `-` in a name stands for `_`
///   where the schema has it
///   --name, --no-name  true and false, for a boolean
/// `schema`: JSON Schema of the arguments, as `help` of the daemon gives it. Error: a sentence.
uds::Result<uds::Json, std::string> read_arguments(const uds::Json& schema,
                                                   const std::vector<std::string>& words,
                                                   const ReadFile& read_file);

/// A secret that `schema` demands and `arguments` lack; empty where there is none.
std::string missing_secret(const uds::Json& schema, const uds::Json& arguments);
/// How to give the secret `name`, as a sentence.
std::string advice_for_secret(std::string_view name);

}  // namespace udsctl
