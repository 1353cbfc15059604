// Bodies of spool.hpp. Size in little endian, stream, three zero bytes.
#include "shared/spool.hpp"

namespace udsd::spool {

std::array<unsigned char, kHeaderBytes> encode(const Header& header) noexcept {
  std::array<unsigned char, kHeaderBytes> out{};
  for (std::size_t at = 0; at < 4; ++at)
    out[at] = static_cast<unsigned char>(header.size >> (8 * at));
  out[4] = static_cast<unsigned char>(header.stream);
  return out;
}

std::optional<Header> decode(std::span<const unsigned char, kHeaderBytes> bytes) noexcept {
  Header header;
  for (std::size_t at = 0; at < 4; ++at) header.size |= std::uint32_t{bytes[at]} << (8 * at);
  const bool sound = header.size > 0 && header.size <= kMostRecordBytes &&
                     bytes[4] <= static_cast<unsigned char>(Stream::Notice) && bytes[5] == 0 &&
                     bytes[6] == 0 && bytes[7] == 0;
  if (!sound) return std::nullopt;
  header.stream = static_cast<Stream>(bytes[4]);
  return header;
}

}  // namespace udsd::spool
