// The sentences of uds::Errc and how they travel in Error and Result.
#include "uds/error.hpp"

#include <gtest/gtest.h>

#include <cerrno>
#include <set>
#include <string>

#include "uds/result.hpp"

namespace {

using uds::Errc;

TEST(ErrorCategory, EveryCodeHasItsOwnSentenceWithARemedy) {
  std::set<std::string> sentences;
  for (int value = 1; value <= static_cast<int>(Errc::NotARequest); ++value) {
    const std::error_code code = static_cast<Errc>(value);
    EXPECT_STREQ(code.category().name(), "uds");
    EXPECT_EQ(code.value(), value);
    const std::string sentence = code.message();
    EXPECT_EQ(sentence.find("unknown failure"), std::string::npos) << value;
    EXPECT_NE(sentence.find("; "), std::string::npos) << "no remedy in: " << sentence;
    EXPECT_NE(sentence.back(), '.') << sentence;
    EXPECT_EQ(sentence.find('\n'), std::string::npos) << sentence;
    EXPECT_TRUE(sentences.insert(sentence).second) << "twice: " << sentence;
  }
}

TEST(ErrorCategory, AnUnknownNumberStillHasASentence) {
  for (const int value : {0, -1, static_cast<int>(Errc::NotARequest) + 1})
    EXPECT_EQ(uds::error_category().message(value).rfind("unknown failure", 0), 0U) << value;
}

TEST(Error, TakesTheSentenceOfItsCodeOrABetterOne) {
  const uds::Error plain = Errc::InUse;
  EXPECT_TRUE(plain.is(Errc::InUse));
  EXPECT_FALSE(plain.is(Errc::BadPath));
  EXPECT_EQ(plain.message(), make_error_code(Errc::InUse).message());

  const uds::Error precise(Errc::InUse, "pid 812 has it");
  EXPECT_TRUE(precise.is(Errc::InUse));
  EXPECT_EQ(precise.message(), "pid 812 has it");
}

TEST(Error, OfASystemCallKeepsErrno) {
  const uds::Error error = uds::Error::from_errno("cannot open /x", ENOENT);
  EXPECT_EQ(error.code(), std::errc::no_such_file_or_directory);
  EXPECT_EQ(error.message(), "cannot open /x: No such file or directory");
  EXPECT_FALSE(error.is(static_cast<Errc>(ENOENT))) << "the number alone is not the code";
}

TEST(Result, HoldsAValueOrTheReasonThereIsNone) {
  const uds::Result<int> good = 7;
  ASSERT_TRUE(good);
  EXPECT_EQ(*good, 7);
  EXPECT_THROW(static_cast<void>(good.error()), std::bad_variant_access);

  const uds::Result<int> bad = Errc::Deadline;
  ASSERT_FALSE(bad);
  EXPECT_TRUE(bad.error().is(Errc::Deadline));
  EXPECT_THROW(static_cast<void>(*bad), std::bad_variant_access);
}

}  // namespace
