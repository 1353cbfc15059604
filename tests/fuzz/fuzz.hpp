// What the fuzz targets share: the entry point, a check that ends the program, and bytes in pieces.
//
// Each target is one file with the entry point. It is linked either with libFuzzer, which invents
// inputs, or with replay.cpp, which runs kept ones.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <string_view>

// The name that libFuzzer looks for.
// NOLINTNEXTLINE(readability-identifier-naming)
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size);

namespace uds_fuzz {

/// Ends the program when `holds` is false: what must hold for every input did not.
inline void check(bool holds, const char* what) {
  if (holds) return;
  std::fprintf(stderr, "invariant broken: %s\n", what);
  std::abort();
}

inline std::string_view text_of(const std::uint8_t* data, std::size_t size) {
  return {reinterpret_cast<const char*>(data), size};
}

/// Copies `bytes` into a reader that has prepare() and commit().
template <class Reader>
void feed(Reader& reader, std::string_view bytes) {
  const auto room = reader.prepare(bytes.size());
  check(room.size() >= bytes.size(), "prepare() gives the room it was asked for");
  std::copy(bytes.begin(), bytes.end(), room.begin());
  reader.commit(bytes.size());
}

/// Cuts `bytes` into pieces of 1 to 143 bytes. The same bytes are always cut in the same way.
template <class Take>
void for_each_piece(std::string_view bytes, Take take) {
  std::uint32_t state = static_cast<std::uint32_t>(bytes.size()) * 2654435761U + 1U;
  while (!bytes.empty()) {
    state = state * 1664525U + 1013904223U + static_cast<unsigned char>(bytes.front());
    const std::size_t size = std::min<std::size_t>(bytes.size(), 1 + (state >> 16U) % 143U);
    take(bytes.substr(0, size));
    bytes.remove_prefix(size);
  }
}

}  // namespace uds_fuzz
