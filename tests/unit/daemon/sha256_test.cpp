// SHA-256 by the examples of its standard, in one piece and in many.
#include "shared/sha256.hpp"

#include <gtest/gtest.h>

#include <string>

namespace {

std::string digest_of(std::string_view text) {
  udsd::Sha256 digest;
  digest.update(text);
  return digest.hex_digest();
}

TEST(Sha256, KnowsTheExamplesOfTheStandard) {
  EXPECT_EQ(digest_of(""), "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
  EXPECT_EQ(digest_of("abc"), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
}

TEST(Sha256, PiecesMakeTheSameDigest) {
  const std::string text(1'000, 'x');
  udsd::Sha256 digest;
  for (const char byte : text) digest.update({&byte, 1});
  EXPECT_EQ(digest.hex_digest(), digest_of(text));
  EXPECT_EQ(digest.hex_digest(), digest_of("")) << "it begins anew";
}

}  // namespace
