// Runs a fuzz target on kept inputs, without libFuzzer: each argument is a folder of them.
//
// A broken invariant ends the program, so that the name of the input is printed before it runs.
#include <filesystem>
#include <fstream>
#include <iostream>
#include <iterator>
#include <set>
#include <string>

#include "fuzz.hpp"

int main(int argc, char** argv) {
  std::set<std::filesystem::path> inputs;
  for (int i = 1; i < argc; ++i)
    for (const auto& entry : std::filesystem::directory_iterator(argv[i]))
      inputs.insert(entry.path());
  for (const std::filesystem::path& input : inputs) {
    std::ifstream file(input, std::ios::binary);
    const std::string bytes{std::istreambuf_iterator<char>(file), {}};
    std::cout << input.filename().string() << ", " << bytes.size() << " bytes" << std::endl;
    if (!file) return 1;
    LLVMFuzzerTestOneInput(reinterpret_cast<const std::uint8_t*>(bytes.data()), bytes.size());
  }
  if (inputs.empty()) std::cerr << "there is nothing to replay\n";
  return inputs.empty() ? 1 : 0;
}
