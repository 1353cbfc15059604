// What a command writes: from its pipes into the spool, within the limit, with a digest of each
// stream. Owns the reading ends of the pipes.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "declared/declaration.hpp"
#include "exec/records.hpp"
#include "shared/sha256.hpp"
#include "shared/spool.hpp"
#include "uds/fd.hpp"

namespace udsd {

/// How many bytes at the end of `text`, at most 3, begin a UTF-8 sequence that is not whole yet.
std::size_t unfinished_utf8(std::string_view text) noexcept;

class Output {
 public:
  /// `file`: the spool, which must outlive this.
  Output(int file, const OutputRule& rule) : file_(file), rule_(rule) {}

  /// The reading ends, which become non-blocking.
  void attach(uds::Fd out, uds::Fd err, uds::Fd progress);
  /// The descriptors to wait for; -1 where a stream has ended.
  [[nodiscard]] std::array<int, 3> descriptors() const noexcept;

  /// Reads stream `which` of descriptors() once. True if the spool has grown.
  bool read(std::size_t which);
  /// Reads what is there now and closes all of them; true if the spool has grown. Whether the other
  /// ends are closed is not waited for: something outside of the run may hold one.
  bool drain();

  /// Why the run must end.
  struct Failure {
    std::string reason;
    bool too_long = false;  ///< beyond its limit; else the spool cannot be written
  };
  /// Once.
  [[nodiscard]] std::optional<Failure> take_failure();
  /// Puts sizes and digests into `result`. Called once.
  void describe(RunResult& result);

 private:
  struct Source {
    uds::Fd descriptor;
    std::string held;  // begins what comes next
    Sha256 digest;
    std::uint64_t bytes = 0;  // in the spool
  };

  /// Whether there was something.
  bool take(std::size_t which);
  void store(Source& source, spool::Stream stream, std::string_view bytes);
  void store_lines(Source& source);
  void append(spool::Stream stream, std::string_view bytes);
  void end(std::size_t which);
  void fail(Failure why);

  int file_;
  OutputRule rule_;
  std::array<Source, 3> sources_;  // stdout, stderr, progress
  std::uint64_t dropped_ = 0;
  bool grown_ = false;
  bool failed_ = false;
  bool too_long_ = false;  // the progress line that comes is
  std::optional<Failure> failure_;
};

}  // namespace udsd
