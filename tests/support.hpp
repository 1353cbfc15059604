// Helpers for the unit tests: a directory of their own and the one way to skip what a machine
// cannot run.
//
// Everything is inline, so that a test file only includes this. Nothing here waits or sleeps.
#pragma once

#include <gtest/gtest.h>
#include <stdlib.h>

#include <cerrno>
#include <cstdio>
#include <filesystem>
#include <string>
#include <string_view>
#include <system_error>

namespace uds_test {

/// A new directory under $TMPDIR (or /tmp), removed with everything in it at the end.
class TempDir {
 public:
  TempDir() {
    const char* base = ::getenv("TMPDIR");
    path_ = std::string(base != nullptr && *base != '\0' ? base : "/tmp") + "/uds-XXXXXX";
    if (::mkdtemp(path_.data()) == nullptr)
      throw std::system_error(errno, std::generic_category(), "mkdtemp " + path_);
  }
  TempDir(const TempDir&) = delete;
  TempDir& operator=(const TempDir&) = delete;
  ~TempDir() {
    std::error_code ignored;
    std::filesystem::remove_all(path_, ignored);
  }

  [[nodiscard]] const std::string& path() const noexcept { return path_; }

 private:
  std::string path_;
};

/// True when the test can run. Otherwise says what is missing, and with UDS_REQUIRE_ALL=1 makes
/// that a failure:
///     if (!uds_test::should_run(geteuid() == 0, "root")) GTEST_SKIP();
[[nodiscard]] inline bool should_run(bool available, std::string_view what_is_missing) {
  if (available) return true;
  const std::string missing(what_is_missing);
  std::printf("skipped, this test needs: %s\n", missing.c_str());
  const char* require_all = ::getenv("UDS_REQUIRE_ALL");
  if (require_all != nullptr && std::string_view(require_all) == "1")
    ADD_FAILURE() << "UDS_REQUIRE_ALL=1 and this test needs: " << missing;
  return false;
}

}  // namespace uds_test
