// SHA-256 (FIPS 180-4), by nettle: what a declaration is known by, and what a run has written.
#pragma once

#include <nettle/sha2.h>

#include <string>
#include <string_view>

namespace udsd {

/// The digest of everything that was given to update(), in any pieces. A value: a copy goes on by
/// itself.
class Sha256 {
 public:
  Sha256();

  void update(std::string_view bytes);
  /// 64 hexadecimal digits in lower case. What comes after belongs to a new digest.
  [[nodiscard]] std::string hex_digest();

 private:
  sha256_ctx context_;
};

}  // namespace udsd
