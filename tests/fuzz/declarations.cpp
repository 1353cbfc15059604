// Fuzzes the reader of declarations: it gives commands that are whole, or errors that each fit on
// one line and say where.
#include <cstdint>
#include <string>

#include "declared/read_declarations.hpp"
#include "fuzz.hpp"

namespace {

using uds_fuzz::check;

const std::string kPath = "fuzz.toml";

void check_declaration(const udsd::Declaration& declared) {
  check(!declared.name.empty() && !declared.hash.empty(), "a command has a name and a hash");
  check(declared.exec.program().starts_with('/'), "the program is found without a search");
  check(declared.origin.file == kPath && declared.origin.line > 0,
        "a command says where it is from");
}

void check_error(const std::string& error) {
  check(error.starts_with(kPath + ":"), "an error begins with the file");
  for (const char c : error)
    check(static_cast<unsigned char>(c) >= 0x20 && c != 0x7f, "an error is one printable line");
}

}  // namespace

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text = uds_fuzz::text_of(data, size);
  for (const bool system : {true, false}) {
    const auto read = udsd::read_declarations(text, kPath, {system, 1, 0});
    if (read) {
      for (const udsd::Declaration& declared : *read) check_declaration(declared);
      continue;
    }
    check(!read.error().empty(), "a refusal has a reason");
    for (const std::string& error : read.error()) check_error(error);
  }
  return 0;
}
