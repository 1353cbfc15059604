// Bodies of spool_file.hpp.
#include "exec/spool_file.hpp"

#include <sys/stat.h>
#include <sys/uio.h>
#include <unistd.h>

#include <array>
#include <cerrno>

namespace udsd {

uds::Result<void, int> append_record(int file, spool::Stream stream, std::string_view bytes) {
  auto header = spool::encode({static_cast<std::uint32_t>(bytes.size()), stream});
  const std::array<iovec, 2> pieces{iovec{header.data(), header.size()},
                                    iovec{const_cast<char*>(bytes.data()), bytes.size()}};
  const off_t before = ::lseek(file, 0, SEEK_END);
  if (before < 0) return errno;
  ssize_t size = 0;
  do {
    size = ::writev(file, pieces.data(), pieces.size());
  } while (size < 0 && errno == EINTR);
  if (size == static_cast<ssize_t>(header.size() + bytes.size())) return {};
  const int why = size < 0 ? errno : ENOSPC;
  if (size > 0 && ::ftruncate(file, before) != 0) return errno;
  return why;
}

SpoolSizes count_records(int file) {
  SpoolSizes sizes;
  struct stat status{};
  if (::fstat(file, &status) != 0) return sizes;
  std::array<unsigned char, spool::kHeaderBytes> bytes{};
  off_t at = 0;
  while (::pread(file, bytes.data(), bytes.size(), at) == static_cast<ssize_t>(bytes.size())) {
    const auto header = spool::decode(bytes);
    if (!header) break;
    at += static_cast<off_t>(bytes.size() + header->size);
    if (at > status.st_size) break;
    if (header->stream == spool::Stream::Stdout) sizes.of_stdout += header->size;
    if (header->stream == spool::Stream::Stderr) sizes.of_stderr += header->size;
  }
  return sizes;
}

}  // namespace udsd
